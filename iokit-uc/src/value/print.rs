//! Values in words.

use super::{Repr, Value};
use std::fmt;

/// Prints no more than [`MAX_NESTING`](Value::MAX_NESTING) levels.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Level(self, 0).fmt(f)
    }
}

struct Level<'a>(&'a Value, usize);

impl fmt::Debug for Level<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Level(value, depth) = *self;
        let within = |value| Level(value, depth + 1);
        match &value.0 {
            Repr::Boolean(boolean) => boolean.fmt(f),
            Repr::Number(number) => number.fmt(f),
            Repr::String(text) => text.fmt(f),
            Repr::Data(bytes) => {
                f.write_str("<")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(">")
            }
            _ if depth == Value::MAX_NESTING => f.write_str("..."),
            Repr::Array(elements) => f.debug_list().entries(elements.iter().map(within)).finish(),
            Repr::Set(set) => {
                f.write_str("set ")?;
                f.debug_set().entries(set.members.iter().map(within)).finish()
            }
            Repr::Dictionary(dictionary) => {
                f.debug_map().entries(dictionary.iter().map(|(key, value)| (key, within(value)))).finish()
            }
        }
    }
}

/// What an error says was there: a value in a few words, however large it is.
pub(super) struct Found<'a>(pub(super) &'a Value);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        match &self.0.0 {
            Repr::Boolean(boolean) => write!(f, "the boolean {boolean}"),
            Repr::Number(number) => match (number.as_f64(), number.as_u64(), number.as_i64()) {
                (Some(float), ..) => write!(f, "the float {float:?}"),
                (None, Some(unsigned), Some(signed)) if signed < 0 => {
                    write!(f, "the number {unsigned} (or {signed}, of {} bits)", number.bits())
                }
                (None, unsigned, _) => write!(f, "the number {}", unsigned.unwrap_or_default()),
            },
            Repr::String(text) => match text.char_indices().nth(SHOWN) {
                Some((end, _)) => {
                    write!(f, "a string of {} bytes that begins with {:?}", text.len(), &text[..end])
                }
                None => write!(f, "the string {text:?}"),
            },
            Repr::Data(bytes) => write!(f, "{} of data", Count(bytes.len(), "byte")),
            Repr::Array(elements) => write!(f, "an array of {}", Count(elements.len(), "element")),
            Repr::Set(set) => write!(f, "a set of {}", Count(set.members.len(), "member")),
            Repr::Dictionary(dictionary) => write!(f, "a dictionary of {}", Count(dictionary.len(), "key")),
        }
    }
}

/// So many of something.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count(count, what) = self;
        write!(f, "{count} {what}{}", if *count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_reads_like_a_property_list() {
        let members = [Value::from("x"), Value::data([1, 0xff]), Value::from(-1i8), Value::from(0.5f64)];
        let value = Value::dictionary([("a", Value::array(members)), ("b", Value::set([true]))]);
        assert_eq!(format!("{value:?}"), r#"{"a": ["x", <01ff>, 255u8, 0.5f64], "b": set {true}}"#);
    }

    #[test]
    fn what_was_found_is_told_in_a_few_words() {
        let values = [
            true.into(),
            300u16.into(),
            (-2i32).into(),
            f64::NAN.into(),
            "abc".into(),
            "ü".repeat(41).into(),
            Value::data([7]),
            Value::array([1, 2]),
            Value::set([1]),
            Value::dictionary([("a", 1), ("b", 2)]),
        ];
        let found = values.each_ref().map(|value| Found(value).to_string());
        let begin = format!("a string of 82 bytes that begins with \"{}\"", "ü".repeat(40));
        let expected = [
            "the boolean true",
            "the number 300",
            "the number 4294967294 (or -2, of 32 bits)",
            "the float NaN",
            "the string \"abc\"",
            &begin,
            "1 byte of data",
            "an array of 2 elements",
            "a set of 1 member",
            "a dictionary of 2 keys",
        ];
        assert_eq!(found, expected);
    }
}
