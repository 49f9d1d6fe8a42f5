//! Properties of registry entries, and what is set through them and through connections (PR-1 … PR-13, OC-19).

use crate::abi::*;
use crate::machine::running;
use crate::pointers::{deliver, text, update};
use crate::string;
use darwin_calls::misuse;
use darwin_core_foundation::{from_value, to_value};
use iokit_uc::backend::Backend;
use iokit_uc::{IoReturn, Value};
use std::ffi::CString;
use std::ptr;

/// The most bytes that a property has raw (PR-9): `io_struct_inband_t`.
const RAW_MAX: u32 = 4096;

/// An object for the program; null for none.
fn object(value: Option<Value>) -> CFTypeRef {
    value.as_ref().map_or(ptr::null(), from_value)
}

/// A property's key; none if the library cannot send it.
fn key(key: CFStringRef) -> Option<CString> {
    if key.is_null() {
        misuse("`key` is null, and read");
    }
    string::key(key)
}

/// # Safety
///
/// `properties` must be fit to be written.
pub(crate) unsafe fn IORegistryEntryCreateCFProperties(
    entry: io_registry_entry_t,
    properties: *mut CFMutableDictionaryRef,
    _allocator: CFAllocatorRef,
    _options: IOOptionBits,
) -> kern_return_t {
    if properties.is_null() {
        misuse("`properties` is null, and written to");
    }
    let mut found = None;
    let code = running().task().io_registry_entry_create_cf_properties(entry, &mut found);
    // SAFETY: not null, and so fit to be written by the caller's promise.
    unsafe { properties.write_unaligned(object(found)) };
    code.raw()
}

pub(crate) fn IORegistryEntryCreateCFProperty(
    entry: io_registry_entry_t,
    name: CFStringRef,
    _allocator: CFAllocatorRef,
    _options: IOOptionBits,
) -> CFTypeRef {
    let Some(key) = key(name) else { return ptr::null() };
    object(running().task().io_registry_entry_create_cf_property(entry, &key))
}

/// # Safety
///
/// `plane` must be a C string.
pub(crate) unsafe fn IORegistryEntrySearchCFProperty(
    entry: io_registry_entry_t,
    plane: *const c_char,
    name: CFStringRef,
    _allocator: CFAllocatorRef,
    options: IOOptionBits,
) -> CFTypeRef {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let Some(key) = key(name) else { return ptr::null() };
    object(running().task().io_registry_entry_search_cf_property(entry, plane, &key, options))
}

/// # Safety
///
/// `name` must be a C string, `size` fit to be read and written, and `buffer` have room for as many bytes as it says.
pub(crate) unsafe fn IORegistryEntryGetProperty(
    entry: io_registry_entry_t,
    name: *const c_char,
    buffer: *mut c_char,
    size: *mut u32,
) -> kern_return_t {
    if size.is_null() {
        misuse("`size` is null, and read");
    }
    // SAFETY: by the caller's promise.
    let name = unsafe { text(name, "propertyName") };
    let get = |size: &mut u32| {
        let mut bytes = vec![0; (*size).min(RAW_MAX) as usize];
        let code = running().task().io_registry_entry_get_property(entry, name, &mut bytes, size);
        if code.is_success() {
            let found = bytes.get(..*size as usize).unwrap_or(&bytes);
            // SAFETY: by the caller's promise there is room for as many as there was room for here.
            unsafe { deliver(found, buffer.cast(), "buffer") };
        }
        code
    };
    // SAFETY: by the caller's promise.
    unsafe { update(size, "size", get) }.raw()
}

/// What is to be set; none of what the kernel would not take.
fn set(properties: CFTypeRef, set: impl FnOnce(&Value) -> IoReturn) -> kern_return_t {
    to_value(properties).as_ref().map_or(IoReturn::BAD_ARGUMENT, set).raw()
}

/// A dictionary of one key, as the library makes it.
fn set_one(name: CFStringRef, property: CFTypeRef, one: impl FnOnce(&Value) -> IoReturn) -> kern_return_t {
    let name = string::required(name, "propertyName");
    set(property, |property| one(&Value::dictionary([(name, property.clone())])))
}

pub(crate) fn IORegistryEntrySetCFProperties(
    entry: io_registry_entry_t,
    properties: CFTypeRef,
) -> kern_return_t {
    set(properties, |properties| running().task().io_registry_entry_set_cf_properties(entry, properties))
}

pub(crate) fn IORegistryEntrySetCFProperty(
    entry: io_registry_entry_t,
    name: CFStringRef,
    property: CFTypeRef,
) -> kern_return_t {
    set_one(name, property, |one| running().task().io_registry_entry_set_cf_properties(entry, one))
}

pub(crate) fn IOConnectSetCFProperties(connect: io_connect_t, properties: CFTypeRef) -> kern_return_t {
    set(properties, |properties| running().task().io_connect_set_cf_properties(connect, properties))
}

pub(crate) fn IOConnectSetCFProperty(
    connect: io_connect_t,
    name: CFStringRef,
    property: CFTypeRef,
) -> kern_return_t {
    set_one(name, property, |one| running().task().io_connect_set_cf_properties(connect, one))
}
