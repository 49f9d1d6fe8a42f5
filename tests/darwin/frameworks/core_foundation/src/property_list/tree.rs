//! Objects as values of the crate `plist`, which reads and writes bytes, and the other way.

use super::copy::Mutability;
use crate::abi::{CFAllocatorRef, CFPropertyListRef, CFTypeRef, Opaque};
use crate::array::Array;
use crate::boolean::{self, Truth};
use crate::callbacks::{
    Functions, kCFTypeArrayCallBacks, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks,
};
use crate::data::Data;
use crate::date::{Date, kCFAbsoluteTimeIntervalSince1970};
use crate::dictionary::Dictionary;
use crate::number::{self, Number};
use crate::object::{Object, find, make};
use crate::ownership::Hold;
use crate::string::Text;
use darwin_calls::misuse;
use plist::Value;
use std::ptr;
use std::time::SystemTime;

/// No property list nests so deep, but one that contains itself.
pub(super) const MOST_NESTING: usize = 512;

/// None if the object is no property list.
pub(super) fn of(object: CFPropertyListRef) -> Option<Value> {
    value(&find(object), MOST_NESTING)
}

fn value(object: &Object, nesting: usize) -> Option<Value> {
    if let Some(Truth(truth)) = object.downcast() {
        return Some(Value::Boolean(*truth));
    }
    if let Some(number) = object.downcast::<Number>() {
        let float = || Value::Real(number.float().unwrap_or_default());
        return Some(number.integer().map_or_else(float, |integer| Value::Integer(integer.into())));
    }
    if let Some(text) = object.downcast::<Text>() {
        return Some(Value::String(text.to_string_lossy()));
    }
    if let Some(data) = object.downcast::<Data>() {
        return Some(Value::Data(data.to_vec()));
    }
    if let Some(date) = object.downcast::<Date>() {
        return Some(Value::Date(self::date(date).into()));
    }
    let content = |content: Opaque| value(&find(content.get()), nesting.checked_sub(1)?);
    if let Some(array) = object.downcast::<Array>() {
        return Some(Value::Array(array.snapshot().into_iter().map(content).collect::<Option<_>>()?));
    }
    let entries = object.downcast::<Dictionary>()?.snapshot().into_iter().map(|entry| {
        let key = find(entry.key.get()).downcast::<Text>()?.to_string_lossy();
        Some((key, content(entry.value)?))
    });
    Some(Value::Dictionary(entries.collect::<Option<_>>()?))
}

/// Years of more than four digits are written on a Mac, but not here.
fn date(date: &Date) -> SystemTime {
    const FIRST: f64 = -62_135_596_800.0;
    const LAST: f64 = 253_402_300_799.0;
    let since_1970 = date.0 + kCFAbsoluteTimeIntervalSince1970;
    match date.system_time().filter(|_| (FIRST..=LAST).contains(&since_1970)) {
        Some(time) => time,
        None => {
            misuse(format_args!("a property list with a date {since_1970} seconds from 1970 has no stand-in"))
        }
    }
}

/// The old format knows strings, data and collections.
pub(super) fn is_of_open_step(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Data(_) => true,
        Value::Array(elements) => elements.iter().all(is_of_open_step),
        Value::Dictionary(entries) => entries.values().all(is_of_open_step),
        _ => false,
    }
}

/// The object, with a reference that is not the program's. None for a value that no property list of a program has.
pub(super) fn object(allocator: CFAllocatorRef, value: &Value, mutability: Mutability) -> Option<CFTypeRef> {
    let within = |value| Some(Hold::take(object(allocator, value, mutability)?));
    let (containers, leaves) = (mutability >= Mutability::Containers, mutability == Mutability::Leaves);
    Some(match value {
        Value::Boolean(truth) => Hold::of(boolean::reference(*truth)).into_reference(),
        Value::Integer(integer) => match integer.as_signed() {
            Some(integer) => number::create(allocator, Number::SInt64(integer)),
            None => misuse(format_args!("the number {integer} in the property list has no stand-in")),
        },
        Value::Real(float) => number::create(allocator, Number::Float64(*float)),
        Value::String(text) if leaves => make(allocator, Text::mutable(text.encode_utf16().collect())),
        Value::String(text) => make(allocator, Text::new(text)),
        Value::Data(bytes) if leaves => make(allocator, Data::mutable(bytes.clone())),
        Value::Data(bytes) => make(allocator, Data::new(bytes.clone())),
        Value::Date(date) => make(allocator, Date::at((*date).into())),
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(within).collect::<Option<_>>()?;
            let values: Vec<_> = elements.iter().map(Hold::reference).collect();
            make(allocator, Array::new(containers, Functions::from(&kCFTypeArrayCallBacks), &values))
        }
        Value::Dictionary(entries) => {
            let keys = Functions::from(&kCFTypeDictionaryKeyCallBacks);
            let dictionary =
                Dictionary::new(containers, keys, Functions::from(&kCFTypeDictionaryValueCallBacks));
            for (key, value) in entries {
                let key = Hold::take(make(ptr::null(), Text::new(key)));
                dictionary.add(key.reference(), within(value)?.reference());
            }
            make(allocator, dictionary)
        }
        _ => return None,
    })
}
