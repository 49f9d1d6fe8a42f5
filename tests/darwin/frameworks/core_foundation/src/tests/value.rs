use super::*;
use crate::c::kCFNull;
use crate::{Encoding, bytes, from_value, ownership, string_of_bytes, to_value};
use iokit_uc::Value;

/// A value as an object and back.
fn there_and_back(value: &Value) -> Option<Value> {
    crate::init();
    let object = from_value(value);
    let back = to_value(object);
    ownership::release(object);
    back
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::array([0u8; 0]), |value, _| Value::array([value]))
}

#[test]
fn a_value_survives_as_an_object() {
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
fn numbers_keep_their_widths() {
    let numbers = [
        Value::from(-1i8),
        0xffu8.into(),
        i16::MIN.into(),
        (-1i32).into(),
        u32::MAX.into(),
        i64::MIN.into(),
        12u64.into(),
        0.1f32.into(),
        0.1f64.into(),
    ];
    for number in numbers {
        assert_eq!(there_and_back(&number), Some(number));
    }
}

#[test]
fn what_nests_too_deep_for_the_kernel_is_refused() {
    let most = nested(Value::MAX_NESTING);
    assert_eq!(there_and_back(&most), Some(most));
    assert_eq!(there_and_back(&nested(Value::MAX_NESTING + 1)), None);
}

#[test]
fn pr_07_what_the_kernel_has_no_class_for_is_a_string_that_says_so() {
    crate::init();
    assert_eq!(to_value(kCFNull.get()), Some("CFNull is not serializable".into()));
}

#[test]
fn what_is_in_a_collection_must_be_an_object_that_lives() {
    crate::init();
    let text = string("text");
    let mut pointers = [text];
    let array = call!(CFArrayCreate(ptr::null(), pointers.as_mut_ptr(), 1, ptr::null()));
    assert_eq!(to_value(array), Some(Value::array(["text"])));
    call!(CFRelease(text));
    assert!(misuse(|| to_value(array)).contains("used after its last release"));
    call!(CFRelease(array));
}

#[test]
fn a_dictionary_whose_keys_are_no_strings_has_no_value() {
    crate::init();
    let keys = dictionary(&[]);
    let number = int(1);
    call!(CFDictionarySetValue(keys, number, number));
    assert_eq!(to_value(keys), None, "a key that is no string");
    call!(CFRelease(number));
    call!(CFRelease(keys));
}

#[test]
fn collections_from_the_kernel_may_be_changed() {
    let object = from_value(&Value::dictionary([("array", Value::array([1u8]))]));
    ownership::returned(object);
    let key = string("array");
    call!(CFArrayRemoveAllValues(call!(CFDictionaryGetValue(object, key))));
    call!(CFDictionaryRemoveAllValues(object));
    call!(CFRelease(key));
    call!(CFRelease(object));
}

#[test]
fn strings_are_had_in_the_kernels_encodings() {
    let object = string("Größe");
    assert_eq!(bytes(object, Encoding::MacRoman).as_deref(), Some(&b"Gr\x9a\xa7e"[..]));
    assert_eq!(bytes(object, Encoding::Ascii), None);
    assert_eq!(bytes(kCFNull.get(), Encoding::Utf8), None);
    call!(CFRelease(object));
    let object = string_of_bytes(b"\x9a", Encoding::MacRoman);
    assert_eq!(crate::text(object).as_deref(), Some("ö"));
    ownership::release(object);
    assert!(string_of_bytes(b"\xff", Encoding::Utf8).is_null());
}
