//! What a string says.

use super::encoding::Encoding;
use super::{Text, part, units};
use crate::abi::*;
use crate::memory;
use crate::object::of;
use crate::range::{index, length};
use std::ffi::CString;
use std::ptr;

pub(crate) fn CFStringGetLength(string: CFStringRef) -> CFIndex {
    units(string).len().cast_signed()
}

pub(crate) fn CFStringGetCharacterAtIndex(string: CFStringRef, place: CFIndex) -> UniChar {
    let string = of::<Text>(string);
    let units = string.units();
    units[index(string.object(), place, units.len())]
}

pub(crate) unsafe fn CFStringGetCharacters(string: CFStringRef, range: CFRange, buffer: *mut UniChar) {
    let (_, part) = part(string, range);
    // SAFETY: room for as many units as are in the range, by the caller's promise.
    unsafe { buffer.copy_from(part.as_ptr(), part.len()) };
}

/// Null for plain text, which a Mac keeps in bytes, and for what may change.
pub(crate) fn CFStringGetCharactersPtr(string: CFStringRef) -> *const UniChar {
    let string = of::<Text>(string);
    let units = string.units();
    if string.mutable || units.iter().all(|unit| *unit < 0x80) { ptr::null() } else { units.as_ptr() }
}

/// Null for all but plain text that does not change, in an encoding that has ASCII.
pub(crate) fn CFStringGetCStringPtr(string: CFStringRef, encoding: CFStringEncoding) -> *const c_char {
    let string = of::<Text>(string);
    let has_ascii = Encoding::known(encoding).is_some_and(|encoding| {
        matches!(encoding, Encoding::Ascii | Encoding::MacRoman | Encoding::Latin1 | Encoding::Utf8)
    });
    if string.mutable || !has_ascii {
        return ptr::null();
    }
    let plain = || {
        let units = string.units();
        let (done, bytes) = Encoding::Ascii.encode(&units, false, 0, usize::MAX);
        if done == units.len() { CString::new(bytes).ok() } else { None }
    };
    string.c_string.get_or_init(plain).as_ref().map_or(ptr::null(), |text| text.as_ptr())
}

/// Writes the text and a NUL, if both fit.
pub(crate) unsafe fn CFStringGetCString(
    string: CFStringRef,
    buffer: *mut c_char,
    size: CFIndex,
    encoding: CFStringEncoding,
) -> Boolean {
    let units = units(string);
    let Some(room) = length(size).checked_sub(1) else { return false.into() };
    let (done, mut bytes) = Encoding::of(encoding).encode(&units, false, 0, room);
    if done < units.len() || buffer.is_null() {
        return false.into();
    }
    bytes.push(0);
    // SAFETY: room for `size` bytes by the caller's promise, and there are no more.
    unsafe { buffer.copy_from(bytes.as_ptr().cast(), bytes.len()) };
    true.into()
}

/// The number of units converted. Without a buffer all of them are, to see how many bytes they take.
#[allow(clippy::too_many_arguments)]
pub(crate) unsafe fn CFStringGetBytes(
    string: CFStringRef,
    range: CFRange,
    encoding: CFStringEncoding,
    loss: UInt8,
    external: Boolean,
    buffer: *mut UInt8,
    size: CFIndex,
    used: *mut CFIndex,
) -> CFIndex {
    let (_, part) = part(string, range);
    let room = if buffer.is_null() { usize::MAX } else { length(size) };
    let (done, bytes) = Encoding::of(encoding).encode(&part, external != 0, loss, room);
    if !buffer.is_null() {
        // SAFETY: room for `size` bytes by the caller's promise, and there are no more.
        unsafe { buffer.copy_from(bytes.as_ptr(), bytes.len()) };
    }
    // SAFETY: null, or room for the number, by the caller's promise.
    unsafe { memory::store(used, bytes.len().cast_signed()) };
    done.cast_signed()
}

pub(crate) fn CFStringGetMaximumSizeForEncoding(count: CFIndex, encoding: CFStringEncoding) -> CFIndex {
    let bytes = length(count).checked_mul(Encoding::of(encoding).most_bytes());
    bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or(crate::range::NOT_FOUND)
}

pub(crate) fn CFStringIsEncodingAvailable(encoding: CFStringEncoding) -> Boolean {
    Encoding::known(encoding).is_some().into()
}

pub(crate) fn CFStringGetSystemEncoding() -> CFStringEncoding {
    0
}

/// The encoding in which a C string can be had most cheaply: plain text is kept in the system's.
pub(crate) fn CFStringGetFastestEncoding(string: CFStringRef) -> CFStringEncoding {
    if units(string).iter().all(|unit| *unit < 0x80) { CFStringGetSystemEncoding() } else { 0x0100 }
}

/// Spaces, a sign, spaces, digits; 0 for anything else, and the nearest there is for what is too large.
pub(crate) fn CFStringGetIntValue(string: CFStringRef) -> SInt32 {
    let text = super::text(string);
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits.trim_start()),
        None => (false, text),
    };
    let digits = digits.bytes().take_while(u8::is_ascii_digit).map(|digit| i64::from(digit - b'0'));
    let value = digits.fold(0i64, |value, digit| value.saturating_mul(10).saturating_add(digit));
    let value = if negative { -value } else { value };
    value.clamp(i32::MIN.into(), i32::MAX.into()) as SInt32
}

/// Spaces and the longest number that follows; 0 if there is none.
pub(crate) fn CFStringGetDoubleValue(string: CFStringRef) -> c_double {
    let text = super::text(string);
    let text = text.trim_start();
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = usize::from(text.starts_with(['-', '+']));
    end += digits(&text[end..]);
    if text[end..].starts_with('.') {
        end += 1 + digits(&text[end + 1..]);
    }
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['-', '+']));
        let power = digits(&exponent[sign..]);
        if power > 0 {
            end += 1 + sign + power;
        }
    }
    text[..end].parse().unwrap_or(0.0)
}
