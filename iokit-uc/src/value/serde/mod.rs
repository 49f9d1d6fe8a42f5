//! Values through `serde`: of them types of one's own are made, and they of these.

mod from;
mod into;
mod value;

pub use from::ValueDeserializer;
pub use into::ValueSerializer;

use super::error::Step;
use super::{Value, ValueError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// So deep values are made types of, and made of types: types that contain themselves recurse.
const MAX_DEPTH: usize = 128;

/// What a set is to a `Serializer`: a newtype of this name, of a sequence.
const SET: &str = "$iokit_uc::Set";
/// What asks for a value as it is, with its sets.
const VALUE: &str = "$iokit_uc::Value";

#[cold]
fn too_deep() -> ValueError {
    ValueError::other(format_args!("it is nested more than {MAX_DEPTH} deep"))
}

impl Value {
    /// A type of one's own, made of this value. A dictionary is a struct or a map, or by one key a variant with data; an array or a set
    /// is a sequence; data are bytes, or a sequence of them; a string is a string or a variant; numbers are exact, as
    /// [everywhere](Self#conversions). A key that is not there is `None` for an `Option`. An error says where it is.
    ///
    /// ```
    /// # use iokit_uc::Value;
    /// #[derive(serde::Deserialize)]
    /// struct Legend {
    ///     name: String,
    ///     scale: Option<f64>,
    ///     channels: Vec<u16>,
    /// }
    ///
    /// let value = |last: i32| {
    ///     Value::dictionary([("name", Value::from("cells")), ("channels", Value::array([7, last]))])
    /// };
    /// let legend: Legend = value(8).deserialize_as()?;
    /// assert_eq!((&*legend.name, legend.scale, legend.channels), ("cells", None, vec![7, 8]));
    /// let error = value(70_000).deserialize_as::<Legend>().err().unwrap();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`channels[1]`: expected an unsigned 16-bit integer, found the number 70000",
    /// );
    /// # Ok::<(), iokit_uc::ValueError>(())
    /// ```
    ///
    /// What `serde` itself puts aside first, for `flatten` and enums that are not tagged from outside, has lost the keys that lead to it,
    /// and its integers are signed.
    pub fn deserialize_as<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ValueError> {
        T::deserialize(ValueDeserializer::new(self))
    }

    /// [`deserialize_as`](Self::deserialize_as) of what is under a key, if anything is.
    pub(crate) fn deserialize_entry<T: DeserializeOwned>(
        key: &str,
        value: Option<&Value>,
    ) -> Result<T, ValueError> {
        match value {
            Some(value) => value.deserialize_as().map_err(|error| error.within(Step::Key(key.into()))),
            None => T::deserialize(from::Missing(key)),
        }
    }

    /// A value, made of a type of one's own: the reverse of [`deserialize_as`](Self::deserialize_as). Integers and floats keep their size.
    /// `None` is a key left out; a property list has no other place for it. Bytes are data, but `Vec<u8>` is to `serde` a
    /// sequence of numbers: the crate `serde_bytes` tells it otherwise.
    ///
    /// ```
    /// # use iokit_uc::Value;
    /// #[derive(serde::Serialize)]
    /// struct Settings<'a> {
    ///     mode: &'a str,
    ///     channels: [u32; 2],
    ///     key: Option<bool>,
    /// }
    ///
    /// let settings = Value::from_serialize(&Settings { mode: "loopback", channels: [1, 5], key: None })?;
    /// let expected = [("mode", Value::from("loopback")), ("channels", Value::array([1u32, 5]))];
    /// assert_eq!(settings, Value::dictionary(expected));
    /// # Ok::<(), iokit_uc::ValueError>(())
    /// ```
    pub fn from_serialize<T: Serialize + ?Sized>(from: &T) -> Result<Self, ValueError> {
        match from.serialize(ValueSerializer::new())? {
            Some(value) => Ok(value),
            None => Err(into::nothing()),
        }
    }
}

impl serde::de::Error for ValueError {
    fn custom<T: std::fmt::Display>(problem: T) -> Self {
        ValueError::other(problem)
    }

    fn invalid_type(unexpected: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        ValueError::unexpected(expected.to_string(), unexpected.to_string())
    }

    fn invalid_value(unexpected: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        ValueError::unexpected(expected.to_string(), unexpected.to_string())
    }

    fn invalid_length(length: usize, expected: &dyn serde::de::Expected) -> Self {
        let found = if length == 1 { "1 element".into() } else { format!("{length} elements") };
        ValueError::unexpected(expected.to_string(), found)
    }

    fn missing_field(field: &'static str) -> Self {
        ValueError::missing(field)
    }
}

impl serde::ser::Error for ValueError {
    fn custom<T: std::fmt::Display>(problem: T) -> Self {
        ValueError::other(problem)
    }
}

#[cfg(test)]
mod tests;
