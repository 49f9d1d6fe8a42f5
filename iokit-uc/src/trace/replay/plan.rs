//! A trace, made ready to be answered from.

use super::port::{Input, Inputs, Port};
use super::words::Words;
use crate::backend::Function;
use crate::error::IoReturn;
use crate::trace::{Field, Trace, TracedCall};
use crate::value::Value;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What is known of a trace before anything is answered.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) trace: Trace,
    /// Of each call of the trace.
    pub(super) calls: Vec<Planned>,
    pub(super) classes: Vec<Class>,
    by_content: HashMap<u64, Vec<usize>>,
    /// The same when objects count as one that like calls gave.
    by_likeness: HashMap<u64, Vec<usize>>,
    /// The calls that drivers hear of, in the order in which they began.
    pub(super) drivers: Vec<usize>,
    /// Those of each connection.
    pub(super) connections: HashMap<Port, Vec<usize>>,
    pub(super) objects: Vec<Object>,
    /// What comes to each port of the recorded program, in order.
    pub(super) rights: Vec<Vec<Message>>,
    pub(super) memories: Vec<Memory>,
    /// The classes of the calls that are about an object.
    pub(super) classes_on: HashMap<usize, Vec<usize>>,
    /// The messages that calls have asked for, by their ports and their places there.
    pub(super) brought: HashMap<usize, Vec<(usize, usize)>>,
    /// The objects that tell of notifications.
    notifications: HashSet<usize>,
}

/// A call of the trace.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) inputs: Inputs,
    /// What it gave, by its outputs.
    pub(super) gives: Vec<(&'static str, Port)>,
    /// Which others are the same. None for those that the replay answers itself.
    pub(super) class: Option<usize>,
    /// What comes back with the messages that it asks for.
    pub(super) words: Option<Words>,
    /// What it mapped.
    pub(super) memory: Option<usize>,
}

/// Calls with the same inputs, in the order in which they began.
pub(super) struct Class {
    pub(super) calls: Vec<usize>,
    /// The first that is like it.
    pub(super) like: usize,
}

/// An object of the kernel's, from when the recorded program got a name of it until it had given back its last reference.
pub(super) struct Object {
    /// The line that it came with.
    pub(super) line: usize,
    /// How many calls drivers had heard of when the name was seen to be dead.
    pub(super) dead: Option<usize>,
    /// The first that a like call gave: another look for the same, or another connection to it.
    pub(super) like: usize,
}

/// A message that the recorded program received, or one that it could not.
pub(super) struct Message {
    /// The line of its receipt.
    pub(super) line: usize,
    /// How many calls drivers had heard of by then.
    pub(super) after: usize,
    /// The call that had asked for it.
    pub(super) asked: Option<usize>,
    /// The message, or why it was lost.
    pub(super) received: Result<Vec<u8>, IoReturn>,
    /// The ports in it, by the places of their names.
    pub(super) ports: Vec<(usize, Port, bool)>,
}

/// Memory that was mapped.
pub(super) struct Memory {
    pub(super) size: u64,
    /// Where it began.
    pub(super) address: u64,
    pub(super) protection: i32,
    pub(super) contents: Option<Vec<u8>>,
}

impl Plan {
    /// The class of calls with these inputs.
    pub(super) fn class_of(&self, function: Function, inputs: &Inputs) -> Option<usize> {
        self.class_among(self.trace.calls(), function, inputs)
    }

    pub(super) fn class_among(
        &self,
        calls: &[TracedCall],
        function: Function,
        inputs: &Inputs,
    ) -> Option<usize> {
        let alike = self.by_content.get(&content(function, inputs))?;
        alike.iter().copied().find(|&class| {
            let first = self.classes[class].calls[0];
            calls[first].function == function && self.calls[first].inputs == *inputs
        })
    }

    /// A class for a call that is like none before.
    pub(super) fn add_class(&mut self, calls: &[TracedCall], function: Function, inputs: &Inputs) -> usize {
        let likeness = self.likeness(inputs);
        let likeness_content = content(function, &likeness);
        let like = self.classes_like_among(calls, function, likeness).next();
        let class = self.classes.len();
        self.classes.push(Class { calls: Vec::new(), like: like.unwrap_or(class) });
        self.by_content.entry(content(function, inputs)).or_default().push(class);
        self.by_likeness.entry(likeness_content).or_default().push(class);
        class
    }

    /// What is looked up by calls and objects.
    pub(super) fn index(&mut self) {
        for (right, messages) in self.rights.iter().enumerate() {
            for (index, message) in messages.iter().enumerate() {
                if let Some(call) = message.asked {
                    self.brought.entry(call).or_default().push((right, index));
                }
            }
        }
        for (class, Class { calls, .. }) in self.classes.iter().enumerate() {
            for (_, input) in &self.calls[calls[0]].inputs {
                if let Input::Port(Port::Object(object)) = input {
                    self.classes_on.entry(*object).or_default().push(class);
                }
            }
        }
        let asking = self.calls.iter().filter(|call| call.words.is_some());
        let objects = asking.flat_map(|call| &call.gives).filter_map(|(_, port)| match port {
            Port::Object(object) => Some(*object),
            _ => None,
        });
        self.notifications = objects.collect();
    }

    /// The classes of calls that have these inputs when objects count as one that like calls gave.
    pub(super) fn classes_like(&self, function: Function, inputs: &Inputs) -> impl Iterator<Item = usize> {
        self.classes_like_among(self.trace.calls(), function, self.likeness(inputs))
    }

    fn classes_like_among(
        &self,
        calls: &[TracedCall],
        function: Function,
        inputs: Inputs,
    ) -> impl Iterator<Item = usize> {
        let alike = self.by_likeness.get(&content(function, &inputs)).map_or(&[][..], |classes| classes);
        alike.iter().copied().filter(move |&class| {
            let first = self.classes[class].calls[0];
            calls[first].function == function && self.are_alike(&self.calls[first].inputs, &inputs)
        })
    }

    /// Whether inputs are `likeness`, when objects that like calls gave count as one.
    fn are_alike(&self, inputs: &Inputs, likeness: &Inputs) -> bool {
        let is_like = |(input, like): (&Input, &Input)| match (input, like) {
            (Input::Port(Port::Object(object)), Input::Port(port)) => {
                Port::Object(self.objects[*object].like) == *port
            }
            _ => input == like,
        };
        let pairs = inputs.iter().zip(likeness).map(|((_, input), (_, like))| (input, like));
        inputs.len() == likeness.len() && pairs.into_iter().all(is_like)
    }

    /// Inputs with objects that like calls gave as one.
    fn likeness(&self, inputs: &Inputs) -> Inputs {
        let like = |input: &Input| match input {
            Input::Port(Port::Object(object)) => Input::Port(Port::Object(self.objects[*object].like)),
            other => other.clone(),
        };
        inputs.iter().map(|(parameter, input)| (*parameter, like(input))).collect()
    }

    /// Whether a call is made on what a notification fills, whenever that is.
    pub(super) fn is_of_notification(&self, call: usize) -> bool {
        match self.calls[call].inputs.first() {
            Some((_, Input::Port(Port::Object(object)))) => self.notifications.contains(object),
            _ => false,
        }
    }

    /// Whether it is an asynchronous call of which the trace has no completion.
    pub(super) fn is_never_completed(&self, call: usize) -> bool {
        let traced = self.call(call);
        traced.function == Function::IOConnectCallAsyncMethod
            && matches!(traced.returned(), Some(Field::Code(IoReturn::SUCCESS)))
            && !self.brought.contains_key(&call)
    }

    pub(super) fn call(&self, index: usize) -> &TracedCall {
        &self.trace.calls()[index]
    }
}

/// How deep values are looked into to tell them apart, and how far: in elements of a collection, in bytes.
const DEEP: u32 = 3;
const WIDE: usize = 32;
const LONG: usize = 256;

/// Tells most values apart that are not the same.
fn content_of(value: &Value, depth: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    let bytes = value.as_str().map(str::as_bytes).or_else(|| value.as_data());
    let beginning = bytes.map(|bytes| (bytes.len(), &bytes[..bytes.len().min(LONG)]));
    let number = value.as_number().map(|number| number.raw());
    (value.type_name(), beginning, value.as_bool(), number).hash(&mut hasher);
    let of = |value: &Value| if depth < DEEP { content_of(value, depth + 1) } else { 0 };
    if let Some(elements) = value.as_array() {
        elements.len().hash(&mut hasher);
        elements.iter().take(WIDE).for_each(|element| of(element).hash(&mut hasher));
    }
    // In whatever order: all of them, or none.
    if let Some(members) = value.as_set() {
        let all = members.iter().filter(|_| members.len() <= WIDE).map(of);
        (members.len(), all.fold(0, u64::wrapping_add)).hash(&mut hasher);
    }
    if let Some(entries) = value.as_dictionary() {
        let is_small = entries.len() <= WIDE;
        let of_entry = |(key, value): (&str, &Value)| {
            let mut hasher = DefaultHasher::new();
            (key, if is_small { of(value) } else { 0 }).hash(&mut hasher);
            hasher.finish()
        };
        (entries.len(), entries.iter().map(of_entry).fold(0, u64::wrapping_add)).hash(&mut hasher);
    }
    hasher.finish()
}

/// Tells most calls apart that are not the same.
fn content(function: Function, inputs: &Inputs) -> u64 {
    let mut hasher = DefaultHasher::new();
    function.hash(&mut hasher);
    for (_, input) in inputs {
        match input {
            Input::Port(Port::Own(_)) | Input::Any => 0u8.hash(&mut hasher),
            Input::Port(port) => port.hash(&mut hasher),
            Input::Field(field) => match field {
                Field::Number(number) => number.hash(&mut hasher),
                Field::Text(bytes) | Field::Bytes(bytes) => bytes.hash(&mut hasher),
                Field::Words(words) => words.hash(&mut hasher),
                Field::Value(value) => content_of(value, 0).hash(&mut hasher),
                Field::Capacity(capacity) => capacity.hash(&mut hasher),
                Field::Address(address) => address.hash(&mut hasher),
                _ => 1u8.hash(&mut hasher),
            },
        }
    }
    hasher.finish()
}

/// What a call is made on.
pub(super) fn connection(inputs: &Inputs) -> Option<Port> {
    match inputs.first()? {
        ("connect", Input::Port(port @ Port::Object(_))) => Some(*port),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_differ_in_a_little_are_told_apart_at_once() {
        let within =
            |value: Value| Value::dictionary([("IOPropertyMatch", Value::dictionary([("a", value)]))]);
        let values =
            [1u8.into(), 2u8.into(), true.into(), false.into(), Value::array([1u8]), Value::set([1u8])];
        let values = values.into_iter().map(within).map(Field::Value);
        let fields = (0..3).map(|count| Field::Capacity(Some(count))).chain([Field::Capacity(None)]);
        let inputs = values.chain(fields).map(|field| vec![("matching", Input::Field(field))]);
        let function = Function::IOServiceGetMatchingService;
        let contents: HashSet<u64> = inputs.map(|inputs| content(function, &inputs)).collect();
        assert_eq!(contents.len(), 10);
    }

    #[test]
    fn what_is_equal_has_one_content_in_whatever_order_it_is() {
        let numbers = || (0..100u32).map(|number| (number.to_string(), Value::from(number)));
        for count in [3, 100] {
            let (a, b) = (numbers().take(count), numbers().take(count).collect::<Vec<_>>().into_iter().rev());
            assert_eq!(content_of(&Value::dictionary(a), 0), content_of(&Value::dictionary(b), 0));
            let (a, b) = (Value::set(0..count as u32), Value::set((0..count as u32).rev()));
            assert_eq!((content_of(&a, 0), &a), (content_of(&b, 0), &b));
        }
    }
}
