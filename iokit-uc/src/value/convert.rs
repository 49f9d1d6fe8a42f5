//! Values of types of Rust's, and back: exactly or not at all.

use super::{Dictionary, Number, Repr, Value, ValueError};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

macro_rules! values {
    ($($type:ty: $value:ident => $repr:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Value($repr)
            }
        }
    )*};
}

values! {
    bool: boolean => Repr::Boolean(boolean);
    &str: text => Repr::String(text.into());
    String: text => Repr::String(text.into());
    &String: text => Repr::String(text.as_str().into());
    Cow<'_, str>: text => Repr::String(text.into());
    Arc<str>: text => Repr::String(text);
    &[u8]: bytes => Repr::Data(bytes.into());
    Vec<u8>: bytes => Repr::Data(bytes.into());
    Vec<Value>: elements => Repr::Array(Arc::new(elements));
    Number: number => Repr::Number(number);
    Dictionary: dictionary => Repr::Dictionary(dictionary);
}

impl<V: Into<Value>> From<BTreeMap<String, V>> for Value {
    fn from(map: BTreeMap<String, V>) -> Self {
        Value::dictionary(map)
    }
}

/// In no particular order.
impl<V: Into<Value>, S> From<HashMap<String, V, S>> for Value {
    fn from(map: HashMap<String, V, S>) -> Self {
        Value::dictionary(map)
    }
}

/// A value is read as a type, or it is an error what it was expected to be.
macro_rules! conversions {
    ($($type:ty: $expected:literal, $value:ident => $read:expr;)*) => {$(
        impl TryFrom<&Value> for $type {
            type Error = ValueError;
            fn try_from($value: &Value) -> Result<Self, ValueError> {
                $read.ok_or_else(|| ValueError::mistyped($expected, $value))
            }
        }

        impl TryFrom<Value> for $type {
            type Error = ValueError;
            fn try_from(value: Value) -> Result<Self, ValueError> {
                Self::try_from(&value)
            }
        }
    )*};
}

conversions! {
    bool: "a boolean", value => value.as_bool();
    u8: "an unsigned 8-bit integer", value => unsigned(value);
    u16: "an unsigned 16-bit integer", value => unsigned(value);
    u32: "an unsigned 32-bit integer", value => unsigned(value);
    u64: "an unsigned 64-bit integer", value => unsigned(value);
    u128: "an integer", value => unsigned(value);
    usize: "an unsigned integer that is a size", value => unsigned(value);
    i8: "a signed 8-bit integer", value => signed(value);
    i16: "a signed 16-bit integer", value => signed(value);
    i32: "a signed 32-bit integer", value => signed(value);
    i64: "a signed 64-bit integer", value => signed(value);
    i128: "an integer", value => signed(value);
    isize: "a signed integer that is a size", value => signed(value);
    f32: "a number that 32 bits of float hold exactly", value => value.as_number().and_then(single);
    f64: "a number that 64 bits of float hold exactly", value => value.as_number().and_then(double);
    Number: "a number", value => value.as_number();
    String: "a string", value => value.as_str().map(str::to_owned);
    Vec<u8>: "data", value => value.as_data().map(<[u8]>::to_vec);
    Vec<Value>: "an array", value => value.as_list().map(<[Value]>::to_vec);
    Dictionary: "a dictionary", value => value.as_dictionary().cloned();
    BTreeMap<String, Value>: "a dictionary", value => value.as_dictionary().map(map);
}

impl<S: BuildHasher + Default> TryFrom<&Value> for HashMap<String, Value, S> {
    type Error = ValueError;
    fn try_from(value: &Value) -> Result<Self, ValueError> {
        value.as_dictionary().map(map).ok_or_else(|| ValueError::mistyped("a dictionary", value))
    }
}

impl<S: BuildHasher + Default> TryFrom<Value> for HashMap<String, Value, S> {
    type Error = ValueError;
    fn try_from(value: Value) -> Result<Self, ValueError> {
        Self::try_from(&value)
    }
}

fn map<M: FromIterator<(String, Value)>>(dictionary: &Dictionary) -> M {
    dictionary.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
}

/// The unsigned value of the bits.
fn unsigned<T: TryFrom<u64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_number()?.as_u64()?).ok()
}

/// The value of the bits in two's complement of their number.
fn signed<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_number()?.as_i64()?).ok()
}

fn double(number: Number) -> Option<f64> {
    let Some(integer) = number.as_i64() else { return number.as_f64() };
    let float = integer as f64;
    // 2^63 is the float that `i64::MAX` rounds to, and as an integer is `i64::MAX` again.
    const TOO_LARGE: f64 = -(i64::MIN as f64);
    (float as i64 == integer && float != TOO_LARGE).then_some(float)
}

fn single(number: Number) -> Option<f32> {
    let double = double(number)?;
    let single = double as f32;
    (f64::from(single) == double || double.is_nan()).then_some(single)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::fmt::Debug;

    /// What a value reads as, for which an error's text stands.
    fn read<T: TryFrom<Value, Error = ValueError>>(value: impl Into<Value>) -> Result<T, String> {
        T::try_from(value.into()).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn fails<T: TryFrom<Value, Error = ValueError> + Debug>(value: impl Into<Value>, text: &str) {
        assert_eq!(read::<T>(value).unwrap_err(), text);
    }

    #[test]
    fn every_integer_comes_back_as_what_it_went_in() {
        macro_rules! there_and_back {
            ($($type:ty)*) => {$(
                for integer in [<$type>::MIN, <$type>::MAX, <$type>::MAX / 2, 0, 1] {
                    assert_eq!(read::<$type>(integer), Ok(integer));
                }
            )*};
        }
        there_and_back!(u8 u16 u32 u64 i8 i16 i32 i64);
        assert_eq!(read(u64::MAX), Ok(u128::from(u64::MAX)));
        assert_eq!(read(i64::MIN), Ok(i128::from(i64::MIN)));
        assert_eq!((read(7u8), read(-7i8)), (Ok(7usize), Ok(-7isize)));
    }

    #[test]
    fn the_type_asked_for_says_whether_there_is_a_sign() {
        assert_eq!(read(u32::MAX), Ok(-1i64));
        assert_eq!(read(-1i32), Ok(u64::from(u32::MAX)));
        assert_eq!(read(-1i64), Ok(-1i8));
        assert_eq!(read(200u32), Ok(200u8));
        // What a driver published as -1 of 8 bits is read from the kernel as 255 of 32.
        fails::<i8>(255u32, "expected a signed 8-bit integer, found the number 255");
        fails::<u8>(256u16, "expected an unsigned 8-bit integer, found the number 256");
        let found = "found the number 18446744073709551615 (or -1, of 64 bits)";
        fails::<u32>(-1i64, &format!("expected an unsigned 32-bit integer, {found}"));
        fails::<i32>(i64::from(i32::MIN) - 1, &{
            let found = "the number 18446744071562067967 (or -2147483649, of 64 bits)";
            format!("expected a signed 32-bit integer, found {found}")
        });
    }

    #[test]
    fn a_float_is_no_integer_and_an_integer_a_float_if_nothing_is_lost() {
        fails::<u8>(2.0, "expected an unsigned 8-bit integer, found the float 2.0");
        fails::<i64>(f32::NAN, "expected a signed 64-bit integer, found the float NaN");
        assert_eq!(read(0.1f64), Ok(0.1f64));
        assert_eq!(read(0.1f32), Ok(f64::from(0.1f32)));
        assert_eq!(read(f64::from(f32::MAX)), Ok(f32::MAX));
        assert_eq!(read(f64::NEG_INFINITY), Ok(f32::NEG_INFINITY));
        assert!(read::<f32>(f64::NAN).unwrap().is_nan() && read::<f64>(f32::NAN).unwrap().is_nan());
        assert_eq!(read::<f64>(-0.0f64).unwrap().to_bits(), (-0.0f64).to_bits());
        fails::<f32>(0.1f64, "expected a number that 32 bits of float hold exactly, found the float 0.1");
        fails::<f32>(f64::MAX, {
            "expected a number that 32 bits of float hold exactly, found the float 1.7976931348623157e308"
        });
        assert_eq!((read(-1500i32), read(1u64 << 53)), (Ok(-1500f64), Ok(9_007_199_254_740_992f64)));
        assert_eq!(read(i64::MIN), Ok(-9_223_372_036_854_775_808f32));
        let expected = "expected a number that 64 bits of float hold exactly, found the number";
        fails::<f64>((1u64 << 53) + 1, &format!("{expected} 9007199254740993"));
        fails::<f64>(i64::MAX, &format!("{expected} 9223372036854775807"));
        fails::<f32>(16_777_217, {
            "expected a number that 32 bits of float hold exactly, found the number 16777217"
        });
    }

    #[test]
    fn everything_else_is_what_it_is() {
        assert_eq!(read(true), Ok(true));
        assert_eq!(read("text"), Ok(String::from("text")));
        assert_eq!(read(vec![1, 2]), Ok(vec![1u8, 2]));
        assert_eq!(read(Value::array([1, 2])), Ok(vec![Value::from(1), 2.into()]));
        assert_eq!(read(Value::set([1])), Ok(vec![Value::from(1)]));
        assert_eq!(read(1.5f32), Ok(Number::from(1.5f32)));
        fails::<bool>(1, "expected a boolean, found the number 1");
        fails::<bool>("Yes", "expected a boolean, found the string \"Yes\"");
        fails::<String>(vec![65], "expected a string, found 1 byte of data");
        fails::<Vec<u8>>("AB", "expected data, found the string \"AB\"");
        fails::<Vec<u8>>(Value::array([1u8]), "expected data, found an array of 1 element");
        fails::<Vec<Value>>(true, "expected an array, found the boolean true");
        fails::<Number>("1", "expected a number, found the string \"1\"");
        fails::<u32>("1", "expected an unsigned 32-bit integer, found the string \"1\"");
    }

    #[test]
    fn maps_are_dictionaries() {
        let dictionary: Dictionary = [("a", 1), ("b", 2)].into_iter().collect();
        let value = Value::from(dictionary.clone());
        let ordered = BTreeMap::try_from(&value).unwrap();
        let hashed: HashMap<String, Value> = HashMap::try_from(value.clone()).unwrap();
        assert_eq!(read(value.clone()), Ok(dictionary));
        assert_eq!((Value::from(ordered), Value::from(hashed)), (value.clone(), value));
        fails::<BTreeMap<String, Value>>(1, "expected a dictionary, found the number 1");
        fails::<HashMap<String, Value>>(1, "expected a dictionary, found the number 1");
        fails::<Dictionary>(Value::array([1]), "expected a dictionary, found an array of 1 element");
    }

    #[test]
    fn strings_of_every_kind_are_strings() {
        let (owned, shared): (String, Arc<str>) = ("a".into(), "a".into());
        let values =
            [Value::from(&owned), Value::from(Cow::Borrowed("a")), Value::from(shared), owned.into()];
        assert!(values.iter().all(|value| value.as_str() == Some("a")));
        assert_eq!(Value::from(vec![Value::from(1)]), Value::array([1]));
    }
}
