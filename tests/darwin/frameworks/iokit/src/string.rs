//! Strings between CoreFoundation and I/O Kit.

use crate::abi::CFStringRef;
use darwin_calls::misuse;
use darwin_core_foundation::{Encoding, bytes, string_of_bytes, text};
use std::ffi::{CStr, CString};

/// The longest `io_name_t` in bytes, without its NUL (CN-1).
const NAME_MAX: usize = 127;

/// A new string of what the kernel sent.
pub(crate) fn of_c(text: &CStr) -> CFStringRef {
    string_of_bytes(text.to_bytes(), Encoding::Utf8)
}

/// A class's name as the library asks the kernel for it; none if it does not fit.
pub(crate) fn class_name(string: CFStringRef) -> Option<CString> {
    encoded(string, Encoding::Utf8).filter(|name| name.count_bytes() <= NAME_MAX)
}

/// A property's key as the library asks the kernel for it; none if it cannot be expressed so (PR-4).
pub(crate) fn key(string: CFStringRef) -> Option<CString> {
    encoded(string, Encoding::MacRoman)
}

/// The text of a string. `argument` is its name in C.
pub(crate) fn required(string: CFStringRef, argument: &str) -> String {
    if string.is_null() {
        misuse(format_args!("`{argument}` is null, and read"));
    }
    text(string).unwrap_or_else(|| misuse(format_args!("{string:p} is no string")))
}

/// The text up to its first NUL.
fn encoded(string: CFStringRef, encoding: Encoding) -> Option<CString> {
    if text(string).is_none() {
        misuse(format_args!("{string:p} is no string"));
    }
    let mut bytes = bytes(string, encoding)?;
    bytes.truncate(bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len()));
    CString::new(bytes).ok()
}
