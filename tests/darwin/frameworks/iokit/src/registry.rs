//! The registry.

use crate::abi::*;
use crate::machine::running;
use crate::pointers::{text, update, write_name};
use crate::string;
use darwin_calls::misuse;
use darwin_core_foundation::from_value;
use iokit_uc::backend::Backend;
use std::ffi::CString;
use std::ptr;

pub(crate) fn IORegistryGetRootEntry(main_port: mach_port_t) -> io_registry_entry_t {
    running().task().io_registry_get_root_entry(main_port)
}

/// # Safety
///
/// `name` must have room for an `io_name_t`.
pub(crate) unsafe fn IORegistryEntryGetName(entry: io_registry_entry_t, name: io_name_t) -> kern_return_t {
    let mut found = CString::default();
    let code = running().task().io_registry_entry_get_name(entry, &mut found);
    if code.is_success() {
        // SAFETY: by the caller's promise.
        unsafe { write_name(name, "name", &found) };
    }
    code.raw()
}

/// # Safety
///
/// `entry_id` must be fit to be read and written.
pub(crate) unsafe fn IORegistryEntryGetRegistryEntryID(
    entry: io_registry_entry_t,
    entry_id: *mut u64,
) -> kern_return_t {
    let get = |entry_id: &mut u64| running().task().io_registry_entry_get_registry_entry_id(entry, entry_id);
    // SAFETY: by the caller's promise.
    unsafe { update(entry_id, "entryID", get) }.raw()
}

/// # Safety
///
/// `plane` must be a C string, and `iterator` fit to be read and written.
pub(crate) unsafe fn IORegistryEntryGetChildIterator(
    entry: io_registry_entry_t,
    plane: *const c_char,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |iterator: &mut io_iterator_t| {
        running().task().io_registry_entry_get_child_iterator(entry, plane, iterator)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(iterator, "iterator", get) }.raw()
}

/// # Safety
///
/// `plane` must be a C string, and `parent` fit to be read and written.
pub(crate) unsafe fn IORegistryEntryGetParentEntry(
    entry: io_registry_entry_t,
    plane: *const c_char,
    parent: *mut io_registry_entry_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |parent: &mut io_registry_entry_t| {
        running().task().io_registry_entry_get_parent_entry(entry, plane, parent)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(parent, "parent", get) }.raw()
}

pub(crate) fn IORegistryEntryCreateCFProperty(
    entry: io_registry_entry_t,
    key: CFStringRef,
    _allocator: CFAllocatorRef,
    _options: IOOptionBits,
) -> CFTypeRef {
    if key.is_null() {
        misuse("`key` is null, and read");
    }
    let Some(key) = string::key(key) else { return ptr::null() };
    let property = running().task().io_registry_entry_create_cf_property(entry, &key);
    property.map_or(ptr::null(), |property| from_value(&property))
}
