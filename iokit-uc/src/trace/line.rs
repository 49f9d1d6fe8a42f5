//! The lines of a trace.

use super::crossing;
use super::cursor::Cursor;
use super::error::Wrong;
use super::field::{Field, FieldRef};
use super::notation::put;
use crate::backend::Function;
use std::time::Duration;

/// The first line.
pub(super) const HEADER: &str = "iokit-uc trace 1";

pub(super) type Fields = Vec<(&'static str, Field)>;

/// What a line tells.
#[derive(Debug)]
pub(super) enum Line {
    /// A call from beginning to end.
    Whole {
        at: Duration,
        thread: u32,
        function: Function,
        inputs: Fields,
        outputs: Fields,
        took: Duration,
    },
    Begun {
        at: Duration,
        thread: u32,
        function: Function,
        inputs: Fields,
        number: u64,
    },
    Ended {
        at: Duration,
        thread: u32,
        function: Function,
        outputs: Fields,
        number: u64,
    },
    /// So many calls are missing.
    Lost(u64),
    Finished,
}

pub(super) fn write_time(text: &mut String, at: Duration) {
    put(text, format_args!("{}.{:09}", at.as_secs(), at.subsec_nanos()));
}

/// The beginning of every line of a call.
pub(super) fn write_start(text: &mut String, at: Duration, thread: u32) {
    write_time(text, at);
    put(text, format_args!(" t{thread} "));
}

pub(super) fn write_function(text: &mut String, function: Function) {
    text.push_str(unique_name(function));
    text.push('(');
}

pub(super) fn write_input(text: &mut String, name: &str, field: &FieldRef<'_>) {
    if !text.ends_with('(') {
        text.push_str(", ");
    }
    text.push_str(name);
    text.push('=');
    field.write(text);
}

/// The end of a line that begins a call.
pub(super) fn write_begun(text: &mut String, number: u64) {
    put(text, format_args!(") ...{number}\n"));
}

/// What stands before what a call returned, on a line of its own.
pub(super) fn write_ended(text: &mut String, function: Function, number: u64) {
    put(text, format_args!("...{number} {}", unique_name(function)));
}

pub(super) fn write_returned(text: &mut String, field: Option<&FieldRef<'_>>) {
    text.push_str(" = ");
    match field {
        Some(field) => field.write(text),
        None => text.push_str("void"),
    }
}

pub(super) fn write_output(text: &mut String, name: &str, field: &FieldRef<'_>) {
    put(text, format_args!(", {name}="));
    field.write(text);
}

pub(super) fn write_took(text: &mut String, took: Duration) {
    put(text, format_args!(" in {}ns\n", took.as_nanos()));
}

pub(super) fn write_lost(text: &mut String, at: Duration, calls: u64) {
    write_time(text, at);
    put(text, format_args!(" lost {calls}\n"));
}

pub(super) fn write_finished(text: &mut String, at: Duration) {
    write_time(text, at);
    text.push_str(" finished\n");
}

/// The name in C, but for `mach_msg`, which is two functions here.
fn unique_name(function: Function) -> &'static str {
    match function {
        Function::MachMsgReceive | Function::MachMsgSendEmpty => function.method(),
        _ => function.c_name(),
    }
}

fn function(cursor: &mut Cursor<'_>) -> Result<Function, Wrong> {
    let place = cursor.place();
    let name = cursor.name();
    match Function::ALL.iter().find(|function| unique_name(**function) == name) {
        Some(function) => Ok(*function),
        None if name.is_empty() => cursor.expected("the name of a function"),
        None => cursor.wrong_at(place, format!("there is no function `{name}`")),
    }
}

/// Reads a line, without what ends it.
pub(super) fn read(line: &[u8]) -> Result<Line, Wrong> {
    let cursor = &mut Cursor::new(line);
    let at = cursor.time()?;
    cursor.expect(" ")?;
    if cursor.eat("finished") {
        return cursor.end().map(|()| Line::Finished);
    }
    if cursor.eat("lost ") {
        let calls = cursor.integer()?;
        return cursor.end().map(|()| Line::Lost(calls));
    }
    cursor.expect("t")?;
    let thread = cursor.integer()?;
    cursor.expect(" ")?;
    if cursor.eat("...") {
        let number = cursor.integer()?;
        cursor.expect(" ")?;
        let function = function(cursor)?;
        let outputs = outputs(cursor, function)?;
        return cursor.end().map(|()| Line::Ended { at, thread, function, outputs, number });
    }
    let function = function(cursor)?;
    let inputs = inputs(cursor, function)?;
    if cursor.eat(" ...") {
        let number = cursor.integer()?;
        return cursor.end().map(|()| Line::Begun { at, thread, function, inputs, number });
    }
    let outputs = outputs(cursor, function)?;
    cursor.expect(" in ")?;
    let took = Duration::from_nanos(cursor.integer()?);
    cursor.expect("ns")?;
    cursor.end().map(|()| Line::Whole { at, thread, function, inputs, outputs, took })
}

fn inputs(cursor: &mut Cursor<'_>, function: Function) -> Result<Fields, Wrong> {
    let mut fields = Vec::new();
    cursor.expect("(")?;
    for parameter in crossing::parameters(function) {
        let Some(kind) = parameter.input else { continue };
        if !fields.is_empty() {
            cursor.expect(", ")?;
        }
        cursor.expect(parameter.name)?;
        cursor.expect("=")?;
        fields.push((parameter.name, kind.read(cursor)?));
    }
    cursor.expect(")")?;
    Ok(fields)
}

fn outputs(cursor: &mut Cursor<'_>, function: Function) -> Result<Fields, Wrong> {
    let mut fields = Vec::new();
    cursor.expect(" = ")?;
    match crossing::result(function) {
        Some(kind) => fields.push(("", kind.read(cursor)?)),
        None => cursor.expect("void")?,
    }
    let mut possible = crossing::outputs(function);
    while cursor.eat(", ") {
        let place = cursor.place();
        let name = cursor.name();
        let Some((name, kind)) = possible.find(|(other, _)| *other == name) else {
            return cursor.wrong_at(
                place,
                format!("`{function}` has no output `{name}`, or not after the one before"),
            );
        };
        cursor.expect("=")?;
        fields.push((name, kind.read(cursor)?));
    }
    Ok(fields)
}
