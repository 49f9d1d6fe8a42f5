//! Making strings.

use super::encoding::Encoding;
use super::{Text, part, text, units};
use crate::abi::*;
use crate::allocator::Given;
use crate::array::Array;
use crate::callbacks::{Functions, kCFTypeArrayCallBacks};
use crate::data::Data;
use crate::memory;
use crate::object::{make, of};
use crate::ownership::Hold;
use crate::range::length;
use darwin_calls::misuse;
use std::ffi::CStr;
use std::ptr;

/// Null if the bytes are not in this encoding.
pub(super) fn decoded(
    allocator: CFAllocatorRef,
    bytes: &[u8],
    encoding: CFStringEncoding,
    external: bool,
) -> CFStringRef {
    match Encoding::of(encoding).decode(bytes, external) {
        Some(units) => make(allocator, Text::of_units(units)),
        None => ptr::null(),
    }
}

/// # Safety
///
/// `string` must be null or a C string.
pub(super) unsafe fn c_string<'a>(string: *const c_char) -> &'a [u8] {
    if string.is_null() {
        misuse("a null pointer was given for a C string")
    }
    // SAFETY: by the caller's promise, and not null.
    unsafe { CStr::from_ptr(string) }.to_bytes()
}

pub(crate) unsafe fn CFStringCreateWithCString(
    allocator: CFAllocatorRef,
    string: *const c_char,
    encoding: CFStringEncoding,
) -> CFStringRef {
    // SAFETY: a C string by the caller's promise.
    decoded(allocator, unsafe { c_string(string) }, encoding, false)
}

pub(crate) unsafe fn CFStringCreateWithCStringNoCopy(
    allocator: CFAllocatorRef,
    string: *const c_char,
    encoding: CFStringEncoding,
    deallocator: CFAllocatorRef,
) -> CFStringRef {
    // SAFETY: a C string by the caller's promise.
    let object = unsafe { CFStringCreateWithCString(allocator, string, encoding) };
    copied(object, string.cast(), deallocator)
}

pub(crate) unsafe fn CFStringCreateWithBytes(
    allocator: CFAllocatorRef,
    bytes: *const UInt8,
    count: CFIndex,
    encoding: CFStringEncoding,
    external: Boolean,
) -> CFStringRef {
    // SAFETY: so many bytes by the caller's promise.
    decoded(allocator, unsafe { memory::slice(bytes, count) }, encoding, external != 0)
}

pub(crate) unsafe fn CFStringCreateWithBytesNoCopy(
    allocator: CFAllocatorRef,
    bytes: *const UInt8,
    count: CFIndex,
    encoding: CFStringEncoding,
    external: Boolean,
    deallocator: CFAllocatorRef,
) -> CFStringRef {
    // SAFETY: so many bytes by the caller's promise.
    let object = unsafe { CFStringCreateWithBytes(allocator, bytes, count, encoding, external) };
    copied(object, bytes.cast(), deallocator)
}

pub(crate) unsafe fn CFStringCreateWithCharacters(
    allocator: CFAllocatorRef,
    characters: *const UniChar,
    count: CFIndex,
) -> CFStringRef {
    // SAFETY: so many units by the caller's promise.
    make(allocator, Text::of_units(unsafe { memory::slice(characters, count) }.to_vec()))
}

pub(crate) unsafe fn CFStringCreateWithCharactersNoCopy(
    allocator: CFAllocatorRef,
    characters: *const UniChar,
    count: CFIndex,
    deallocator: CFAllocatorRef,
) -> CFStringRef {
    // SAFETY: so many units by the caller's promise.
    let object = unsafe { CFStringCreateWithCharacters(allocator, characters, count) };
    copied(object, characters.cast(), deallocator)
}

/// A string need not keep the program's memory, and does not: it is freed at once, unless there is no string.
fn copied(object: CFStringRef, memory: *const c_void, deallocator: CFAllocatorRef) -> CFStringRef {
    if !object.is_null() {
        Given::new(memory, deallocator).give_back();
    }
    object
}

pub(crate) fn CFStringCreateCopy(allocator: CFAllocatorRef, string: CFStringRef) -> CFStringRef {
    let object = of::<Text>(string);
    if object.mutable || !allocator.is_null() {
        return make(allocator, Text::of_units(object.units().to_vec()));
    }
    Hold::new(object.object()).into_reference()
}

pub(crate) fn CFStringCreateWithSubstring(
    allocator: CFAllocatorRef,
    string: CFStringRef,
    range: CFRange,
) -> CFStringRef {
    make(allocator, Text::of_units(part(string, range).1))
}

pub(crate) fn CFStringCreateMutable(allocator: CFAllocatorRef, limit: CFIndex) -> CFMutableStringRef {
    length(limit);
    make(allocator, Text::mutable(Vec::new()))
}

pub(crate) fn CFStringCreateMutableCopy(
    allocator: CFAllocatorRef,
    limit: CFIndex,
    string: CFStringRef,
) -> CFMutableStringRef {
    length(limit);
    make(allocator, Text::mutable(units(string).to_vec()))
}

pub(crate) fn CFStringCreateFromExternalRepresentation(
    allocator: CFAllocatorRef,
    data: CFDataRef,
    encoding: CFStringEncoding,
) -> CFStringRef {
    decoded(allocator, &of::<Data>(data).to_vec(), encoding, true)
}

/// Null if there is no byte for what the encoding lacks.
pub(crate) fn CFStringCreateExternalRepresentation(
    allocator: CFAllocatorRef,
    string: CFStringRef,
    encoding: CFStringEncoding,
    loss: UInt8,
) -> CFDataRef {
    let units = units(string);
    match Encoding::of(encoding).encode(&units, true, loss, usize::MAX) {
        (done, bytes) if done == units.len() => make(allocator, Data::new(bytes)),
        _ => ptr::null(),
    }
}

pub(crate) fn CFStringCreateArrayBySeparatingStrings(
    allocator: CFAllocatorRef,
    string: CFStringRef,
    separator: CFStringRef,
) -> CFArrayRef {
    let (text, separator) = (text(string), text(separator));
    let parts: Vec<_> = if separator.is_empty() { vec![&*text] } else { text.split(&*separator).collect() };
    let parts =
        parts.into_iter().map(|part| Hold::take(make(ptr::null(), Text::new(part)))).collect::<Vec<_>>();
    let values: Vec<_> = parts.iter().map(Hold::reference).collect();
    make(allocator, Array::new(false, Functions::from(&kCFTypeArrayCallBacks), &values))
}

pub(crate) fn CFStringCreateByCombiningStrings(
    allocator: CFAllocatorRef,
    array: CFArrayRef,
    separator: CFStringRef,
) -> CFStringRef {
    let strings = of::<Array>(array).snapshot();
    let parts: Vec<_> = strings.iter().map(|string| units(string.get()).to_vec()).collect();
    make(allocator, Text::of_units(parts.join(units(separator).as_slice())))
}
