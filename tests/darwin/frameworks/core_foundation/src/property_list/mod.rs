//! Property lists: objects as bytes, and bytes as objects.

mod copy;
mod tree;
mod xml;

pub(crate) use copy::CFPropertyListCreateDeepCopy;

use crate::abi::*;
use crate::data::Data;
use crate::error;
use crate::memory;
use crate::object::{make, of};
use crate::range::length;
use crate::stream;
use crate::string::Text;
use copy::Mutability;
use darwin_calls::misuse;
use plist::Value;
use std::io::Cursor;
use std::ptr;

/// `CFPropertyListFormat`
const OPEN_STEP: CFPropertyListFormat = 1;
const XML: CFPropertyListFormat = 100;
const BINARY: CFPropertyListFormat = 200;

/// Why there is no result: a code of the domain Cocoa, and words for programmers.
struct Failure(CFIndex, String);

impl Failure {
    fn error(&self) -> CFErrorRef {
        error::cocoa(self.0, &self.1)
    }

    fn text(&self) -> CFStringRef {
        make(ptr::null(), Text::new(&self.1))
    }
}

fn to_bytes(object: CFPropertyListRef, format: CFPropertyListFormat) -> Result<Vec<u8>, Failure> {
    let invalid = || Failure(error::WRITE_STREAM, format!("Property list invalid for format: {format}"));
    let tree = tree::of(object).ok_or_else(invalid)?;
    match format {
        XML => Ok(xml::text(&tree).into_bytes()),
        BINARY => {
            let mut bytes = Vec::new();
            tree.to_writer_binary(&mut bytes)
                .map_err(|cause| Failure(error::WRITE_STREAM, cause.to_string()))?;
            Ok(bytes)
        }
        // No Mac writes it any more.
        OPEN_STEP => Err(invalid()),
        _ => misuse(format_args!("there is no property list format {format}")),
    }
}

/// The object, with a reference that is not the program's, and the format that the bytes are in.
fn of_bytes(
    allocator: CFAllocatorRef,
    bytes: &[u8],
    mutability: Mutability,
) -> Result<(CFPropertyListRef, CFPropertyListFormat), Failure> {
    let corrupt = |cause: &dyn std::fmt::Display| Failure(error::READ_CORRUPT, cause.to_string());
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let (value, format) = if bytes.starts_with(b"bplist") {
        (Value::from_reader(Cursor::new(bytes)), BINARY)
    } else if text.starts_with(b"<") && !text.starts_with(b"<<") {
        (Value::from_reader_xml(Cursor::new(xml::without_cdata(text))), XML)
    } else if text.is_empty() {
        return Err(corrupt(&"Cannot parse a NULL or zero-length data"));
    } else {
        misuse("a property list in the format of OpenStep has no stand-in")
    };
    let value = value.map_err(|cause| corrupt(&cause))?;
    let object = tree::object(allocator, &value, mutability).ok_or_else(|| corrupt(&"an unknown value"))?;
    Ok((object, format))
}

pub(crate) fn CFPropertyListIsValid(object: CFPropertyListRef, format: CFPropertyListFormat) -> Boolean {
    let plain = |tree: &Value| format != OPEN_STEP || tree::is_of_open_step(tree);
    (!object.is_null() && tree::of(object).is_some_and(|tree| plain(&tree))).into()
}

pub(crate) unsafe fn CFPropertyListCreateData(
    allocator: CFAllocatorRef,
    object: CFPropertyListRef,
    format: CFPropertyListFormat,
    _options: CFOptionFlags,
    error: *mut CFErrorRef,
) -> CFDataRef {
    match to_bytes(object, format) {
        Ok(bytes) => make(allocator, Data::new(bytes)),
        Err(failure) => {
            // SAFETY: null, or room for a pointer, by the caller's promise.
            unsafe { fail(error, || failure.error()) };
            ptr::null()
        }
    }
}

/// # Safety
///
/// `place` must be null, or have room for a pointer.
unsafe fn fail(place: *mut CFTypeRef, object: impl FnOnce() -> CFTypeRef) {
    if !place.is_null() {
        // SAFETY: by the caller's promise.
        unsafe { memory::store(place, object()) };
    }
}

/// Null if the object is not a property list.
pub(crate) fn CFPropertyListCreateXMLData(allocator: CFAllocatorRef, object: CFPropertyListRef) -> CFDataRef {
    to_bytes(object, XML).map_or(ptr::null(), |bytes| make(allocator, Data::new(bytes)))
}

pub(crate) unsafe fn CFPropertyListCreateWithData(
    allocator: CFAllocatorRef,
    data: CFDataRef,
    options: CFPropertyListMutabilityOptions,
    format: *mut CFPropertyListFormat,
    error: *mut CFErrorRef,
) -> CFPropertyListRef {
    let bytes = of::<Data>(data).to_vec();
    let read = of_bytes(allocator, &bytes, Mutability::of(options));
    // SAFETY: null, or room for a value each, by the caller's promise.
    unsafe { finish(read, format, error, Failure::error) }
}

/// # Safety
///
/// The places must be null, or have room for a value each.
unsafe fn finish(
    read: Result<(CFPropertyListRef, CFPropertyListFormat), Failure>,
    format: *mut CFPropertyListFormat,
    error: *mut CFTypeRef,
    say: impl FnOnce(&Failure) -> CFTypeRef,
) -> CFPropertyListRef {
    match read {
        Ok((object, found)) => {
            // SAFETY: by the caller's promise.
            unsafe { memory::store(format, found) };
            object
        }
        Err(failure) => {
            // SAFETY: by the caller's promise.
            unsafe { fail(error, || say(&failure)) };
            ptr::null()
        }
    }
}

pub(crate) unsafe fn CFPropertyListCreateFromXMLData(
    allocator: CFAllocatorRef,
    data: CFDataRef,
    options: CFOptionFlags,
    error: *mut CFStringRef,
) -> CFPropertyListRef {
    let bytes = of::<Data>(data).to_vec();
    let read = of_bytes(allocator, &bytes, Mutability::of(options));
    // SAFETY: null, or room for a pointer, by the caller's promise.
    unsafe { finish(read, ptr::null_mut(), error, Failure::text) }
}

/// Reads to the end of the stream, or `count` bytes if that is not 0.
pub(crate) unsafe fn CFPropertyListCreateWithStream(
    allocator: CFAllocatorRef,
    stream: CFReadStreamRef,
    count: CFIndex,
    options: CFOptionFlags,
    format: *mut CFPropertyListFormat,
    error: *mut CFErrorRef,
) -> CFPropertyListRef {
    let read = match stream::read_all(stream, length(count)) {
        Some(bytes) => of_bytes(allocator, &bytes, Mutability::of(options)),
        None => Err(Failure(error::READ_STREAM, "Stream had an error".to_owned())),
    };
    // SAFETY: null, or room for a value each, by the caller's promise.
    unsafe { finish(read, format, error, Failure::error) }
}

/// How many bytes were written; 0 if it failed.
fn write(
    object: CFPropertyListRef,
    stream: CFWriteStreamRef,
    format: CFPropertyListFormat,
) -> Result<CFIndex, Failure> {
    let bytes = to_bytes(object, format)?;
    if !stream::write_all(stream, &bytes) {
        return Err(Failure(error::WRITE_STREAM, "Stream had an error".to_owned()));
    }
    Ok(bytes.len().cast_signed())
}

pub(crate) unsafe fn CFPropertyListWrite(
    object: CFPropertyListRef,
    stream: CFWriteStreamRef,
    format: CFPropertyListFormat,
    _options: CFOptionFlags,
    error: *mut CFErrorRef,
) -> CFIndex {
    write(object, stream, format).unwrap_or_else(|failure| {
        // SAFETY: null, or room for a pointer, by the caller's promise.
        unsafe { fail(error, || failure.error()) };
        0
    })
}

pub(crate) unsafe fn CFPropertyListWriteToStream(
    object: CFPropertyListRef,
    stream: CFWriteStreamRef,
    format: CFPropertyListFormat,
    error: *mut CFStringRef,
) -> CFIndex {
    write(object, stream, format).unwrap_or_else(|failure| {
        // SAFETY: null, or room for a pointer, by the caller's promise.
        unsafe { fail(error, || failure.text()) };
        0
    })
}
