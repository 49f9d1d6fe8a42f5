//! Makes numbers and text of the bytes that keys hold.
//!
//! What a key measures shows in its first letter, how it is written in its type:
//!
//! | type | bytes | value |
//! |---|---|---|
//! | `ui8 ` … `ui64`, `si8 ` … `si64` | 1 … 8 | integer; mostly little-endian on Apple silicon, else big-endian |
//! | `flt ` | 4 | IEEE single precision, little-endian |
//! | `spIF` | 2 | signed fixed point, big-endian; I integer bits and F fraction bits, in hexadecimal |
//! | `fpIF` | 2 | the same unsigned: `fpe2` has 14 integer bits and 2 fraction bits |
//! | `flag` | 1 | zero or not |
//! | `ch8*` | any | text, ended by NUL |
//!
//! Any other type, and any value that is not as long as its type says, stays bytes.

use super::protocol::FourCc;
use std::fmt;

/// The order of an integer's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Big,
    Little,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Integer(i128),
    Number(f64),
    Flag(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value of type `kind` that `bytes` stand for; `order` is that of integers.
    pub(crate) fn decode(kind: FourCc, bytes: &'a [u8], order: ByteOrder) -> Self {
        let value = match &kind.characters() {
            b"flt " => bytes.try_into().ok().map(|bytes| Self::Number(f32::from_le_bytes(bytes).into())),
            b"flag" if bytes.len() == 1 => Some(Self::Flag(bytes != [0])),
            b"ch8*" => text(bytes).map(Self::Text),
            [sign @ (b'u' | b's'), b'i', width @ ..] => {
                integer(*sign == b's', width, bytes, order).map(Self::Integer)
            }
            [sign @ (b'f' | b's'), b'p', integer_bits, fraction_bits] => {
                fixed_point(*sign == b's', *integer_bits, *fraction_bits, bytes).map(Self::Number)
            }
            _ => None,
        };
        value.unwrap_or(Self::Bytes(bytes))
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at(end);
    let is_text = text.iter().all(|byte| matches!(byte, b' '..=b'~')) && rest.iter().all(|&byte| byte == 0);
    if is_text { std::str::from_utf8(text).ok() } else { None }
}

fn integer(signed: bool, width: &[u8], bytes: &[u8], order: ByteOrder) -> Option<i128> {
    let bits = match width {
        b"8 " => 8,
        b"16" => 16,
        b"32" => 32,
        b"64" => 64,
        _ => return None,
    };
    if bytes.len() * 8 != bits {
        return None;
    }
    let append = |value, &byte: &u8| (value << 8) | i128::from(byte);
    let value = match order {
        ByteOrder::Big => bytes.iter().fold(0, append),
        ByteOrder::Little => bytes.iter().rev().fold(0, append),
    };
    let is_negative = signed && value >> (bits - 1) != 0;
    Some(if is_negative { value - (1 << bits) } else { value })
}

fn fixed_point(signed: bool, integer_bits: u8, fraction_bits: u8, bytes: &[u8]) -> Option<f64> {
    let bits = |digit: u8| char::from(digit).to_digit(16);
    let (integer_bits, fraction_bits) = (bits(integer_bits)?, bits(fraction_bits)?);
    if u32::from(signed) + integer_bits + fraction_bits != 16 {
        return None;
    }
    let raw = integer(signed, b"16", bytes, ByteOrder::Big)?;
    Some(raw as f64 / f64::from(1 << fraction_bits))
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value:.3}"),
            Self::Flag(value) => f.write_str(if value { "yes" } else { "no" }),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Bytes(bytes) => {
                for (index, byte) in bytes.iter().enumerate() {
                    let separator = if index == 0 { "" } else { " " };
                    write!(f, "{separator}{byte:02x}")?;
                }
                Ok(())
            }
        }
    }
}

/// The unit of a key's value, where it is known.
///
/// The first letter tells: T temperature, P power, V voltage, I current. It does so for numbers with a fraction;
/// an integer under one of these letters is mostly a count or a state. Speeds of fans and the battery's integers
/// are known by name.
pub(crate) fn unit(key: FourCc, value: &Value<'_>) -> Option<&'static str> {
    match (&key.characters(), value) {
        (b"B0AV", Value::Integer(_)) => Some("mV"),
        (b"B0AC", Value::Integer(_)) => Some("mA"),
        (b"B0FC" | b"B0RM", Value::Integer(_)) => Some("mAh"),
        ([b'F', b'0'..=b'9', b'A', b'c'], Value::Number(_)) => Some("rpm"),
        ([b'F', b'0'..=b'9', b'M', b'n' | b'x'], Value::Number(_)) => Some("rpm"),
        ([b'F', b'0'..=b'9', b'T', b'g'], Value::Number(_)) => Some("rpm"),
        ([b'T', ..], Value::Number(_)) => Some("°C"),
        ([b'P', ..], Value::Number(_)) => Some("W"),
        ([b'V', ..], Value::Number(_)) => Some("V"),
        ([b'I', ..], Value::Number(_)) => Some("A"),
        _ => None,
    }
}
