//! Property lists as CoreFoundation has them.

use super::name;
use crate::value::{Number, Value};
use core_foundation::array::CFArray;
use core_foundation::base::{CFRange, CFType, CFTypeRef, TCFType, kCFAllocatorDefault};
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
use std::ptr;

/// A matching dictionary with a reference for the function that consumes it. None if `value` is not a dictionary, or
/// if it nests deeper than the kernel accepts.
pub(super) fn dictionary(value: &Value) -> Option<CFDictionaryRef> {
    let dictionary = object(value, Value::MAX_NESTING)?.downcast_into::<CFDictionary>()?;
    Some(ManuallyDrop::new(dictionary).as_concrete_TypeRef())
}

/// The key of a property. The library makes MacRoman of it for the kernel (PR-4), and so these bytes again.
pub(super) fn key(key: &CStr) -> Option<CFString> {
    string(key.to_bytes(), kCFStringEncodingMacRoman)
}

/// The name of a class, cut to what `io_name_t` holds (P-8). None if it is not UTF-8, which no class's name is.
pub(super) fn class_name(name: &CStr) -> Option<CFString> {
    let name = name.to_bytes();
    string(&name[..name.len().min(name::SIZE - 1)], kCFStringEncodingUTF8)
}

/// None if `value` nests more than `nesting` non-empty collections.
fn object(value: &Value, nesting: usize) -> Option<CFType> {
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
    let content = |value| object(value, nesting.checked_sub(1)?);
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

/// The value of what a function of IOKitLib has returned by the Create rule, which is released. None for null, for
/// what is no property list, and for what nests deeper than the kernel accepts, as a collection in itself would.
///
/// # Safety
///
/// `object` must be null, or an object with one reference of the caller's, whose collections hold objects only.
pub(super) unsafe fn take(object: CFTypeRef) -> Option<Value> {
    if object.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller hands over its reference.
    let object = unsafe { CFType::wrap_under_create_rule(object) };
    // SAFETY: the caller promises what the collections hold.
    unsafe { value(&object, Value::MAX_NESTING) }
}

/// # Safety
///
/// The collections in `object` must hold objects only.
unsafe fn value(object: &CFType, nesting: usize) -> Option<Value> {
    if let Some(boolean) = object.downcast::<CFBoolean>() {
        return Some(bool::from(boolean).into());
    }
    if let Some(number) = object.downcast::<CFNumber>() {
        return number_value(&number);
    }
    if let Some(string) = object.downcast::<CFString>() {
        return Some(text(&string).into());
    }
    if let Some(data) = object.downcast::<CFData>() {
        return Some(data.bytes().into());
    }
    let content = |object: *const c_void| {
        // SAFETY: an object by the caller's promise, held by the collection that it came from, which is held by
        // the one that `object` is or is in.
        let object = unsafe { CFType::wrap_under_get_rule(object) };
        // SAFETY: the caller's promise covers the collections within collections.
        unsafe { value(&object, nesting.checked_sub(1)?) }
    };
    if let Some(array) = object.downcast::<CFArray>() {
        let elements: Vec<_> = array.get_all_values().into_iter().map(content).collect::<Option<_>>()?;
        return Some(Value::array(elements));
    }
    if let Some(dictionary) = object.downcast::<CFDictionary>() {
        let (keys, values) = dictionary.get_keys_and_values();
        let entries = keys.into_iter().zip(values).map(|(key, value)| {
            // SAFETY: as above; dictionaries hold their keys too.
            let key = unsafe { CFType::wrap_under_get_rule(key) }.downcast::<CFString>()?;
            Some((text(&key), content(value)?))
        });
        return Some(Value::dictionary(entries.collect::<Option<Vec<_>>>()?));
    }
    let members: Vec<_> = set_members(object)?.into_iter().map(content).collect::<Option<_>>()?;
    Some(Value::set(members))
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

    fn there_and_back(value: &Value) -> Option<Value> {
        let object = ManuallyDrop::new(object(value, Value::MAX_NESTING)?);
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
    fn pr_7_numbers_keep_their_bits() {
        for number in
            [Number::from(i32::MIN), 0x8000_0001u32.into(), i64::MIN.into(), (1u64 << 63 | 1).into()]
        {
            assert_eq!(there_and_back(&number.into()), Some(number.into()));
        }
        for number in [Number::from(0.1f32), f32::MIN.into(), 0.1f64.into(), f64::MAX.into()] {
            assert_eq!(there_and_back(&number.into()), Some(number.into()));
        }
        // In which size CoreFoundation stores small numbers is its own business; their values it keeps.
        for number in [Number::from(i8::MIN), 0x7fi8.into(), i16::MIN.into(), (-1i32).into(), 12i64.into()] {
            let back = there_and_back(&number.into()).and_then(|value| value.as_number());
            assert_eq!(back.and_then(Number::as_i64), number.as_i64());
        }
    }

    #[test]
    fn pr_7_a_value_nested_too_deep_is_refused() {
        assert_eq!(there_and_back(&nested(Value::MAX_NESTING)), Some(nested(Value::MAX_NESTING)));
        assert_eq!(there_and_back(&nested(Value::MAX_NESTING + 1)), None);
        assert_eq!(there_and_back(&nested(100_000)), None);
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
    fn p_8_a_class_name_is_cut_to_127_bytes() {
        let name = class_name(&std::ffi::CString::new([b'x'; 200]).unwrap()).unwrap();
        assert_eq!(text(&name), "x".repeat(127));
        assert!(class_name(c"\xff").is_none());
    }
}
