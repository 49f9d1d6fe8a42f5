//! Matching: dictionaries, and the services that they find (MT-1 … MT-20).

use crate::abi::*;
use crate::machine::running;
use crate::pointers::{optional_text, update};
use darwin_core_foundation::{from_value, ownership, to_value};
use iokit_uc::backend::Backend;
use iokit_uc::{IoReturn, Value};
use std::ptr;

/// A dictionary for the program, which may change it; null for none.
fn dictionary(matching: Option<Value>) -> CFMutableDictionaryRef {
    matching.as_ref().map_or(ptr::null(), from_value)
}

/// # Safety
///
/// `name` must be null or a C string.
pub(crate) unsafe fn IOServiceMatching(name: *const c_char) -> CFMutableDictionaryRef {
    // SAFETY: by the caller's promise.
    dictionary(running().task().io_service_matching(unsafe { optional_text(name) }))
}

/// # Safety
///
/// `name` must be null or a C string.
pub(crate) unsafe fn IOServiceNameMatching(name: *const c_char) -> CFMutableDictionaryRef {
    // SAFETY: by the caller's promise.
    dictionary(running().task().io_service_name_matching(unsafe { optional_text(name) }))
}

/// # Safety
///
/// `name` must be null or a C string.
pub(crate) unsafe fn IOBSDNameMatching(
    main_port: mach_port_t,
    options: u32,
    name: *const c_char,
) -> CFMutableDictionaryRef {
    // SAFETY: by the caller's promise.
    let name = unsafe { optional_text(name) };
    dictionary(running().task().io_bsd_name_matching(main_port, options, name))
}

/// # Safety
///
/// `path` must be null or a C string.
pub(crate) unsafe fn IOOpenFirmwarePathMatching(
    main_port: mach_port_t,
    options: u32,
    path: *const c_char,
) -> CFMutableDictionaryRef {
    // SAFETY: by the caller's promise.
    let path = unsafe { optional_text(path) };
    dictionary(running().task().io_open_firmware_path_matching(main_port, options, path))
}

pub(crate) fn IORegistryEntryIDMatching(entry_id: u64) -> CFMutableDictionaryRef {
    dictionary(running().task().io_registry_entry_id_matching(entry_id))
}

/// A reference that the program has given up for good.
pub(crate) struct Consumed(pub(crate) CFDictionaryRef);

impl Consumed {
    /// What the kernel gets of it: nothing of null, and of what it would not take.
    pub(crate) fn value(&self) -> Option<Value> {
        if self.0.is_null() { None } else { to_value(self.0) }
    }
}

impl Drop for Consumed {
    fn drop(&mut self) {
        if !self.0.is_null() {
            ownership::release(self.0);
        }
    }
}

pub(crate) fn IOServiceGetMatchingService(main_port: mach_port_t, matching: CFDictionaryRef) -> io_service_t {
    let matching = Consumed(matching).value();
    running().task().io_service_get_matching_service(main_port, matching.as_ref())
}

/// # Safety
///
/// `existing` must be fit to be read and written.
pub(crate) unsafe fn IOServiceGetMatchingServices(
    main_port: mach_port_t,
    matching: CFDictionaryRef,
    existing: *mut io_iterator_t,
) -> kern_return_t {
    let matching = Consumed(matching).value();
    let find = |existing: &mut io_iterator_t| -> IoReturn {
        running().task().io_service_get_matching_services(main_port, matching.as_ref(), existing)
    };
    // SAFETY: by the caller's promise.
    unsafe { update(existing, "existing", find) }.raw()
}

/// # Safety
///
/// `matches` must be fit to be read and written.
pub(crate) unsafe fn IOServiceMatchPropertyTable(
    service: io_service_t,
    matching: CFDictionaryRef,
    matches: *mut boolean_t,
) -> kern_return_t {
    let matching = if matching.is_null() { None } else { to_value(matching) };
    let test = |matches: &mut boolean_t| -> IoReturn {
        let mut matched = false;
        let code = running().task().io_service_match_property_table(service, matching.as_ref(), &mut matched);
        if code.is_success() {
            *matches = matched.into();
        }
        code
    };
    // SAFETY: by the caller's promise.
    unsafe { update(matches, "matches", test) }.raw()
}
