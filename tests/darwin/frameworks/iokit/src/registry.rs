//! The registry: entries, and the ways between them (REG-1 … REG-27).

use crate::abi::*;
use crate::machine::running;
use crate::pointers::{text, update, write_name, write_string};
use crate::string;
use iokit_uc::IoReturn;
use iokit_uc::backend::Backend;
use std::ffi::{CStr, CString};
use std::ptr;

/// Writes what was found, if it was.
fn answer(get: impl FnOnce(&mut CString) -> IoReturn, write: impl FnOnce(&CStr)) -> kern_return_t {
    let mut found = CString::default();
    let code = get(&mut found);
    if code.is_success() {
        write(&found);
    }
    code.raw()
}

pub(crate) fn IORegistryGetRootEntry(main_port: mach_port_t) -> io_registry_entry_t {
    running().task().io_registry_get_root_entry(main_port)
}

/// # Safety
///
/// `name` must have room for an `io_name_t`.
pub(crate) unsafe fn IORegistryEntryGetName(entry: io_registry_entry_t, name: io_name_t) -> kern_return_t {
    let get = |found: &mut CString| running().task().io_registry_entry_get_name(entry, found);
    // SAFETY: by the caller's promise.
    answer(get, |found| unsafe { write_name(name, "name", found) })
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

/// # Safety
///
/// `plane` must be a C string, and `child` fit to be read and written.
pub(crate) unsafe fn IORegistryEntryGetChildEntry(
    entry: io_registry_entry_t,
    plane: *const c_char,
    child: *mut io_registry_entry_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |child: &mut io_registry_entry_t| {
        running().task().io_registry_entry_get_child_entry(entry, plane, child)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(child, "child", get) }.raw()
}

/// # Safety
///
/// `plane` must be a C string, and `iterator` fit to be read and written.
pub(crate) unsafe fn IORegistryEntryGetParentIterator(
    entry: io_registry_entry_t,
    plane: *const c_char,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |iterator: &mut io_iterator_t| {
        running().task().io_registry_entry_get_parent_iterator(entry, plane, iterator)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(iterator, "iterator", get) }.raw()
}

/// # Safety
///
/// `plane` must be a C string, and `iterator` fit to be read and written.
pub(crate) unsafe fn IORegistryCreateIterator(
    main_port: mach_port_t,
    plane: *const c_char,
    options: IOOptionBits,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let create = |iterator: &mut io_iterator_t| {
        running().task().io_registry_create_iterator(main_port, plane, options, iterator)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(iterator, "iterator", create) }.raw()
}

/// # Safety
///
/// `plane` must be a C string, and `iterator` fit to be read and written.
pub(crate) unsafe fn IORegistryEntryCreateIterator(
    entry: io_registry_entry_t,
    plane: *const c_char,
    options: IOOptionBits,
    iterator: *mut io_iterator_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let create = |iterator: &mut io_iterator_t| {
        running().task().io_registry_entry_create_iterator(entry, plane, options, iterator)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(iterator, "iterator", create) }.raw()
}

pub(crate) fn IORegistryIteratorEnterEntry(iterator: io_iterator_t) -> kern_return_t {
    running().task().io_registry_iterator_enter_entry(iterator).raw()
}

pub(crate) fn IORegistryIteratorExitEntry(iterator: io_iterator_t) -> kern_return_t {
    running().task().io_registry_iterator_exit_entry(iterator).raw()
}

/// # Safety
///
/// `path` must be a C string.
pub(crate) unsafe fn IORegistryEntryFromPath(
    main_port: mach_port_t,
    path: *const c_char,
) -> io_registry_entry_t {
    // SAFETY: by the caller's promise.
    let path = unsafe { text(path, "path") };
    running().task().io_registry_entry_from_path(main_port, path)
}

pub(crate) fn IORegistryEntryCopyFromPath(main_port: mach_port_t, path: CFStringRef) -> io_registry_entry_t {
    running().task().io_registry_entry_copy_from_path(main_port, &string::required(path, "path"))
}

/// # Safety
///
/// `plane` must be a C string, and `name` have room for an `io_name_t`.
pub(crate) unsafe fn IORegistryEntryGetNameInPlane(
    entry: io_registry_entry_t,
    plane: *const c_char,
    name: io_name_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |found: &mut CString| running().task().io_registry_entry_get_name_in_plane(entry, plane, found);
    // SAFETY: by the caller's promise.
    answer(get, |found| unsafe { write_name(name, "name", found) })
}

/// # Safety
///
/// `plane` must be a C string, and `location` have room for an `io_name_t`.
pub(crate) unsafe fn IORegistryEntryGetLocationInPlane(
    entry: io_registry_entry_t,
    plane: *const c_char,
    location: io_name_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get =
        |found: &mut CString| running().task().io_registry_entry_get_location_in_plane(entry, plane, found);
    // SAFETY: by the caller's promise.
    answer(get, |found| unsafe { write_name(location, "location", found) })
}

/// # Safety
///
/// `plane` must be a C string, and `path` have room for an `io_string_t`.
pub(crate) unsafe fn IORegistryEntryGetPath(
    entry: io_registry_entry_t,
    plane: *const c_char,
    path: io_string_t,
) -> kern_return_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let get = |found: &mut CString| running().task().io_registry_entry_get_path(entry, plane, found);
    // SAFETY: by the caller's promise.
    answer(get, |found| unsafe { write_string(path, "path", found) })
}

/// # Safety
///
/// `plane` must be a C string.
pub(crate) unsafe fn IORegistryEntryCopyPath(
    entry: io_registry_entry_t,
    plane: *const c_char,
) -> CFStringRef {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    let path = running().task().io_registry_entry_copy_path(entry, plane);
    path.map_or(ptr::null(), |path| darwin_core_foundation::string(&path))
}

/// # Safety
///
/// `plane` must be a C string.
pub(crate) unsafe fn IORegistryEntryInPlane(entry: io_registry_entry_t, plane: *const c_char) -> boolean_t {
    // SAFETY: by the caller's promise.
    let plane = unsafe { text(plane, "plane") };
    running().task().io_registry_entry_in_plane(entry, plane).into()
}
