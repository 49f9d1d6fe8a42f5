//! A property's value, as `ioreg` shows it.

use super::intern::Interner;
use super::plist_read::integer;
use crate::value::{Dictionary, Value};
use std::sync::Arc;

/// What a text comes to.
pub(super) struct Parsed {
    /// The value; `None` if nothing was printed for it.
    pub(super) value: Option<Value>,
    /// Whether nothing was printed for something within it, or for the whole.
    pub(super) incomplete: bool,
}

/// How often the ends of strings are looked for elsewhere before the text is given up.
const ATTEMPTS: usize = 256;

/// Reads a value.
///
/// Strings are not escaped. One ends at the first quote after which the text can go on, and if it then cannot go on to its end,
/// at the next such quote.
pub(super) fn parse(text: &[u8], interner: &mut Interner) -> Result<Parsed, String> {
    let mut choices = Vec::new();
    let mut first = None;
    for _ in 0..ATTEMPTS {
        let mut attempt =
            Attempt { text, at: 0, interner, choices: &mut choices, made: 0, incomplete: false };
        match attempt.value() {
            Ok(value) => return Ok(Parsed { value, incomplete: attempt.incomplete }),
            Err(Wrong::Value(reason)) => return Err(reason),
            Err(Wrong::Ends(reason)) => {
                let made = attempt.made;
                choices.truncate(made);
                first.get_or_insert(reason);
            }
        }
        match choices.last_mut() {
            Some(choice) => *choice += 1,
            None => break,
        }
    }
    Err(first.unwrap_or_default())
}

/// Why a text makes no sense.
enum Wrong {
    /// It may make sense if a string ends elsewhere.
    Ends(String),
    /// It does not, wherever strings end.
    Value(String),
}

struct Attempt<'a> {
    text: &'a [u8],
    at: usize,
    interner: &'a mut Interner,
    /// Of each string, which of the quotes that could end it is taken to end it.
    choices: &'a mut Vec<usize>,
    made: usize,
    incomplete: bool,
}

enum Open {
    Array(Vec<Value>),
    Set(Vec<Value>),
    /// With the key whose value comes next, if that was printed.
    Dictionary(Dictionary, Option<Arc<str>>),
}

impl Open {
    fn close(&self) -> u8 {
        match self {
            Open::Array(_) => b')',
            Open::Set(_) => b']',
            Open::Dictionary(..) => b'}',
        }
    }
}

impl Attempt<'_> {
    fn value(&mut self) -> Result<Option<Value>, Wrong> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            // An element, or the end of an empty collection.
            let opened = match self.peek() {
                Some(b'(') => Some(Open::Array(Vec::new())),
                Some(b'[') => Some(Open::Set(Vec::new())),
                Some(b'{') => Some(Open::Dictionary(Dictionary::default(), None)),
                _ => None,
            };
            let mut value = None;
            if let Some(collection) = opened {
                self.at += 1;
                if open.len() == Value::MAX_NESTING {
                    let limit = Value::MAX_NESTING;
                    return Err(Wrong::Value(format!(
                        "there are more than {limit} collections, one within the other"
                    )));
                }
                let empty = self.peek() == Some(collection.close());
                open.push(collection);
                if !empty {
                    self.key(&mut open)?;
                    continue;
                }
                self.at += 1;
                value = open.pop().map(Self::finish);
            } else {
                value = self.leaf(open.last())?.or(value);
            }
            // What it belongs to, as far as that is over with it.
            loop {
                self.incomplete |= value.is_none();
                let Some(innermost) = open.last_mut() else {
                    return match self.at == self.text.len() {
                        true => Ok(value),
                        false => Err(Wrong::Ends(format!("nothing can follow it, but {} does", self.rest()))),
                    };
                };
                match innermost {
                    Open::Array(elements) | Open::Set(elements) => elements.extend(value),
                    Open::Dictionary(dictionary, key) => match (key.take(), value) {
                        (Some(key), Some(value)) => {
                            if dictionary.insert_shared(&key, value).is_some() {
                                return Err(Wrong::Value(format!("the key {key:?} is there twice")));
                            }
                        }
                        _ => self.incomplete = true,
                    },
                }
                let close = innermost.close();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.key(&mut open)?;
                        break;
                    }
                    Some(byte) if byte == close => {
                        self.at += 1;
                        value = open.pop().map(Self::finish);
                    }
                    _ => {
                        let close = char::from(close);
                        return Err(Wrong::Ends(format!(
                            "`,` or `{close}` was expected before {}",
                            self.rest()
                        )));
                    }
                }
            }
        }
    }

    fn finish(open: Open) -> Value {
        match open {
            Open::Array(elements) => Value::array(elements),
            Open::Set(members) => Value::set(members),
            Open::Dictionary(dictionary, _) => dictionary.into(),
        }
    }

    /// In a dictionary, the key of what comes next.
    fn key(&mut self, open: &mut [Open]) -> Result<(), Wrong> {
        let Some(Open::Dictionary(_, key)) = open.last_mut() else { return Ok(()) };
        match self.peek() {
            Some(b'=') => self.at += 1,
            Some(b'"') => {
                let text = self.quoted(|after| after.first() == Some(&b'='))?;
                *key = Some(self.interner.name(&text));
                self.at += 1;
            }
            _ => return Err(Wrong::Ends(format!("a key was expected before {}", self.rest()))),
        }
        Ok(())
    }

    fn leaf(&mut self, within: Option<&Open>) -> Result<Option<Value>, Wrong> {
        match self.peek() {
            Some(b'"') => {
                let text = match within {
                    None => self.quoted(<[u8]>::is_empty),
                    Some(Open::Array(_)) => self.quoted(|after| matches!(after, [b',' | b')', ..])),
                    Some(Open::Set(_)) => self.quoted(|after| matches!(after, [b',' | b']', ..])),
                    Some(Open::Dictionary(..)) => {
                        self.quoted(|after| matches!(after, [b'}', ..] | [b',', b'"' | b'=', ..]))
                    }
                }?;
                Ok(Some(self.interner.string(&text)))
            }
            Some(b'<') => self.data(),
            None | Some(b',' | b')' | b']' | b'}') => Ok(None),
            Some(_) => self.word().map(Some),
        }
    }

    /// A string, whose end is a quote that has to be followed by the right thing.
    fn quoted(&mut self, ends: impl Fn(&[u8]) -> bool) -> Result<String, Wrong> {
        let start = self.at + 1;
        let number = self.made;
        if number == self.choices.len() {
            self.choices.push(0);
        }
        let quotes = self.text[start..].iter().enumerate().filter(|(_, byte)| **byte == b'"');
        let mut candidates = quotes.map(|(index, _)| start + index).filter(|end| ends(&self.text[end + 1..]));
        let end = candidates.nth(self.choices[number]);
        let Some(end) = end else { return Err(Wrong::Ends("a string has no end".into())) };
        self.made += 1;
        self.at = end + 1;
        let text = str::from_utf8(&self.text[start..end]);
        text.map(str::to_string).map_err(|_| Wrong::Value("a string is not UTF-8".into()))
    }

    /// `<0a0b>`, or `<"strings","in data">`, whose bytes are whatever they are.
    fn data(&mut self) -> Result<Option<Value>, Wrong> {
        let endless = || Wrong::Ends("data have no end".into());
        let text = &self.text[self.at..];
        if let Some(after) = text.strip_prefix(b"<unknown object>") {
            self.at = self.text.len() - after.len();
            return Ok(None);
        }
        let mut bytes = Vec::new();
        if let Some(mut strings) = text.strip_prefix(b"<\"") {
            loop {
                let ends =
                    |end: &usize| matches!(&strings[*end..], [b'"', b'>', ..] | [b'"', b',', b'"', ..]);
                let end = (0..strings.len()).find(ends).ok_or_else(endless)?;
                bytes.extend_from_slice(&strings[..end]);
                bytes.push(0);
                let last = strings[end + 1] == b'>';
                strings = &strings[end + if last { 2 } else { 3 }..];
                if last {
                    self.at = self.text.len() - strings.len();
                    return Ok(Some(bytes.into()));
                }
            }
        }
        let end = text.iter().position(|&byte| byte == b'>').ok_or_else(endless)?;
        let digits = &text[1..end];
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        for pair in digits.chunks(2) {
            let byte = match *pair {
                [high, low] => digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low),
                _ => return Err(Wrong::Ends("data have an odd number of digits".into())),
            };
            bytes.push(
                byte.ok_or_else(|| Wrong::Ends(format!("{} are no bytes in hexadecimal", shown(pair))))?,
            );
        }
        self.at += end + 1;
        Ok(Some(bytes.into()))
    }

    /// A boolean or a number.
    fn word(&mut self) -> Result<Value, Wrong> {
        let text = &self.text[self.at..];
        let end = text.iter().position(|byte| b",)]}\n".contains(byte)).unwrap_or(text.len());
        let word = &text[..end];
        self.at += end;
        let value = match str::from_utf8(word).unwrap_or_default() {
            "Yes" => Some(true.into()),
            "No" => Some(false.into()),
            number => parse_number(number),
        };
        value.ok_or_else(|| Wrong::Ends(format!("{} is no number", shown(word))))
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> String {
        match &self.text[self.at..] {
            [] => "the end".into(),
            rest => shown(rest),
        }
    }
}

/// As it is shown, unsigned, or signed.
fn parse_number(text: &str) -> Option<Value> {
    let unsigned = match text.strip_prefix("0x") {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        _ => text.parse::<u64>().ok(),
    };
    match (unsigned, text.parse::<i64>()) {
        (Some(unsigned), _) => Some(integer(unsigned.cast_signed())),
        (_, Ok(signed)) => Some(integer(signed)),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => None,
        // A finite number that no float holds is no infinity.
        _ => text
            .parse::<f64>()
            .ok()
            .filter(|float| !float.is_infinite() || text.ends_with("inf"))
            .map(Value::from),
    }
}

/// The beginning of a text, to show where something is wrong.
pub(super) fn shown(text: &[u8]) -> String {
    const LONGEST: usize = 24;
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let start: String = String::from_utf8_lossy(line).chars().take(LONGEST).collect();
    match (start.is_empty(), start.len() < text.len()) {
        (true, _) => "a new line".into(),
        (_, true) => format!("{start}..."),
        (_, false) => start,
    }
}
