//! What is passed to a function of `Backend`, or comes back, as data.

use super::cursor::Cursor;
use super::error::Wrong;
use super::notation::{put, write_bytes, write_text};
use super::value_text;
use crate::backend::{MachTimespec, PortRight};
use crate::error::IoReturn;
use crate::value::Value;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// One argument or result of a traced call. Printed as it stands in a trace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Field {
    /// Nothing where something could be: C's null pointer.
    Absent,
    /// The name of a port.
    Port(u32),
    /// A number of any width and sign.
    Number(i128),
    /// `boolean_t`
    Bool(bool),
    /// `kern_return_t`
    Code(IoReturn),
    /// A string, whether or not it is UTF-8.
    Text(Vec<u8>),
    /// A property list.
    Value(Value),
    /// Scalars, references, parameters of a trap.
    Words(Vec<u64>),
    /// A structure, a property's bytes, a message.
    Bytes(Vec<u8>),
    /// Room for an answer: how many elements fit. `None` for `kIOConnectMethodVarOutputSize`.
    Capacity(Option<u64>),
    /// An address in the recorded task: of memory, or of a notification port.
    Address(u64),
    /// A time to wait.
    Time(Duration),
    /// `mach_timespec_t`, as it was passed.
    Timespec(MachTimespec),
    /// `mach_port_right_t`
    Right(PortRight),
}

impl Field {
    pub(super) fn borrow(&self) -> FieldRef<'_> {
        match self {
            Self::Absent => FieldRef::Absent,
            Self::Port(name) => FieldRef::Port(*name),
            Self::Number(number) => FieldRef::Number(*number),
            Self::Bool(boolean) => FieldRef::Bool(*boolean),
            Self::Code(code) => FieldRef::Code(*code),
            Self::Text(text) => FieldRef::Text(text),
            Self::Value(value) => FieldRef::Value(value),
            Self::Words(words) => FieldRef::Words(Cow::Borrowed(words)),
            Self::Bytes(bytes) => FieldRef::Bytes(bytes),
            Self::Capacity(capacity) => FieldRef::Capacity(*capacity),
            Self::Address(address) => FieldRef::Address(*address),
            Self::Time(time) => FieldRef::Time(*time),
            Self::Timespec(time) => FieldRef::Timespec(*time),
            Self::Right(right) => FieldRef::Right(*right),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.borrow().write(&mut text);
        f.write_str(&text)
    }
}

/// A [`Field`] that is still somebody else's.
#[derive(Clone, Debug)]
pub(super) enum FieldRef<'a> {
    Absent,
    Port(u32),
    Number(i128),
    Bool(bool),
    Code(IoReturn),
    Text(&'a [u8]),
    Value(&'a Value),
    Words(Cow<'a, [u64]>),
    Bytes(&'a [u8]),
    Capacity(Option<u64>),
    Address(u64),
    Time(Duration),
    Timespec(MachTimespec),
    Right(PortRight),
}

impl FieldRef<'_> {
    /// A copy of one's own.
    pub(super) fn to_field(&self) -> Field {
        match self {
            Self::Absent => Field::Absent,
            Self::Port(name) => Field::Port(*name),
            Self::Number(number) => Field::Number(*number),
            Self::Bool(boolean) => Field::Bool(*boolean),
            Self::Code(code) => Field::Code(*code),
            Self::Text(text) => Field::Text(text.to_vec()),
            Self::Value(value) => Field::Value((*value).clone()),
            Self::Words(words) => Field::Words(words.to_vec()),
            Self::Bytes(bytes) => Field::Bytes(bytes.to_vec()),
            Self::Capacity(capacity) => Field::Capacity(*capacity),
            Self::Address(address) => Field::Address(*address),
            Self::Time(time) => Field::Time(*time),
            Self::Timespec(time) => Field::Timespec(*time),
            Self::Right(right) => Field::Right(*right),
        }
    }

    pub(super) fn write(&self, text: &mut String) {
        match self {
            Self::Absent => text.push_str("null"),
            Self::Port(name) => put(text, format_args!("@{name:#x}")),
            Self::Number(number) => put(text, format_args!("{number}")),
            Self::Bool(boolean) => text.push_str(if *boolean { "true" } else { "false" }),
            Self::Code(code) => {
                put(text, format_args!("{}({:#x})", code.name().unwrap_or("code"), code.code()));
            }
            Self::Text(bytes) => write_text(text, bytes),
            Self::Value(value) => value_text::write(text, value),
            Self::Words(words) => {
                text.push('[');
                for (index, word) in words.iter().enumerate() {
                    put(text, format_args!("{}{word:#x}", if index == 0 { "" } else { ", " }));
                }
                text.push(']');
            }
            Self::Bytes(bytes) => write_bytes(text, bytes),
            Self::Capacity(Some(capacity)) => put(text, format_args!("capacity({capacity})")),
            Self::Capacity(None) => text.push_str("capacity(variable)"),
            Self::Address(address) => put(text, format_args!("&{address:#x}")),
            Self::Time(time) => {
                put(text, format_args!("{}.{:09}s", time.as_secs(), time.subsec_nanos()));
            }
            Self::Timespec(time) => {
                put(text, format_args!("timespec({}, {})", time.seconds, time.nanoseconds))
            }
            Self::Right(right) => text.push_str(right_name(*right)),
        }
    }
}

fn right_name(right: PortRight) -> &'static str {
    match right {
        PortRight::Send => "MACH_PORT_RIGHT_SEND",
        PortRight::Receive => "MACH_PORT_RIGHT_RECEIVE",
        PortRight::DeadName => "MACH_PORT_RIGHT_DEAD_NAME",
    }
}

/// What a field can be, in a certain place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kind {
    pub(super) form: Form,
    /// Whether there may be nothing.
    pub(super) optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Port,
    Number {
        least: i128,
        most: i128,
    },
    Bool,
    Code,
    /// Without a NUL.
    CString,
    /// UTF-8.
    String,
    Value,
    Words {
        most: usize,
    },
    Bytes,
    Capacity,
    Address,
    Time,
    Timespec,
    Right,
}

impl Kind {
    pub(super) const fn of(form: Form) -> Self {
        Self { form, optional: false }
    }

    pub(super) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Reads what stands there for such a field.
    pub(super) fn read(self, cursor: &mut Cursor<'_>) -> Result<Field, Wrong> {
        if self.optional && cursor.eat("null") {
            return Ok(Field::Absent);
        }
        let place = cursor.place();
        Ok(match self.form {
            Form::Port => {
                cursor.expect("@")?;
                Field::Port(cursor.integer()?)
            }
            Form::Number { least, most } => match cursor.integer()? {
                number if (least..=most).contains(&number) => Field::Number(number),
                _ => return cursor.wrong_at(place, format!("the number is not in {least}..={most}")),
            },
            Form::Bool => match cursor.name() {
                "true" => Field::Bool(true),
                "false" => Field::Bool(false),
                _ => return cursor.wrong_at(place, "neither `true` nor `false`"),
            },
            Form::Code => {
                if cursor.name().is_empty() {
                    return cursor.expected("the name of a code, or `code`");
                }
                cursor.expect("(")?;
                let code = cursor.integer()?;
                cursor.expect(")")?;
                Field::Code(IoReturn::from_code(code))
            }
            Form::CString => match cursor.quoted()? {
                text if text.contains(&0) => return cursor.wrong_at(place, "C ends a string at a NUL"),
                text => Field::Text(text),
            },
            Form::String => Field::Text(cursor.quoted_text()?.into_bytes()),
            Form::Value => Field::Value(value_text::read(cursor)?),
            Form::Words { most } => {
                let mut words = Vec::new();
                cursor.list("[", "]", |cursor| {
                    words.push(cursor.integer()?);
                    Ok(())
                })?;
                if words.len() > most {
                    return cursor.wrong_at(place, format!("there are more than {most}"));
                }
                Field::Words(words)
            }
            Form::Bytes => Field::Bytes(cursor.bytes()?),
            Form::Capacity => {
                cursor.expect("capacity(")?;
                let capacity = if cursor.eat("variable") { None } else { Some(cursor.integer()?) };
                cursor.expect(")")?;
                Field::Capacity(capacity)
            }
            Form::Address => {
                cursor.expect("&")?;
                Field::Address(cursor.integer()?)
            }
            Form::Time => {
                let time = cursor.time()?;
                cursor.expect("s")?;
                Field::Time(time)
            }
            Form::Timespec => {
                cursor.expect("timespec(")?;
                let seconds = cursor.integer()?;
                cursor.expect(", ")?;
                let nanoseconds = cursor.integer()?;
                cursor.expect(")")?;
                Field::Timespec(MachTimespec { seconds, nanoseconds })
            }
            Form::Right => {
                let name = cursor.name();
                let rights = [PortRight::Send, PortRight::Receive, PortRight::DeadName];
                match rights.into_iter().find(|right| right_name(*right) == name) {
                    Some(right) => Field::Right(right),
                    None => return cursor.wrong_at(place, "this is no right to a port"),
                }
            }
        })
    }
}
