//! What programs see: the tests call what programs call.

mod collections;
mod data;
mod format;
mod number;
mod objects;
mod others;
mod ownership;
mod property_list;
mod strings;
mod value;

use crate::abi::*;
use std::ffi::CString;
use std::ptr;

/// Calls a function as a program does.
macro_rules! call {
    ($function:ident($($argument:expr),* $(,)?)) => {{
        crate::init();
        // Calls may be arguments of calls.
        #[allow(unused_unsafe)]
        // SAFETY: the arguments are what the header says, or no objects at all, which is found out.
        let result = unsafe { crate::generated::exports::$function($($argument),*) };
        result
    }};
}
pub(crate) use call;

pub(crate) const UTF8: CFStringEncoding = 0x0800_0100;

/// A new string of the program's.
pub(crate) fn string(text: &str) -> CFStringRef {
    let text = CString::new(text).expect("no NUL");
    call!(CFStringCreateWithCString(ptr::null(), text.as_ptr(), UTF8))
}

/// The program's string in Rust.
pub(crate) fn text(string: CFStringRef) -> String {
    crate::text(string).expect("a string")
}

/// The text of a string that the program then releases.
pub(crate) fn taken(string: CFStringRef) -> String {
    let text = text(string);
    call!(CFRelease(string));
    text
}

pub(crate) fn int(value: i32) -> CFNumberRef {
    call!(CFNumberCreate(ptr::null(), 3, (&raw const value).cast()))
}

pub(crate) fn data(bytes: &[u8]) -> CFDataRef {
    call!(CFDataCreate(ptr::null(), bytes.as_ptr(), bytes.len().cast_signed()))
}

/// A new array of the program's, of objects that it holds.
pub(crate) fn array(values: &[CFTypeRef]) -> CFArrayRef {
    let mut values = values.to_vec();
    let count = values.len().cast_signed();
    call!(CFArrayCreate(ptr::null(), values.as_mut_ptr(), count, &raw const crate::c::kCFTypeArrayCallBacks))
}

/// A new dictionary of the program's, whose values it gives up.
pub(crate) fn dictionary(entries: &[(&str, CFTypeRef)]) -> CFMutableDictionaryRef {
    let keys = &raw const crate::c::kCFTypeDictionaryKeyCallBacks;
    let values = &raw const crate::c::kCFTypeDictionaryValueCallBacks;
    let dictionary = call!(CFDictionaryCreateMutable(ptr::null(), 0, keys, values));
    for &(key, value) in entries {
        let key = string(key);
        call!(CFDictionarySetValue(dictionary, key, value));
        call!(CFRelease(key));
        call!(CFRelease(value));
    }
    dictionary
}

pub(crate) fn range(location: isize, length: isize) -> CFRange {
    CFRange { location, length }
}

/// What the misuse that a test commits is called.
pub(crate) fn misuse<R>(test: impl FnOnce() -> R) -> String {
    darwin_calls::catch(test).err().expect("a misuse")
}
