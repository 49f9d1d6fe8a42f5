//! A `Serializer` that makes a value.

use super::super::error::Step;
use super::super::{Dictionary, Value, ValueError};
use super::{MAX_DEPTH, SET, too_deep};
use serde::Serialize;
use serde::ser::{
    Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::sync::Arc;

/// A `serde::Serializer` that makes a [`Value`], as [`from_serialize`](Value::from_serialize) does; none of `None`.
#[derive(Clone, Copy, Debug)]
pub struct ValueSerializer {
    /// How much deeper it may go.
    left: usize,
}

type Made = Result<Option<Value>, ValueError>;

#[cold]
pub(super) fn nothing() -> ValueError {
    ValueError::other("a property list has no value for none")
}

impl ValueSerializer {
    /// One for a value as a whole.
    #[expect(clippy::new_without_default, reason = "there is nothing to be set by default")]
    pub fn new() -> Self {
        Self { left: MAX_DEPTH }
    }

    fn deeper(self) -> Result<Self, ValueError> {
        let left = self.left.checked_sub(1).ok_or_else(too_deep)?;
        Ok(Self { left })
    }

    fn list(self, length: usize, variant: Option<&'static str>) -> Result<List, ValueError> {
        // What a type says of its length is not taken for room: it may say anything.
        Ok(List { within: self.deeper()?, elements: Vec::with_capacity(length.min(1024)), variant })
    }

    fn entries(self, variant: Option<&'static str>) -> Result<Entries, ValueError> {
        Ok(Entries { within: self.deeper()?, dictionary: Dictionary::default(), key: None, variant })
    }
}

/// With the name of its variant, if it is of one.
fn tagged(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::dictionary([(variant, value)]),
        None => value,
    }
}

macro_rules! leaves {
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, value: $type) -> Made {
            Ok(Some(value.into()))
        }
    )*};
}

impl Serializer for ValueSerializer {
    type Ok = Option<Value>;
    type Error = ValueError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    leaves! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_str &str;
        serialize_bytes &[u8];
    }

    fn serialize_i128(self, value: i128) -> Made {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => match u64::try_from(value) {
                Ok(value) => self.serialize_u64(value),
                Err(_) => Err(ValueError::custom(format_args!("{value} is no integer of 64 bits"))),
            },
        }
    }

    fn serialize_u128(self, value: u128) -> Made {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => Err(ValueError::custom(format_args!("{value} is no integer of 64 bits"))),
        }
    }

    fn serialize_char(self, value: char) -> Made {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_none(self) -> Made {
        Ok(None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made {
        value.serialize(self.deeper()?)
    }

    fn serialize_unit(self) -> Made {
        Ok(None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Made {
        let made = value.serialize(self.deeper()?)?;
        Ok(match made.as_ref().and_then(Value::as_array) {
            Some(members) if name == SET => Some(Value::set(members.iter().cloned())),
            _ => made,
        })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made {
        let within = |error: ValueError| error.within(Step::Key(variant.into()));
        let made = value.serialize(self.deeper()?).map_err(within)?;
        let made = made.ok_or_else(|| within(nothing()))?;
        Ok(Some(tagged(Some(variant), made)))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List, ValueError> {
        self.list(length.unwrap_or(0), None)
    }

    fn serialize_tuple(self, length: usize) -> Result<List, ValueError> {
        self.list(length, None)
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List, ValueError> {
        self.list(length, None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<List, ValueError> {
        self.list(length, Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, ValueError> {
        self.entries(None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, ValueError> {
        self.entries(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, ValueError> {
        self.entries(Some(variant))
    }
}

/// An array in the making.
#[derive(Debug)]
pub struct List {
    within: ValueSerializer,
    elements: Vec<Value>,
    variant: Option<&'static str>,
}

impl List {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let step = || Step::Index(self.elements.len());
        let made = value.serialize(self.within).and_then(|made| made.ok_or_else(nothing));
        let made = made.map_err(|error| error.within(step()))?;
        self.elements.push(made);
        Ok(())
    }

    fn finish(self) -> Made {
        Ok(Some(tagged(self.variant, self.elements.into())))
    }
}

macro_rules! lists {
    ($($trait:ident $add:ident;)*) => {$(
        impl $trait for List {
            type Ok = Option<Value>;
            type Error = ValueError;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
                self.add(value)
            }

            fn end(self) -> Made {
                self.finish()
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

/// A dictionary in the making.
#[derive(Debug)]
pub struct Entries {
    within: ValueSerializer,
    dictionary: Dictionary,
    key: Option<Arc<str>>,
    variant: Option<&'static str>,
}

impl Entries {
    fn add<T: Serialize + ?Sized>(&mut self, key: &Arc<str>, value: &T) -> Result<(), ValueError> {
        let made = value.serialize(self.within).map_err(|error| error.within(Step::Key(Arc::clone(key))))?;
        if let Some(made) = made {
            self.dictionary.insert_shared(key, made);
        }
        Ok(())
    }

    fn finish(self) -> Made {
        Ok(Some(tagged(self.variant, self.dictionary.into())))
    }
}

impl SerializeMap for Entries {
    type Ok = Option<Value>;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = Some(key.serialize(Key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        match self.key.take() {
            Some(key) => self.add(&key, value),
            None => Err(ValueError::custom("a value without a key")),
        }
    }

    fn end(self) -> Made {
        self.finish()
    }
}

macro_rules! structs {
    ($($trait:ident;)*) => {$(
        impl $trait for Entries {
            type Ok = Option<Value>;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), ValueError> {
                self.add(&key.into(), value)
            }

            fn end(self) -> Made {
                self.finish()
            }
        }
    )*};
}

structs! {
    SerializeStruct;
    SerializeStructVariant;
}

/// Makes the text of a key: of a string, an integer, a boolean or a variant without data.
struct Key;

type NoKey = Impossible<Arc<str>, ValueError>;

macro_rules! texts {
    ($($serialize:ident $type:ty;)*) => {$(
        fn $serialize(self, key: $type) -> Result<Arc<str>, ValueError> {
            Ok(key.to_string().into())
        }
    )*};
}

macro_rules! no_keys {
    ($($serialize:ident($($type:ty),*) -> $made:ty;)*) => {$(
        fn $serialize(self, $(_: $type),*) -> Result<$made, ValueError> {
            Err(no_key())
        }
    )*};
}

#[cold]
fn no_key() -> ValueError {
    ValueError::custom("a key of a property list is a string")
}

impl Serializer for Key {
    type Ok = Arc<str>;
    type Error = ValueError;
    type SerializeSeq = NoKey;
    type SerializeTuple = NoKey;
    type SerializeTupleStruct = NoKey;
    type SerializeTupleVariant = NoKey;
    type SerializeMap = NoKey;
    type SerializeStruct = NoKey;
    type SerializeStructVariant = NoKey;

    texts! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_char char;
        serialize_str &str;
    }

    no_keys! {
        serialize_f32(f32) -> Arc<str>;
        serialize_f64(f64) -> Arc<str>;
        serialize_bytes(&[u8]) -> Arc<str>;
        serialize_none() -> Arc<str>;
        serialize_unit() -> Arc<str>;
        serialize_unit_struct(&'static str) -> Arc<str>;
        serialize_seq(Option<usize>) -> NoKey;
        serialize_tuple(usize) -> NoKey;
        serialize_tuple_struct(&'static str, usize) -> NoKey;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> NoKey;
        serialize_map(Option<usize>) -> NoKey;
        serialize_struct(&'static str, usize) -> NoKey;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> NoKey;
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Arc<str>, ValueError> {
        Ok(variant.into())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<Arc<str>, ValueError> {
        key.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        key: &T,
    ) -> Result<Arc<str>, ValueError> {
        key.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Arc<str>, ValueError> {
        Err(no_key())
    }
}
