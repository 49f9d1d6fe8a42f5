//! Values themselves, in whatever format `serde` is asked for.

use super::super::{Dictionary, Number, Repr, Value, ValueError};
use super::{MAX_DEPTH, SET, VALUE, too_deep};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use std::fmt;

/// A set is a newtype of a sequence, so that most formats have a sequence. Fails if it is nested more than 128 deep.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Level { value: self, left: MAX_DEPTH }.serialize(serializer)
    }
}

impl Serialize for Dictionary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from(self.clone()).serialize(serializer)
    }
}

/// A signed integer, or a float, of its own size.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.as_i64(), self.as_f64(), self.bits()) {
            (Some(integer), _, 8) => serializer.serialize_i8(integer as i8),
            (Some(integer), _, 16) => serializer.serialize_i16(integer as i16),
            (Some(integer), _, 32) => serializer.serialize_i32(integer as i32),
            (Some(integer), ..) => serializer.serialize_i64(integer),
            (None, Some(float), 32) => serializer.serialize_f32(float as f32),
            (None, float, _) => serializer.serialize_f64(float.unwrap_or_default()),
        }
    }
}

struct Level<'a> {
    value: &'a Value,
    left: usize,
}

/// The members of a set, as a sequence.
struct Members<'a> {
    members: &'a [Value],
    left: usize,
}

impl Serialize for Level<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let left = || self.left.checked_sub(1).ok_or_else(|| S::Error::custom(too_deep()));
        match &self.value.0 {
            Repr::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Repr::Number(number) => number.serialize(serializer),
            Repr::String(text) => serializer.serialize_str(text),
            Repr::Data(bytes) => serializer.serialize_bytes(bytes),
            Repr::Array(elements) => Members { members: elements, left: left()? }.serialize(serializer),
            Repr::Set(set) => {
                serializer.serialize_newtype_struct(SET, &Members { members: &set.members, left: left()? })
            }
            Repr::Dictionary(dictionary) => {
                let left = left()?;
                let mut map = serializer.serialize_map(Some(dictionary.len()))?;
                for (key, value) in dictionary.iter() {
                    map.serialize_entry(key, &Level { value, left })?;
                }
                map.end()
            }
        }
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.members.iter().map(|value| Level { value, left: self.left }))
    }
}

/// Of what a format says of itself: an integer has the size that the format gives it. Fails for null, and for what is nested more
/// than 128 deep.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Seed { left: MAX_DEPTH }.deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for Dictionary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)
    }
}

fn read<'de, T: TryFrom<Value, Error = ValueError>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    T::try_from(value).map_err(D::Error::custom)
}

#[derive(Clone, Copy)]
struct Seed {
    left: usize,
}

impl Seed {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        Ok(Self { left: self.left.checked_sub(1).ok_or_else(|| E::custom(too_deep()))? })
    }
}

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, self)
    }
}

macro_rules! leaves {
    ($($visit:ident $type:ty;)*) => {$(
        fn $visit<E: serde::de::Error>(self, value: $type) -> Result<Value, E> {
            Ok(value.into())
        }
    )*};
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a property list")
    }

    leaves! {
        visit_bool bool;
        visit_i8 i8;
        visit_i16 i16;
        visit_i32 i32;
        visit_i64 i64;
        visit_u8 u8;
        visit_u16 u16;
        visit_u32 u32;
        visit_u64 u64;
        visit_f32 f32;
        visit_f64 f64;
        visit_str &str;
        visit_string String;
        visit_bytes &[u8];
        visit_byte_buf Vec<u8>;
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deeper()?.deserialize(deserializer)
    }

    /// What a format that knows no newtypes makes of [`VALUE`].
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let (within, mut elements) = (self.deeper()?, Vec::new());
        while let Some(element) = access.next_element_seed(within)? {
            elements.push(element);
        }
        Ok(elements.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let (within, mut dictionary) = (self.deeper()?, Dictionary::default());
        while let Some(key) = access.next_key::<String>()? {
            dictionary.insert(key, access.next_value_seed(within)?);
        }
        Ok(dictionary.into())
    }

    /// How a set comes from a [`ValueDeserializer`](super::ValueDeserializer).
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (name, variant) = access.variant::<String>()?;
        if name != SET {
            return Err(A::Error::custom(format_args!("`{name}` is a variant, which no property list has")));
        }
        let members = variant.newtype_variant_seed(MembersSeed(self))?;
        Ok(Value::set(members.as_array().unwrap_or_default().iter().cloned()))
    }
}

struct MembersSeed(Seed);

impl<'de> DeserializeSeed<'de> for MembersSeed {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_seq(self.0)
    }
}
