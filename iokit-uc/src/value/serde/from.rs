//! A `Deserializer` over a value.

use super::super::error::Step;
use super::super::{Value, ValueError};
use super::{MAX_DEPTH, SET, VALUE, too_deep};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::slice;
use std::sync::Arc;

/// A `serde::Deserializer` over a [`Value`], which [`deserialize_as`](Value::deserialize_as) and
/// `IntoDeserializer` of `&Value` make.
#[derive(Clone, Copy, Debug)]
pub struct ValueDeserializer<'de> {
    value: &'de Value,
    /// How much deeper it may go.
    left: usize,
}

impl<'de> ValueDeserializer<'de> {
    pub(super) fn new(value: &'de Value) -> Self {
        Self { value, left: MAX_DEPTH }
    }

    fn deeper(self) -> Result<Self, ValueError> {
        let left = self.left.checked_sub(1).ok_or_else(too_deep)?;
        Ok(Self { left, ..self })
    }

    fn mistyped<T>(self, expected: &'static str) -> Result<T, ValueError> {
        Err(ValueError::mistyped(expected, self.value))
    }

    fn list<V: Visitor<'de>>(self, visitor: V, expected: &'static str) -> Result<V::Value, ValueError> {
        let left = self.deeper()?.left;
        if let Some(bytes) = self.value.as_data() {
            let mut bytes = bytes.iter();
            let length = bytes.len();
            let made = visitor.visit_seq(Bytes(&mut bytes))?;
            return all_read(made, length, bytes.len());
        }
        let Some(list) = self.value.as_list() else { return self.mistyped(expected) };
        let mut list = list.iter().enumerate();
        let length = list.len();
        let made = visitor.visit_seq(List { list: &mut list, left })?;
        all_read(made, length, list.len())
    }

    fn dictionary<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        let left = self.deeper()?.left;
        let Some(dictionary) = self.value.as_dictionary() else { return self.mistyped("a dictionary") };
        visitor.visit_map(Entries { entries: dictionary.entries().iter(), value: None, left })
    }
}

/// A sequence of fixed length must not be longer than what is made of it.
fn all_read<T>(made: T, length: usize, left: usize) -> Result<T, ValueError> {
    match left {
        0 => Ok(made),
        left => {
            let expected = length - left;
            let expected = format!("{expected} element{}", if expected == 1 { "" } else { "s" });
            Err(ValueError::unexpected(expected, format!("{length}")))
        }
    }
}

macro_rules! exactly {
    ($($deserialize:ident $type:ident $visit:ident;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            visitor.$visit($type::try_from(self.value)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if let Some(boolean) = self.value.as_bool() {
            return visitor.visit_bool(boolean);
        }
        if let Some(text) = self.value.as_str() {
            return visitor.visit_borrowed_str(text);
        }
        if let Some(bytes) = self.value.as_data() {
            return visitor.visit_borrowed_bytes(bytes);
        }
        if let Some(number) = self.value.as_number() {
            // Of its own size, which keeps all bits.
            return match (number.as_i64(), number.as_f64(), number.bits()) {
                (Some(integer), _, 8) => visitor.visit_i8(integer as i8),
                (Some(integer), _, 16) => visitor.visit_i16(integer as i16),
                (Some(integer), _, 32) => visitor.visit_i32(integer as i32),
                (Some(integer), ..) => visitor.visit_i64(integer),
                (None, Some(float), 32) => visitor.visit_f32(float as f32),
                (None, float, _) => visitor.visit_f64(float.unwrap_or_default()),
            };
        }
        if self.value.as_dictionary().is_some() { self.dictionary(visitor) } else { self.list(visitor, "") }
    }

    exactly! {
        deserialize_bool bool visit_bool;
        deserialize_i8 i8 visit_i8;
        deserialize_i16 i16 visit_i16;
        deserialize_i32 i32 visit_i32;
        deserialize_i64 i64 visit_i64;
        deserialize_i128 i128 visit_i128;
        deserialize_u8 u8 visit_u8;
        deserialize_u16 u16 visit_u16;
        deserialize_u32 u32 visit_u32;
        deserialize_u64 u64 visit_u64;
        deserialize_u128 u128 visit_u128;
        deserialize_f32 f32 visit_f32;
        deserialize_f64 f64 visit_f64;
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value.as_str() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.mistyped("a string"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.value.as_data() {
            Some(bytes) => visitor.visit_borrowed_bytes(bytes),
            None => self.mistyped("data"),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self.deeper()?)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        self.mistyped("nothing")
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        match name {
            VALUE if self.value.as_set().is_some() => {
                visitor.visit_enum(Variant { name: SET, content: Some(self) })
            }
            VALUE => self.deserialize_any(visitor),
            _ => visitor.visit_newtype_struct(self.deeper()?),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.list(visitor, "an array")
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.list(visitor, "an array")
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.list(visitor, "an array")
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.dictionary(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.dictionary(visitor)
    }

    /// A string is a variant without data, a dictionary of one key one with.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        if let Some(name) = self.value.as_str() {
            return visitor.visit_enum(Variant { name, content: None });
        }
        match self.value.as_dictionary().map(|dictionary| dictionary.entries()) {
            Some([(name, content)]) => {
                let content = Self { value: content, ..self.deeper()? };
                let made = visitor.visit_enum(Variant { name, content: Some(content) });
                made.map_err(|error| error.within(Step::Key(Arc::clone(name))))
            }
            _ => self.mistyped("a string or a dictionary of one key"),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_unit()
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for &'de Value {
    type Deserializer = ValueDeserializer<'de>;
    fn into_deserializer(self) -> ValueDeserializer<'de> {
        ValueDeserializer::new(self)
    }
}

struct List<'a, 'de> {
    list: &'a mut std::iter::Enumerate<slice::Iter<'de, Value>>,
    left: usize,
}

impl<'de> SeqAccess<'de> for List<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        let Some((index, value)) = self.list.next() else { return Ok(None) };
        let made = seed.deserialize(ValueDeserializer { value, left: self.left });
        made.map(Some).map_err(|error| error.within(Step::Index(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len())
    }
}

struct Bytes<'a, 'de>(&'a mut slice::Iter<'de, u8>);

impl<'de> SeqAccess<'de> for Bytes<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.0.next().map(|&byte| seed.deserialize(byte.into_deserializer())).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

struct Entries<'de> {
    entries: slice::Iter<'de, (Arc<str>, Value)>,
    value: Option<(&'de Arc<str>, &'de Value)>,
    left: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key, value));
        let made = seed.deserialize(Key(key));
        made.map(Some).map_err(|error| error.within(Step::Key(Arc::clone(key))))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        let Some((key, value)) = self.value.take() else {
            return Err(ValueError::custom("no key has been read"));
        };
        let made = seed.deserialize(ValueDeserializer { value, left: self.left });
        made.map_err(|error| error.within(Step::Key(Arc::clone(key))))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// What is not there under a key: nothing, for an `Option`, and an error for all else.
pub(super) struct Missing<'a>(pub(super) &'a str);

impl<'de> Deserializer<'de> for Missing<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::missing(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

/// A key: text, or a number or a boolean in text.
struct Key<'de>(&'de str);

macro_rules! parsed {
    ($($deserialize:ident $type:ident $visit:ident $expected:literal;)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(ValueError::unexpected($expected.into(), "this key".into())),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool bool visit_bool "a boolean";
        deserialize_i8 i8 visit_i8 "a signed 8-bit integer";
        deserialize_i16 i16 visit_i16 "a signed 16-bit integer";
        deserialize_i32 i32 visit_i32 "a signed 32-bit integer";
        deserialize_i64 i64 visit_i64 "a signed 64-bit integer";
        deserialize_i128 i128 visit_i128 "an integer";
        deserialize_u8 u8 visit_u8 "an unsigned 8-bit integer";
        deserialize_u16 u16 visit_u16 "an unsigned 16-bit integer";
        deserialize_u32 u32 visit_u32 "an unsigned 32-bit integer";
        deserialize_u64 u64 visit_u64 "an unsigned 64-bit integer";
        deserialize_u128 u128 visit_u128 "an integer";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        BorrowedStrDeserializer::new(self.0).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

struct Variant<'de> {
    name: &'de str,
    content: Option<ValueDeserializer<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = ValueError;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'de>), ValueError> {
        let variant = seed.deserialize(BorrowedStrDeserializer::<ValueError>::new(self.name))?;
        Ok((variant, Content { name: self.name, content: self.content }))
    }
}

struct Content<'de> {
    name: &'de str,
    content: Option<ValueDeserializer<'de>>,
}

impl<'de> Content<'de> {
    fn expect(self, expected: &'static str) -> Result<ValueDeserializer<'de>, ValueError> {
        self.content.ok_or_else(|| {
            let expected = format!("the variant `{}` with {expected}", self.name);
            ValueError::unexpected(expected, "its name alone".into())
        })
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = ValueError;

    fn unit_variant(self) -> Result<(), ValueError> {
        match self.content {
            None => Ok(()),
            Some(content) => Err(ValueError::mistyped(
                format!("the name of the variant `{}` alone", self.name),
                content.value,
            )),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, ValueError> {
        seed.deserialize(self.expect("a value")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, ValueError> {
        self.expect("an array")?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.expect("a dictionary")?.deserialize_struct("", fields, visitor)
    }
}
