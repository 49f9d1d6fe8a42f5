//! Property lists as they stand in a trace.
//!
//! Nothing here recurses, and what a value has in it more than once is written once: a driver can make of a few bytes a value that
//! would fill a disk.

use super::cursor::Cursor;
use super::error::Wrong;
use super::notation::{put, write_bytes, write_text};
use crate::value::{Dictionary, Number, Value};
use std::collections::{HashMap, HashSet};
use std::slice;

/// A trace is refused if a value of it has more in it, were all written out.
const MOST: u64 = 1 << 24;

pub(super) fn write(text: &mut String, value: &Value) {
    let is_leaf = value.as_array().is_none() && value.as_set().is_none() && value.as_dictionary().is_none();
    let labels =
        Labels { repeated: if is_leaf { HashSet::new() } else { value.repeated() }, given: HashMap::new() };
    write_nested(text, value, labels, Dictionary::iter);
}

/// Which values have labels, and those that have been given one.
struct Labels {
    repeated: HashSet<*const ()>,
    given: HashMap<*const (), usize>,
}

impl Labels {
    /// Writes the label that the value is to have; whether that is all there is to write.
    fn write(&mut self, text: &mut String, value: &Value) -> bool {
        if self.repeated.is_empty() {
            return false;
        }
        let Some(identity) = value.identity().filter(|identity| self.repeated.contains(identity)) else {
            return false;
        };
        let (next, given) = (self.given.len() + 1, self.given.contains_key(&identity));
        let label = *self.given.entry(identity).or_insert(next);
        put(text, format_args!("*{label}{}", if given { "" } else { "=" }));
        given
    }
}

enum Open<'a, I> {
    List(slice::Iter<'a, Value>),
    Dictionary(I),
}

fn write_nested<'a, I: Iterator<Item = (&'a str, &'a Value)>>(
    text: &mut String,
    value: &'a Value,
    mut labels: Labels,
    entries: impl Fn(&'a Dictionary) -> I,
) {
    let mut open: Vec<Open<'a, I>> = Vec::new();
    let mut next = value;
    loop {
        let opened = match labels.write(text, next) {
            true => None,
            false => match (next.as_array(), next.as_set(), next.as_dictionary()) {
                (Some(elements), ..) => Some(("[", Open::List(elements.iter()))),
                (_, Some(members), _) => Some(("set[", Open::List(members.iter()))),
                (.., Some(dictionary)) => Some(("{", Open::Dictionary(entries(dictionary)))),
                _ => {
                    write_leaf(text, next);
                    None
                }
            },
        };
        let mut is_first = false;
        if let Some((bracket, collection)) = opened {
            text.push_str(bracket);
            open.push(collection);
            is_first = true;
        }
        next = loop {
            let Some(innermost) = open.last_mut() else { return };
            let (key, value, close) = match innermost {
                Open::List(list) => (None, list.next(), ']'),
                Open::Dictionary(entries) => match entries.next() {
                    Some((key, value)) => (Some(key), Some(value), '}'),
                    None => (None, None, '}'),
                },
            };
            if let Some(value) = value {
                if !is_first {
                    text.push_str(", ");
                }
                if let Some(key) = key {
                    write_text(text, key.as_bytes());
                    text.push_str(": ");
                }
                break value;
            }
            text.push(close);
            open.pop();
            is_first = false;
        };
    }
}

fn write_leaf(text: &mut String, value: &Value) {
    if let Some(string) = value.as_str() {
        write_text(text, string.as_bytes());
    } else if let Some(bytes) = value.as_data() {
        write_bytes(text, bytes);
    } else if let Some(boolean) = value.as_bool() {
        text.push_str(if boolean { "true" } else { "false" });
    } else if let Some(number) = value.as_number() {
        let bits = number.bits();
        match number.as_f64() {
            None => put(text, format_args!("{}u{bits}", number.raw())),
            Some(float) if !float.is_finite() => put(text, format_args!("f{bits}({:#x})", number.raw())),
            // In as few digits as its own size needs.
            Some(float) if bits == 32 => put(text, format_args!("{:?}f32", float as f32)),
            Some(float) => put(text, format_args!("{float:?}f64")),
        }
    }
}

enum Building {
    Array(Vec<Value>),
    Set(Vec<Value>),
    /// With the key whose value comes next.
    Dictionary(Dictionary, String),
}

struct Frame {
    building: Building,
    label: Option<usize>,
    /// How many values are in it, were all written out.
    count: u64,
}

pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Value, Wrong> {
    let mut labels: HashMap<usize, (Value, u64)> = HashMap::new();
    let mut open: Vec<Frame> = Vec::new();
    loop {
        let (mut label, mut known) = (None, None);
        if cursor.eat("*") {
            let place = cursor.place();
            let number = cursor.integer()?;
            match (cursor.eat("="), labels.get(&number)) {
                (true, None) if open.iter().all(|frame| frame.label != Some(number)) => label = Some(number),
                (true, _) => return cursor.wrong_at(place, "this label has been given before"),
                (false, Some(value)) => known = Some(value.clone()),
                (false, None) => return cursor.wrong_at(place, "nothing has this label yet"),
            }
        }
        let (mut value, mut count) = if let Some(known) = known {
            known
        } else {
            let opened = match cursor.peek() {
                Some(b'[') => Some(("[", "]", Building::Array(Vec::new()))),
                Some(b's') => Some(("set[", "]", Building::Set(Vec::new()))),
                Some(b'{') => Some(("{", "}", Building::Dictionary(Dictionary::default(), String::new()))),
                _ => None,
            };
            match opened {
                Some((bracket, close, building)) => {
                    cursor.expect(bracket)?;
                    open.push(Frame { building, label, count: 1 });
                    if !cursor.is_at(close) {
                        key(cursor, &mut open)?;
                        continue;
                    }
                    cursor.expect(close)?;
                    match finish(&mut open, &mut labels) {
                        Some(finished) => finished,
                        None => return cursor.expected("a value"),
                    }
                }
                None => {
                    let leaf = (read_leaf(cursor)?, 1);
                    label.map(|label| labels.insert(label, leaf.clone()));
                    leaf
                }
            }
        };
        // What it belongs to, as far as that is over with it.
        loop {
            let place = cursor.place();
            let Some(frame) = open.last_mut() else { return Ok(value) };
            frame.count = frame.count.saturating_add(count);
            if frame.count > MOST {
                return cursor.wrong_at(place, format!("the value has more than {MOST} others in it"));
            }
            let close = match &mut frame.building {
                Building::Array(elements) | Building::Set(elements) => {
                    elements.push(value);
                    "]"
                }
                Building::Dictionary(dictionary, key) => {
                    if dictionary.get(key).is_some() {
                        return cursor.wrong_at(place, format!("the key {key:?} is there twice"));
                    }
                    dictionary.insert(std::mem::take(key), value);
                    "}"
                }
            };
            if cursor.eat(", ") {
                key(cursor, &mut open)?;
                break;
            }
            if !cursor.eat(close) {
                return cursor.expected(&format!("`, ` or `{close}`"));
            }
            match finish(&mut open, &mut labels) {
                Some(finished) => (value, count) = finished,
                None => return cursor.expected("a value"),
            }
        }
    }
}

/// Ends the innermost collection.
fn finish(open: &mut Vec<Frame>, labels: &mut HashMap<usize, (Value, u64)>) -> Option<(Value, u64)> {
    let Frame { building, label, count } = open.pop()?;
    let value = match building {
        Building::Array(elements) => Value::from(elements),
        Building::Set(members) => Value::set(members),
        Building::Dictionary(dictionary, _) => dictionary.into(),
    };
    label.map(|label| labels.insert(label, (value.clone(), count)));
    Some((value, count))
}

/// In a dictionary, the key of what comes next.
fn key(cursor: &mut Cursor<'_>, open: &mut [Frame]) -> Result<(), Wrong> {
    if let Some(Frame { building: Building::Dictionary(_, key), .. }) = open.last_mut() {
        *key = cursor.quoted_text()?;
        cursor.expect(": ")?;
    }
    Ok(())
}

fn read_leaf(cursor: &mut Cursor<'_>) -> Result<Value, Wrong> {
    match cursor.peek() {
        Some(b'"') => return cursor.quoted_text().map(Value::from),
        Some(b'<') => return cursor.bytes().map(Value::from),
        _ => {}
    }
    let place = cursor.place();
    let value = match cursor.word() {
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        word @ ("f32" | "f64") => {
            cursor.expect("(")?;
            let raw = cursor.integer()?;
            cursor.expect(")")?;
            Number::from_float_bits(if word == "f32" { 32 } else { 64 }, raw).map(Value::from)
        }
        word => number(word),
    };
    match value {
        Some(value) => Ok(value),
        None => cursor.wrong_at(place, "this is no value of a property list"),
    }
}

/// `7u32`, `0.5f64`
fn number(word: &str) -> Option<Value> {
    // A finite number that no float holds is no infinity.
    let finite = |text: &str| text.parse::<f64>().ok().filter(|float| float.is_finite());
    let (digits, kind) = word.rfind(['u', 'f']).map(|place| word.split_at(place))?;
    Some(match kind {
        "u8" => digits.parse::<u8>().ok()?.into(),
        "u16" => digits.parse::<u16>().ok()?.into(),
        "u32" => digits.parse::<u32>().ok()?.into(),
        "u64" => digits.parse::<u64>().ok()?.into(),
        "f32" => digits.parse::<f32>().ok().filter(|float| float.is_finite())?.into(),
        "f64" => finite(digits)?.into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(&mut text, value);
        text
    }

    fn read_back(text: &str) -> Result<Value, Wrong> {
        let mut cursor = Cursor::new(text.as_bytes());
        let value = read(&mut cursor)?;
        cursor.end().map(|()| value)
    }

    #[test]
    fn every_kind_of_value_is_read_back_as_it_was() {
        let leaves = [
            Value::from(true),
            false.into(),
            "".into(),
            "a \"b\" \\ \n\r\t\0\u{7f}\u{202e} ü 🦀".into(),
            Value::data([]),
            Value::data([0, 0xff]),
            7u8.into(),
            u16::MAX.into(),
            (-1i32).into(),
            u64::MAX.into(),
            0.1f32.into(),
            f32::MIN_POSITIVE.into(),
            (-0.0f64).into(),
            f64::MAX.into(),
            5e-324f64.into(),
            f32::INFINITY.into(),
            f64::NEG_INFINITY.into(),
            Number::from_float_bits(32, 0x7f80_0001).unwrap().into(),
            Number::from_float_bits(64, 0xfff8_0000_0000_0123).unwrap().into(),
        ];
        let empty = [Value::array([0u8; 0]), Value::set([0u8; 0]), Dictionary::default().into()];
        let all = Value::array(leaves.iter().chain(&empty).cloned());
        let keys = ["", "a: b", "\"", "ü"].into_iter().zip(&leaves);
        let dictionary = Value::dictionary(keys.map(|(key, value)| (key, value.clone())));
        for value in leaves.iter().chain(&empty).chain([
            &all,
            &dictionary,
            &Value::set([all.clone(), dictionary.clone()]),
        ]) {
            let text = written(value);
            assert_eq!(&read_back(&text).unwrap(), value, "{text}");
        }
        assert_eq!(
            written(&Value::dictionary([
                ("a", Value::array([1u8.into(), Value::data([1, 0xff])])),
                ("b", Value::set([0.5f64]))
            ])),
            r#"{"a": [1u8, <01ff>], "b": set[0.5f64]}"#
        );
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = if cfg!(miri) { 90 } else { 100_000 };
        let deep = (0..depth).fold(Value::from("innermost"), |value, level| match level % 3 {
            0 => Value::array([value]),
            1 => Value::set([Value::from(true), value]),
            _ => Value::dictionary([("child", value)]),
        });
        assert_eq!(read_back(&written(&deep)).unwrap(), deep);
    }

    #[test]
    fn what_is_shared_is_written_once_and_shared_again() {
        let long: Value = "x".repeat(100).into();
        let short: Value = "y".into();
        let pair = Value::array([long.clone(), long.clone(), short.clone(), short]);
        let text = written(&pair);
        assert_eq!(text, format!("[*1=\"{}\", *1, \"y\", \"y\"]", "x".repeat(100)));
        assert_eq!(read_back(&text).unwrap(), pair);
        let wide = (0..20).fold(long, |value, _| Value::array([value.clone(), value]));
        let text = written(&wide);
        assert!(text.len() < 1000);
        let read = read_back(&text).unwrap();
        assert_eq!((read.nesting(), read.serialized_size()), (wide.nesting(), wide.serialized_size()));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let deeper = (0..40).fold("[1u8]".to_string(), |text, level| format!("[*{level}={text}, *{level}]"));
        for (text, column, reason) in [
            ("", 1, "no value"),
            ("[1u8", 5, "`, ` or `]` was expected before the end of the line"),
            ("[1u8,2u8]", 5, "`, ` or `]`"),
            ("[1u8]]", 6, "the end of the line was expected before `]`"),
            ("{1u8}", 2, "a string was expected"),
            (r#"{"a": 1u8, "a": 2u8}"#, 20, "the key \"a\" is there twice"),
            ("256u8", 1, "no value"),
            ("1e999f64", 1, "no value"),
            ("f32(0x100000000)", 1, "no value"),
            ("*1", 2, "nothing has this label yet"),
            ("[*1=[*1]]", 7, "nothing has this label yet"),
            ("[*1=[], *1=[]]", 10, "this label has been given before"),
            ("<0>", 2, "a byte in hexadecimal or `>`"),
            ("\"\\x80\"", 1, "not UTF-8"),
            ("\"\\q\"", 2, "no character is escaped so"),
            ("\"a", 1, "the string has no end"),
            (&deeper, 0, "more than 16777216 others in it"),
        ] {
            let wrong = read_back(text).unwrap_err();
            assert!(wrong.reason.contains(reason), "{text}: {}", wrong.reason);
            assert!(column == 0 || wrong.column == column, "{text}: column {}", wrong.column);
        }
    }
}
