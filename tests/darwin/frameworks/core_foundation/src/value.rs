//! Property lists between the program and the simulated kernel.

use crate::abi::{CFTypeRef, Opaque};
use crate::array::Array;
use crate::boolean::{self, Truth};
use crate::callbacks::{
    Functions, kCFTypeArrayCallBacks, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks,
    kCFTypeSetCallBacks,
};
use crate::data::{self, Data};
use crate::dictionary::Dictionary;
use crate::number::{self, Number};
use crate::object::{Object, find, make};
use crate::ownership::Hold;
use crate::set::Set;
use crate::string::Text;
use iokit_uc::Value;
use std::ptr;
use std::sync::Arc;

/// The object for a value, with a reference for the caller. Numbers keep their widths; collections are mutable, as I/O Kit's
/// are.
pub fn from_value(value: &Value) -> CFTypeRef {
    hold(value).into_reference()
}

/// As deep as the value nests: a driver's own may be deeper than what tasks can set.
fn hold(value: &Value) -> Hold {
    if let Some(truth) = value.as_bool() {
        return Hold::of(boolean::reference(truth));
    }
    if let Some(number) = value.as_number() {
        return Hold::take(number::create(ptr::null(), of_kernel(number)));
    }
    if let Some(text) = value.as_str() {
        return Hold::take(make(ptr::null(), Text::new(text)));
    }
    if let Some(bytes) = value.as_data() {
        return Hold::take(data::create(bytes));
    }
    if let Some(elements) = value.as_array() {
        let elements: Vec<_> = elements.iter().map(hold).collect();
        let values: Vec<_> = elements.iter().map(Hold::reference).collect();
        let functions = Functions::from(&kCFTypeArrayCallBacks);
        return Hold::take(make(ptr::null(), Array::new(true, functions, &values)));
    }
    if let Some(members) = value.as_set() {
        let members: Vec<_> = members.iter().map(hold).collect();
        let values: Vec<_> = members.iter().map(Hold::reference).collect();
        let functions = Functions::from(&kCFTypeSetCallBacks);
        return Hold::take(make(ptr::null(), Set::new(true, functions, &values)));
    }
    let keys = Functions::from(&kCFTypeDictionaryKeyCallBacks);
    let dictionary = Dictionary::new(true, keys, Functions::from(&kCFTypeDictionaryValueCallBacks));
    for (key, value) in value.as_dictionary().into_iter().flat_map(|entries| entries.iter()) {
        let key = Hold::take(make(ptr::null(), Text::new(key)));
        dictionary.add(key.reference(), hold(value).reference());
    }
    Hold::take(make(ptr::null(), dictionary))
}

fn of_kernel(number: iokit_uc::Number) -> Number {
    match (number.as_f64(), number.as_i64().unwrap_or_default(), number.bits()) {
        (Some(float), _, 32) => Number::Float32(float as f32),
        (Some(float), ..) => Number::Float64(float),
        (None, integer, 8) => Number::SInt8(integer as i8),
        (None, integer, 16) => Number::SInt16(integer as i16),
        (None, integer, 32) => Number::SInt32(integer as i32),
        (None, integer, _) => Number::SInt64(integer),
    }
}

/// The value of an object; for one of a class that the kernel has none for, a string that says so (PR-7). None if it nests
/// deeper than the kernel accepts, or if the key of a dictionary is no string.
pub fn to_value(object: CFTypeRef) -> Option<Value> {
    value(&find(object), Value::MAX_NESTING)
}

fn value(object: &Arc<Object>, nesting: usize) -> Option<Value> {
    if let Some(Truth(truth)) = object.downcast() {
        return Some((*truth).into());
    }
    if let Some(number) = object.downcast::<Number>() {
        return Some(match *number {
            Number::SInt8(value) => value.into(),
            Number::SInt16(value) => value.into(),
            Number::SInt32(value) => value.into(),
            Number::SInt64(value) => value.into(),
            Number::Float32(value) => value.into(),
            Number::Float64(value) => value.into(),
        });
    }
    if let Some(text) = object.downcast::<Text>() {
        return Some(text.to_string_lossy().into());
    }
    if let Some(data) = object.downcast::<Data>() {
        return Some(data.to_vec().into());
    }
    let content = |content: Opaque| value(&find(content.get()), nesting.checked_sub(1)?);
    if let Some(array) = object.downcast::<Array>() {
        let elements: Vec<_> = array.snapshot().into_iter().map(content).collect::<Option<_>>()?;
        return Some(Value::array(elements));
    }
    if let Some(set) = object.downcast::<Set>() {
        let members: Vec<_> = set.snapshot().into_iter().map(content).collect::<Option<_>>()?;
        return Some(Value::set(members));
    }
    let Some(dictionary) = object.downcast::<Dictionary>() else {
        return Some(format!("{} is not serializable", object.class().name).into());
    };
    let entries = dictionary.snapshot().into_iter().map(|entry| {
        let key = find(entry.key.get()).downcast::<Text>()?.to_string_lossy();
        Some((key, content(entry.value)?))
    });
    Some(Value::dictionary(entries.collect::<Option<Vec<_>>>()?))
}
