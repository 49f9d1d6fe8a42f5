//! In what two calls differ.

use super::plan::Plan;
use super::port::{Input, Inputs, Port};
use crate::backend::NULL;
use crate::trace::Field;
use crate::value::Value;
use std::fmt;

/// One argument that is another than it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The parameter of the function in [`Backend`](crate::backend::Backend); of a dictionary, with the key.
    pub parameter: String,
    /// What it was in the trace.
    pub recorded: String,
    /// What it is now.
    pub made: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in the trace, {} in the call", self.parameter, self.recorded, self.made)
    }
}

/// In what a call differs from the recorded one of the same function. If in nothing, it is in which port of its own it is about.
pub(super) fn differences(
    plan: &Plan,
    recorded: usize,
    inputs: &Inputs,
    fields: &[(&'static str, Field)],
) -> Vec<Difference> {
    let its_fields = &plan.call(recorded).inputs;
    let pairs = plan.calls[recorded].inputs.iter().zip(its_fields).zip(inputs.iter().zip(fields));
    let mut found = Vec::new();
    for (((parameter, its), (_, its_field)), ((_, input), (_, field))) in pairs {
        if its != input {
            compare(plan, parameter, (its, its_field), (input, field), &mut found);
        }
    }
    if found.is_empty() {
        let own = inputs.iter().find(|(_, input)| matches!(input, Input::Port(Port::Own(_))));
        found.extend(own.map(|(parameter, _)| Difference {
            parameter: (*parameter).into(),
            recorded: "one port of the program's own".into(),
            made: "another".into(),
        }));
    }
    found
}

fn compare(
    plan: &Plan,
    parameter: &str,
    (its, its_field): (&Input, &Field),
    (input, field): (&Input, &Field),
    found: &mut Vec<Difference>,
) {
    if let (Field::Value(its), Field::Value(value)) = (its_field, field) {
        return compare_values(parameter, its, value, 0, found);
    }
    let (recorded, made) = match (its_field, field) {
        (Field::Bytes(its), Field::Bytes(bytes)) => {
            parts(its, bytes, "bytes", |part| Field::Bytes(part.to_vec()).to_string())
        }
        (Field::Words(its), Field::Words(words)) => {
            parts(its, words, "words", |part| Field::Words(part.to_vec()).to_string())
        }
        _ => (described(plan, its, its_field), described(plan, input, field)),
    };
    found.push(Difference { parameter: parameter.into(), recorded, made });
}

/// Two dictionaries key by key, as deep as a person reads them; anything else as a whole.
fn compare_values(parameter: &str, its: &Value, value: &Value, depth: u32, found: &mut Vec<Difference>) {
    const DEPTH: u32 = 8;
    let shown = |value: Option<&Value>| {
        value.map_or("none".into(), |value| cut(Field::Value(value.clone()).to_string()))
    };
    let (Some(its_entries), Some(entries)) = (its.as_dictionary(), value.as_dictionary()) else {
        let (recorded, made) = (shown(Some(its)), shown(Some(value)));
        return found.push(Difference { parameter: parameter.into(), recorded, made });
    };
    let new_keys = entries.keys().filter(|key| its_entries.get(key).is_none());
    for key in its_entries.keys().chain(new_keys) {
        let parameter = format!("{parameter}[{key:?}]");
        match (its_entries.get(key), entries.get(key)) {
            (its, value) if its == value => {}
            (Some(its), Some(value)) if depth < DEPTH => {
                compare_values(&parameter, its, value, depth + 1, found);
            }
            (its, value) => {
                found.push(Difference { parameter, recorded: shown(its), made: shown(value) });
            }
        }
    }
}

/// The first part in which two lists differ.
fn parts<T: PartialEq>(its: &[T], list: &[T], what: &str, show: impl Fn(&[T]) -> String) -> (String, String) {
    const SHOWN: usize = 16;
    let first = its.iter().zip(list).take_while(|(one, other)| one == other).count();
    let start = if its.len().max(list.len()) <= SHOWN { 0 } else { first - first % 4 };
    let part = |list: &[T]| {
        let end = list.len().min(start + SHOWN);
        let part = show(&list[start.min(end)..end]);
        match (start, list.len()) {
            (0, count) if count <= SHOWN => part,
            (start, count) => format!("{part} from {start} on, of {count} {what}"),
        }
    };
    (part(its), part(list))
}

/// An argument as text.
pub(super) fn described(plan: &Plan, input: &Input, field: &Field) -> String {
    match input {
        Input::Port(Port::Object(object)) => plan
            .objects
            .get(*object)
            .map_or("an object".into(), |object| format!("what line {} gave", object.line)),
        Input::Port(Port::Own(_)) => "a port of the program's own".into(),
        Input::Port(Port::Task) => "the task".into(),
        Input::Port(Port::Name(NULL)) => "no port".into(),
        Input::Port(Port::Name(name)) => format!("{name:#x}, a name that nobody gave"),
        Input::Field(_) | Input::Any => cut(field.to_string()),
    }
}

/// Not more than fits a line or two.
fn cut(mut text: String) -> String {
    const SHOWN: usize = 200;
    if let Some((place, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(place);
        text.push('…');
    }
    text
}
