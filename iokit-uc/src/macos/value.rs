//! Property lists as CoreFoundation has them.

use super::name;
use crate::value::{Number, Value};
use core_foundation::array::CFArray;
use core_foundation::base::{
    CFCopyTypeIDDescription, CFRange, CFType, CFTypeRef, TCFType, kCFAllocatorDefault,
};
use core_foundation::boolean::CFBoolean;
use core_foundation::data::CFData;
use core_foundation::dictionary::{CFDictionary, CFDictionaryRef};
use core_foundation::number::{
    CFNumber, CFNumberCreate, CFNumberGetByteSize, CFNumberIsFloatType, kCFNumberSInt8Type,
    kCFNumberSInt16Type, kCFNumberSInt32Type, kCFNumberSInt64Type,
};
use core_foundation::set::{CFSet, CFSetGetValues, CFSetRef};
use core_foundation::string::{
    CFString, CFStringCreateWithBytes, CFStringEncoding, CFStringGetBytes, kCFStringEncodingMacRoman,
    kCFStringEncodingUTF8,
};
use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::{ptr, vec};

/// A matching dictionary with a reference for the function that consumes it. None if `value` is not a dictionary, or
/// if it nests deeper than the kernel accepts.
pub(super) fn dictionary(value: &Value) -> Option<CFDictionaryRef> {
    let dictionary = object(value)?.downcast_into::<CFDictionary>()?;
    Some(ManuallyDrop::new(dictionary).as_concrete_TypeRef())
}

/// An object for a value. None if it nests deeper than the kernel accepts.
pub(super) fn object(value: &Value) -> Option<CFType> {
    nested_object(value, Value::MAX_NESTING)
}

/// The key of a property to be set, which the library passes on in UTF-8, as all strings of a property list (PR-7).
pub(super) fn new_key(key: &CStr) -> CFString {
    CFString::new(&key.to_string_lossy())
}

/// The key of a property. The library makes MacRoman of it for the kernel (PR-4), and so these bytes again.
pub(super) fn key(key: &CStr) -> Option<CFString> {
    string(key.to_bytes(), kCFStringEncodingMacRoman)
}

/// The name of a class, cut to what `io_name_t` holds (P-8). None if it is not UTF-8, which no class's name is.
pub(super) fn class_name(name: &CStr) -> Option<CFString> {
    let name = name.to_bytes();
    string(&name[..name.len().min(name::NAME - 1)], kCFStringEncodingUTF8)
}

/// None if `value` nests more than `nesting` non-empty collections.
fn nested_object(value: &Value, nesting: usize) -> Option<CFType> {
    if let Some(boolean) = value.as_bool() {
        return Some(CFBoolean::from(boolean).into_CFType());
    }
    if let Some(number) = value.as_number() {
        return Some(self::number(number).into_CFType());
    }
    if let Some(text) = value.as_str() {
        return Some(CFString::new(text).into_CFType());
    }
    if let Some(bytes) = value.as_data() {
        return Some(CFData::from_buffer(bytes).into_CFType());
    }
    let content = |value| nested_object(value, nesting.checked_sub(1)?);
    if let Some(elements) = value.as_array() {
        let elements: Vec<_> = elements.iter().map(content).collect::<Option<_>>()?;
        return Some(CFArray::from_CFTypes(&elements).into_CFType());
    }
    if let Some(members) = value.as_set() {
        let members: Vec<_> = members.iter().map(content).collect::<Option<_>>()?;
        return Some(CFSet::from_slice(&members).into_CFType());
    }
    let entries = value.as_dictionary()?.iter();
    let entries: Vec<_> =
        entries.map(|(key, value)| Some((CFString::new(key), content(value)?))).collect::<Option<_>>()?;
    Some(CFDictionary::from_CFType_pairs(&entries).into_CFType())
}

/// A number of the same width, which the kernel keeps (PR-7).
fn number(number: Number) -> CFNumber {
    if let Some(float) = number.as_f64() {
        return if number.bits() == 32 { (float as f32).into() } else { float.into() };
    }
    let integer = number.as_i64().unwrap_or_default();
    let kind = match number.bits() {
        8 => kCFNumberSInt8Type,
        16 => kCFNumberSInt16Type,
        32 => kCFNumberSInt32Type,
        _ => kCFNumberSInt64Type,
    };
    const _: () = assert!(cfg!(target_endian = "little"));
    // SAFETY: reads as many bytes of `integer` as `kind` has, eight at most. The first are the lowest. The number that
    // it makes is ours by the Create rule.
    unsafe {
        CFNumber::wrap_under_create_rule(CFNumberCreate(
            kCFAllocatorDefault,
            kind,
            (&raw const integer).cast(),
        ))
    }
}

fn string(bytes: &[u8], encoding: CFStringEncoding) -> Option<CFString> {
    // SAFETY: reads `bytes`, whose length is below `isize::MAX`, and does not keep them.
    let string = unsafe {
        CFStringCreateWithBytes(
            kCFAllocatorDefault,
            bytes.as_ptr(),
            bytes.len() as isize,
            encoding,
            false.into(),
        )
    };
    // SAFETY: not null, and ours by the Create rule.
    (!string.is_null()).then(|| unsafe { CFString::wrap_under_create_rule(string) })
}

/// The value of what a function of IOKitLib has returned by the Create rule, which is released. It may nest deeper than what
/// can be set. What the kernel has no class for, and so never sends, is told by a string, as the kernel does with what it
/// cannot send (PR-6). None for null, and for a dictionary with other keys than strings.
///
/// # Safety
///
/// `object` must be null, or an object with one reference of the caller's, whose collections hold objects only.
pub(super) unsafe fn take(object: CFTypeRef) -> Option<Value> {
    if object.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller hands over its reference.
    let mut object = unsafe { CFType::wrap_under_create_rule(object) };
    // The collections that the object is in, the innermost last.
    let mut open: Vec<Collection> = Vec::new();
    loop {
        let mut whole = None;
        match Collection::of(&object)? {
            Some(collection) => open.push(collection),
            None => whole = Some(leaf(&object)),
        }
        object = loop {
            match (whole.take(), open.last_mut()) {
                (Some(value), None) => return Some(value),
                (Some(value), Some(collection)) => collection.done.push(value),
                (None, _) => {}
            }
            match open.last_mut()?.left.next() {
                // SAFETY: an object by the caller's promise, which the collection holds, and that is held here or by the one
                // that it is in.
                Some(content) => break unsafe { CFType::wrap_under_get_rule(content) },
                None => whole = open.pop().map(Collection::value),
            }
        };
    }
}

/// A collection that is being gone through.
struct Collection {
    _held: CFType,
    kind: Kind,
    left: vec::IntoIter<*const c_void>,
    done: Vec<Value>,
}

enum Kind {
    Array,
    Set,
    /// By its keys, in the order of its values.
    Dictionary(Vec<String>),
}

impl Collection {
    /// None for a dictionary with other keys than strings; no collection for what is none.
    fn of(object: &CFType) -> Option<Option<Self>> {
        let (kind, contents) = if let Some(array) = object.downcast::<CFArray>() {
            (Kind::Array, array.get_all_values())
        } else if let Some(dictionary) = object.downcast::<CFDictionary>() {
            let (keys, values) = dictionary.get_keys_and_values();
            // SAFETY: objects by the promise of who calls `take`, which the dictionary holds.
            let key = |key| unsafe { CFType::wrap_under_get_rule(key) }.downcast::<CFString>();
            let keys = keys.into_iter().map(|name| Some(text(&key(name)?)));
            (Kind::Dictionary(keys.collect::<Option<_>>()?), values)
        } else if let Some(members) = set_members(object) {
            (Kind::Set, members)
        } else {
            return Some(None);
        };
        Some(Some(Self { _held: object.clone(), kind, left: contents.into_iter(), done: Vec::new() }))
    }

    fn value(self) -> Value {
        match self.kind {
            Kind::Array => Value::array(self.done),
            Kind::Set => Value::set(self.done),
            Kind::Dictionary(keys) => Value::dictionary(keys.into_iter().zip(self.done)),
        }
    }
}

/// The value of what is no collection.
fn leaf(object: &CFType) -> Value {
    if let Some(boolean) = object.downcast::<CFBoolean>() {
        return bool::from(boolean).into();
    }
    if let Some(string) = object.downcast::<CFString>() {
        return text(&string).into();
    }
    if let Some(data) = object.downcast::<CFData>() {
        return data.bytes().into();
    }
    let number = object.downcast::<CFNumber>().and_then(|number| number_value(&number));
    number.unwrap_or_else(|| unserializable(object))
}

/// What stands for an object of a class that the kernel does not have.
fn unserializable(object: &CFType) -> Value {
    // SAFETY: the number of an object's type; the string is ours by the Copy rule.
    let class = unsafe { CFString::wrap_under_create_rule(CFCopyTypeIDDescription(object.type_of())) };
    format!("{} is not serializable", text(&class)).into()
}

/// A number of the size that it is stored in (PR-5).
fn number_value(number: &CFNumber) -> Option<Value> {
    let reference = number.as_concrete_TypeRef();
    // SAFETY: a number.
    let (float, size) = unsafe { (CFNumberIsFloatType(reference) != 0, CFNumberGetByteSize(reference)) };
    match (float, size) {
        (true, 4) => number.to_f32().map(Value::from),
        (true, 8) => number.to_f64().map(Value::from),
        (false, 1) => number.to_i64().map(|integer| Value::from(integer as i8)),
        (false, 2) => number.to_i64().map(|integer| Value::from(integer as i16)),
        (false, 4) => number.to_i64().map(|integer| Value::from(integer as i32)),
        (false, 8) => number.to_i64().map(Value::from),
        _ => None,
    }
}

/// The text of a string, with `?` for what UTF-8 cannot express: half a surrogate pair.
fn text(string: &CFString) -> String {
    let bytes_to = |buffer: *mut u8, capacity: isize| {
        let all = CFRange { location: 0, length: string.char_len() };
        let mut size = 0;
        // SAFETY: a string and its whole range. Writes at most `capacity` bytes to `buffer`, or none if it is null, and
        // the number of bytes to `size`.
        unsafe {
            CFStringGetBytes(
                string.as_concrete_TypeRef(),
                all,
                kCFStringEncodingUTF8,
                b'?',
                false.into(),
                buffer,
                capacity,
                &mut size,
            )
        };
        size
    };
    let mut bytes = vec![0; bytes_to(ptr::null_mut(), 0).cast_unsigned()];
    bytes_to(bytes.as_mut_ptr(), bytes.len() as isize);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// None if `object` is not a set.
fn set_members(object: &CFType) -> Option<Vec<*const c_void>> {
    if !object.instance_of::<CFSet>() {
        return None;
    }
    // SAFETY: a set, by its type's number.
    let set = unsafe { CFSet::<*const c_void>::wrap_under_get_rule(object.as_CFTypeRef() as CFSetRef) };
    let mut members = vec![ptr::null(); set.len()];
    // SAFETY: writes as many pointers as the set has members, for which there is room.
    unsafe { CFSetGetValues(set.as_concrete_TypeRef(), members.as_mut_ptr()) };
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_foundation::date::CFDate;
    use core_foundation::string::CFStringCreateWithCharacters;

    fn there_and_back(value: &Value) -> Option<Value> {
        let object = ManuallyDrop::new(object(value)?);
        // SAFETY: an object whose one reference is handed over; its collections were made of objects.
        unsafe { take(object.as_CFTypeRef()) }
    }

    fn nested(levels: usize) -> Value {
        (0..levels).fold(Value::array([0u8; 0]), |value, _| Value::array([value]))
    }

    #[test]
    fn a_value_survives_core_foundation() {
        let value = Value::dictionary([
            ("boolean", Value::from(true)),
            ("text", Value::from("Größe\0🜁")),
            ("data", Value::data([0, 0xff])),
            ("array", Value::array(["b", "a"])),
            ("set", Value::set(["b", "a"])),
            ("empty", Value::dictionary([("", Value::array([0u8; 0]))])),
        ]);
        assert_eq!(there_and_back(&value), Some(value));
    }

    #[test]
    fn pr_07_numbers_keep_their_bits() {
        for number in
            [Number::from(i32::MIN), 0x8000_0001u32.into(), i64::MIN.into(), (1u64 << 63 | 1).into()]
        {
            assert_eq!(there_and_back(&number.into()), Some(number.into()));
        }
        for number in [Number::from(0.1f32), f32::MIN.into(), 0.1f64.into(), f64::MAX.into()] {
            assert_eq!(there_and_back(&number.into()), Some(number.into()));
        }
        for float in [-0.0, 5e-324, f64::from(f32::MIN_POSITIVE / 2.0)] {
            assert_eq!(there_and_back(&float.into()), Some(float.into()));
        }
        // CoreFoundation has one object for all that is not a number, and one for each infinity.
        for number in [Number::from(f32::NAN), f64::NAN.into(), f64::INFINITY.into(), (-f32::INFINITY).into()]
        {
            let back = there_and_back(&number.into()).and_then(|value| value.as_number()?.as_f64());
            let float = number.as_f64().unwrap();
            assert!(back.is_some_and(|back| back == float || back.is_nan() && float.is_nan()), "{number:?}");
        }
        // In which size CoreFoundation stores small numbers is its own business; their values it keeps.
        for number in [Number::from(i8::MIN), 0x7fi8.into(), i16::MIN.into(), (-1i32).into(), 12i64.into()] {
            let back = there_and_back(&number.into()).and_then(|value| value.as_number());
            assert_eq!(back.and_then(Number::as_i64), number.as_i64());
        }
    }

    #[test]
    fn pr_07_a_value_nested_too_deep_is_refused() {
        assert_eq!(there_and_back(&nested(Value::MAX_NESTING)), Some(nested(Value::MAX_NESTING)));
        assert_eq!(there_and_back(&nested(Value::MAX_NESTING + 1)), None);
        assert_eq!(there_and_back(&nested(100_000)), None);
    }

    #[test]
    fn a_value_that_nests_deeper_can_be_read() {
        let innermost = CFString::new("innermost").into_CFType();
        let array = |object| CFArray::from_CFTypes(&[object]).into_CFType();
        let deep = ManuallyDrop::new((0..500).fold(innermost, |object, _| array(object)));
        let expected = (0..500).fold(Value::from("innermost"), |value, _| Value::array([value]));
        // SAFETY: arrays of objects, whose one reference is handed over.
        assert_eq!(unsafe { take(deep.as_CFTypeRef()) }, Some(expected));
    }

    #[test]
    fn pr_06_what_the_kernel_has_no_class_for_is_told_in_words() {
        let date = CFDate::new(0.0).into_CFType();
        let dates = ManuallyDrop::new(CFArray::from_CFTypes(&[date, CFBoolean::from(true).into_CFType()]));
        let expected = Value::array([Value::from("CFDate is not serializable"), true.into()]);
        // SAFETY: an array of objects, whose one reference is handed over.
        assert_eq!(unsafe { take(dates.as_CFTypeRef()) }, Some(expected));
    }

    #[test]
    fn a_dictionary_has_strings_for_keys_or_is_none() {
        let key = CFBoolean::from(true).into_CFType();
        let dictionary = ManuallyDrop::new(CFDictionary::from_CFType_pairs(&[(key, CFString::new("value"))]));
        // SAFETY: a dictionary of objects, whose one reference is handed over.
        assert_eq!(unsafe { take(dictionary.as_CFTypeRef()) }, None);
    }

    #[test]
    fn half_a_surrogate_pair_is_a_question_mark() {
        let units = [0x61, 0xd801, 0x62];
        // SAFETY: reads as many units as it is told. The string is ours by the Create rule.
        let string = unsafe { CFStringCreateWithCharacters(kCFAllocatorDefault, units.as_ptr(), 3) };
        // SAFETY: an object whose one reference is handed over.
        assert_eq!(unsafe { take(string.cast()) }, Some("a?b".into()));
    }

    #[test]
    fn what_is_no_dictionary_cannot_match() {
        let query = Value::dictionary([("IOProviderClass", "IOService")]);
        let reference = dictionary(&query).unwrap();
        // SAFETY: a dictionary, made of objects, whose one reference is handed over.
        assert_eq!(unsafe { take(reference.cast()) }, Some(query));
        assert!(dictionary(&Value::from("IOService")).is_none());
    }

    #[test]
    fn p_08_a_class_name_is_cut_to_127_bytes() {
        let name = class_name(&std::ffi::CString::new([b'x'; 200]).unwrap()).unwrap();
        assert_eq!(text(&name), "x".repeat(127));
        assert!(class_name(c"\xff").is_none());
    }
}
