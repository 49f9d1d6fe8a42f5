//! A trace in the words of interfaces.

mod places;
mod values;

use super::call::{Trace, TracedCall};
use super::field::Field;
use crate::backend::Function;
use crate::error::IoReturn;
use crate::interface::{Interface, Memory, Method, ParameterKind, Reply};
use places::Places;
use std::collections::HashMap;
use std::fmt;
use values::{Scalars, Structures};

impl Trace {
    /// The trace with the names of methods and the values of their parameters and results, where a connection was opened on a
    /// service that one of `interfaces` names: `{Trait}Client::INTERFACE`.
    ///
    /// That a service is of a class or has a name is known from the trace alone: from what the program looked for when it found the
    /// service, or from what it asked about it.
    ///
    /// ```
    /// # use iokit_uc::{Result, user_client};
    /// use iokit_uc::trace::Trace;
    ///
    /// #[user_client(service = "com_example_Adder")]
    /// trait Adder {
    ///     #[uc(selector = 7)]
    ///     fn add(&self, a: u8, b: u8) -> Result<u8>;
    /// }
    ///
    /// let text = r#"iokit-uc trace 1
    /// 0.001000000 t1 IOServiceGetMatchingService(main_port=@0x0, matching={"IOProviderClass": "com_example_Adder"}) = @0x203 in 700ns
    /// 0.002000000 t1 IOServiceOpen(service=@0x203, owning_task=@0x103, connection_type=0) ...1
    /// 0.003000000 t1 ...1 IOServiceOpen = kIOReturnSuccess(0x0), connect=@0x303
    /// 0.004000000 t1 IOConnectCallScalarMethod(connect=@0x303, selector=7, input=[0x2, 0x3], output=capacity(1)) ...2
    /// 0.005000000 t1 ...2 IOConnectCallScalarMethod = kIOReturnSuccess(0x0), output=[0x5]
    /// "#;
    /// # let text: String = text.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    /// let trace = Trace::read(text.as_bytes())?;
    /// let decoded = trace.decode(&[AdderClient::INTERFACE]);
    /// let last = decoded.calls().last().unwrap().to_string();
    /// assert_eq!(last, "0.004000000 t1 Adder::add(a: 2, b: 3) = 5 in 1000000ns");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decode(&self, interfaces: &[&Interface]) -> Decoded<'_> {
        let interfaces: Vec<Interface> = interfaces.iter().map(|&interface| *interface).collect();
        let mut places = Places::new(&interfaces);
        let mut asynchronous: HashMap<[u64; 2], Vec<(usize, &'static Method)>> = HashMap::new();
        let mut subjects = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let subject = places.interface(call).and_then(|interface| Subject::of(call, interface));
            if let (Some(Subject::Method(method)), Some(Field::Words(reference))) =
                (subject, call.input("reference"))
            {
                asynchronous.entry(token(reference)).or_default().push((call.line, method));
            }
            subjects.push(subject);
            places.learn(call);
        }
        // What is received may have been waited for since before the call.
        for (call, subject) in self.calls.iter().zip(&mut subjects) {
            let begun = completion(call).and_then(|(reference, ..)| asynchronous.get(&token(&reference)));
            let is_before = |(line, _): &&(usize, _)| Some(*line) < call.ended;
            if let Some((_, method)) = begun.and_then(|calls| calls.iter().rev().find(is_before)) {
                *subject = Some(Subject::Completion(method));
            }
        }
        Decoded { trace: self, subjects }
    }
}

/// A trace in the words of interfaces. Printed with a line for each call, in the order in which they began.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    trace: &'a Trace,
    /// As many as there are calls.
    subjects: Vec<Option<Subject>>,
}

/// A call of a trace, printed in the words of an interface if it is of one.
#[derive(Clone, Copy, Debug)]
pub struct DecodedCall<'a> {
    call: &'a TracedCall,
    subject: Option<Subject>,
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Method(&'static Method),
    Memory(&'static Memory),
    /// What has come is the completion of such a method.
    Completion(&'static Method),
}

impl Subject {
    fn of(call: &TracedCall, interface: &Interface) -> Option<Self> {
        let number = |name| match call.input(name) {
            Some(Field::Number(number)) => u32::try_from(*number).ok(),
            _ => None,
        };
        match call.function {
            Function::IOConnectCallMethod
            | Function::IOConnectCallAsyncMethod
            | Function::IOConnectCallScalarMethod
            | Function::IOConnectCallStructMethod => {
                number("selector").and_then(|selector| interface.method(selector)).map(Self::Method)
            }
            Function::IOConnectMapMemory64 | Function::IOConnectUnmapMemory64 => {
                number("memory_type").and_then(|memory| interface.memory_type(memory)).map(Self::Memory)
            }
            _ => None,
        }
    }
}

impl<'a> Decoded<'a> {
    /// The calls, in the order in which they began.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = DecodedCall<'a>> + ExactSizeIterator {
        self.trace.calls.iter().zip(&self.subjects).map(|(call, &subject)| DecodedCall { call, subject })
    }
}

impl<'a> DecodedCall<'a> {
    /// The call as it stands in the trace.
    pub fn call(&self) -> &'a TracedCall {
        self.call
    }

    /// The method that it calls, or whose completion it has received.
    pub fn method(&self) -> Option<&'static Method> {
        match self.subject? {
            Subject::Method(method) | Subject::Completion(method) => Some(method),
            Subject::Memory(_) => None,
        }
    }

    /// The memory that it maps or unmaps.
    pub fn memory(&self) -> Option<&'static Memory> {
        match self.subject? {
            Subject::Memory(memory) => Some(memory),
            _ => None,
        }
    }
}

impl fmt::Display for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lost = self.trace.lost.iter().peekable();
        for decoded in self.calls() {
            while let Some(lost) = lost.next_if(|lost| lost.line < decoded.call.line) {
                writeln!(f, "{} calls are missing: the sink was too slow", lost.calls)?;
            }
            writeln!(f, "{decoded}")?;
        }
        for lost in lost {
            writeln!(f, "{} calls are missing: the sink was too slow", lost.calls)?;
        }
        match (self.trace.is_cut, self.trace.is_finished) {
            (true, _) => writeln!(f, "the last line is cut off"),
            (_, false) => writeln!(f, "the recording was not finished"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for DecodedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = self.call;
        let Some(subject) = self.subject else { return call.fmt(f) };
        write!(f, "{}.{:09} t{} ", call.at.as_secs(), call.at.subsec_nanos(), call.thread)?;
        match subject {
            Subject::Method(method) => {
                write!(f, "{}::{}(", method.name.interface, method.name.method)?;
                parameters(f, call, method)?;
                f.write_str(")")?;
            }
            Subject::Memory(memory) => {
                write!(f, "{} {}::{}", call.function, memory.name.interface, memory.name.method)?;
            }
            Subject::Completion(method) => {
                write!(f, "completion of {}::{}", method.name.interface, method.name.method)?;
            }
        }
        let Some(took) = call.took else { return f.write_str(" did not end") };
        f.write_str(" = ")?;
        match (subject, call.returned()) {
            (Subject::Method(method), Some(Field::Code(IoReturn::SUCCESS))) => reply(f, call, method)?,
            (Subject::Completion(method), _) => completed(f, call, method)?,
            (_, Some(returned)) => write!(f, "{returned}")?,
            (_, None) => f.write_str("void")?,
        }
        if let Subject::Memory(_) = subject {
            for (name, field) in call.outputs.iter().skip(1) {
                write!(f, ", {name}={field}")?;
            }
        }
        write!(f, " in {}ns", took.as_nanos())
    }
}

fn words<'a>(call: &'a TracedCall, name: &str, is_output: bool) -> &'a [u64] {
    match if is_output { call.output(name) } else { call.input(name) } {
        Some(Field::Words(words)) => words,
        _ => &[],
    }
}

fn bytes<'a>(call: &'a TracedCall, name: &str, is_output: bool) -> &'a [u8] {
    match if is_output { call.output(name) } else { call.input(name) } {
        Some(Field::Bytes(bytes)) => bytes,
        _ => &[],
    }
}

fn parameters(f: &mut fmt::Formatter<'_>, call: &TracedCall, method: &Method) -> fmt::Result {
    let mut scalars = Scalars(words(call, "input", false));
    let structure = bytes(call, "input_structure", false);
    for (index, parameter) in method.parameters.iter().enumerate() {
        write!(f, "{}{}: ", if index == 0 { "" } else { ", " }, parameter.name)?;
        match parameter.kind {
            ParameterKind::Scalar(ty) => scalars.next(f, ty)?,
            ParameterKind::Scalars => scalars.rest(f)?,
            ParameterKind::Structure(layout) => Structures::new(structure, layout).one(f)?,
            ParameterKind::Slice(layout) => Structures::new(structure, layout).all(f)?,
            ParameterKind::Buffer(layout) => match call.input("output_structure") {
                Some(Field::Capacity(Some(room))) => {
                    write!(f, "[{}; {}]", layout.name(), room / layout.size().max(1) as u64)?;
                }
                _ => f.write_str("?")?,
            },
        }
    }
    if !scalars.0.is_empty() {
        f.write_str(" and more: ")?;
        scalars.rest(f)?;
    }
    Ok(())
}

fn reply(f: &mut fmt::Formatter<'_>, call: &TracedCall, method: &Method) -> fmt::Result {
    let structures = bytes(call, "output_structure", true);
    match method.reply {
        Reply::Values(shape) => values::output(f, words(call, "output", true), structures, &shape),
        Reply::Filled => Structures::new(structures, buffer(method)).all(f),
        Reply::Variable(layout) => Structures::new(structures, layout).all(f),
    }
}

/// What the structures are that a method fills its caller's buffer with.
fn buffer(method: &Method) -> &'static crate::wire::Layout {
    let mut layouts = method.parameters.iter().filter_map(|parameter| match parameter.kind {
        ParameterKind::Buffer(layout) => Some(layout),
        _ => None,
    });
    layouts.next().unwrap_or(<u8 as crate::wire::Structure>::LAYOUT)
}

fn completed(f: &mut fmt::Formatter<'_>, call: &TracedCall, method: &Method) -> fmt::Result {
    match (completion(call), method.completion) {
        (Some((_, IoReturn::SUCCESS, arguments)), Some(shape)) => {
            values::output(f, &arguments, &[], &shape.values)
        }
        (Some((_, code, _)), _) => write!(f, "{}", Field::Code(code)),
        (None, _) => f.write_str("?"),
    }
}

/// What tells an asynchronous call's reference from others (AS-3).
fn token(reference: &[u64]) -> [u64; 2] {
    [1, 2].map(|slot| reference.get(slot).copied().unwrap_or(0))
}

/// The reference, the result and the arguments of the completion that has been received (AS-6).
fn completion(call: &TracedCall) -> Option<([u64; 8], IoReturn, Vec<u64>)> {
    const COMPLEX: u32 = 1 << 31;
    if call.function != Function::MachMsgReceive {
        return None;
    }
    let message = bytes(call, "message", true);
    let word = |offset: usize| message.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes);
    let long = |bytes: &[u8]| bytes.first_chunk().copied().map(u64::from_le_bytes);
    if word(0)? & COMPLEX != 0 || word(20)? != 53 || word(28)? & 0xfff != 150 {
        return None;
    }
    let mut reference = [0; 8];
    for (slot, bytes) in reference.iter_mut().zip(message.get(32..96)?.chunks_exact(8)) {
        *slot = long(bytes)?;
    }
    let length = (word(24)? as usize).checked_sub(4)?;
    let arguments = message.get(100..)?.get(..length)?.chunks_exact(8).filter_map(long);
    Some((reference, IoReturn::from_code(word(96)?), arguments.collect()))
}
