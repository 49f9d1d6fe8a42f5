//! `CFURL`, of files.

use crate::abi::*;
use crate::memory;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::ownership::Hold;
use crate::range::length;
use crate::string::{self, Text};
use darwin_calls::misuse;
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

pub(crate) struct Url {
    /// Without a slash at the end.
    path: Vec<u8>,
    directory: bool,
    /// What `CFURLGetString` returns.
    string: Hold,
}

pub(crate) static CLASS: Class = Class { name: "CFURL", id: 29 };

impl Contents for Url {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Url>().is_some_and(|other| self.string.object().equal(other.string.object()))
    }

    fn hash(&self) -> Option<usize> {
        Some(self.string.object().hash())
    }

    fn description(&self) -> String {
        format!("string = {}", string::text(self.string.reference()))
    }

    fn formatted(&self) -> Option<String> {
        Some(string::text(self.string.reference()))
    }

    fn summary(&self) -> String {
        string::text(self.string.reference())
    }
}

impl Kind for Url {
    const CLASS: &'static Class = &CLASS;
}

impl Url {
    fn new(path: &[u8], directory: bool) -> Self {
        let mut path = path.to_vec();
        while path.len() > 1 && path.ends_with(b"/") {
            path.pop();
        }
        let absolute = path.starts_with(b"/");
        let mut text = if absolute { "file://".to_owned() } else { String::new() };
        for &byte in &path {
            if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,:=@".contains(&byte) {
                text.push(byte.into());
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        if directory && !text.ends_with('/') {
            text.push('/');
        }
        Self { path, directory, string: Hold::take(make(ptr::null(), Text::new(&text))) }
    }

    fn absolute(&self) -> PathBuf {
        let path = Path::new(OsStr::from_bytes(&self.path));
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    }
}

/// The file that the program's URL names.
pub(crate) fn path(url: CFURLRef) -> PathBuf {
    of::<Url>(url).absolute()
}

pub(crate) fn CFURLCreateWithFileSystemPath(
    allocator: CFAllocatorRef,
    path: CFStringRef,
    style: CFURLPathStyle,
    directory: Boolean,
) -> CFURLRef {
    if style != 0 {
        misuse(format_args!("path style {style} has no stand-in"))
    }
    let text = string::text(path);
    if text.is_empty() { ptr::null() } else { make(allocator, Url::new(text.as_bytes(), directory != 0)) }
}

pub(crate) unsafe fn CFURLCreateFromFileSystemRepresentation(
    allocator: CFAllocatorRef,
    path: *const UInt8,
    count: CFIndex,
    directory: Boolean,
) -> CFURLRef {
    // SAFETY: so many bytes by the caller's promise.
    let path = unsafe { memory::slice(path, count) };
    if path.is_empty() { ptr::null() } else { make(allocator, Url::new(path, directory != 0)) }
}

/// The path and a NUL, if there is room for them.
pub(crate) unsafe fn CFURLGetFileSystemRepresentation(
    url: CFURLRef,
    absolute: Boolean,
    buffer: *mut UInt8,
    size: CFIndex,
) -> Boolean {
    let url = of::<Url>(url);
    let mut path =
        if absolute != 0 { url.absolute().into_os_string().as_bytes().to_vec() } else { url.path.clone() };
    path.push(0);
    let fits = path.len() <= length(size);
    if fits {
        // SAFETY: room for `size` bytes by the caller's promise.
        unsafe { buffer.copy_from(path.as_ptr(), path.len()) };
    }
    fits.into()
}

pub(crate) fn CFURLCopyFileSystemPath(url: CFURLRef, style: CFURLPathStyle) -> CFStringRef {
    if style != 0 {
        misuse(format_args!("path style {style} has no stand-in"))
    }
    make(ptr::null(), Text::new(&String::from_utf8_lossy(&of::<Url>(url).path)))
}

pub(crate) fn CFURLGetString(url: CFURLRef) -> CFStringRef {
    of::<Url>(url).string.reference()
}

pub(crate) fn CFURLHasDirectoryPath(url: CFURLRef) -> Boolean {
    of::<Url>(url).directory.into()
}

pub(crate) fn CFURLGetTypeID() -> CFTypeID {
    CLASS.id
}
