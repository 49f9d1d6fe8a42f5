//! Registrations whose callback is a number here.

use core_foundation::dictionary::CFDictionaryRef;
use io_kit_sys::types::{io_iterator_t, io_object_t, io_service_t};
use io_kit_sys::{IONotificationPortRef, IOServiceInterestCallback, IOServiceMatchingCallback};
use mach2::kern_return::kern_return_t;
use std::ffi::{c_char, c_void};

unsafe extern "C" {
    // `io_kit_sys` has the callbacks as functions, and there are none here: what is given comes back in messages, for whoever
    // reads them. An address is passed as a function is, and the argument that goes with it too.
    pub(super) fn IOServiceAddInterestNotification(
        port: IONotificationPortRef,
        service: io_service_t,
        interest_type: *const c_char,
        callback: usize,
        refcon: usize,
        notification: *mut io_object_t,
    ) -> kern_return_t;

    pub(super) fn IOServiceAddMatchingNotification(
        port: IONotificationPortRef,
        notification_type: *const c_char,
        matching: CFDictionaryRef,
        callback: usize,
        refcon: usize,
        notification: *mut io_iterator_t,
    ) -> kern_return_t;
}

// All but these two of each is as there.
const _: unsafe extern "C" fn(
    IONotificationPortRef,
    io_service_t,
    *const c_char,
    IOServiceInterestCallback,
    *mut c_void,
    *mut io_object_t,
) -> kern_return_t = io_kit_sys::IOServiceAddInterestNotification;
const _: unsafe extern "C" fn(
    IONotificationPortRef,
    *const c_char,
    CFDictionaryRef,
    IOServiceMatchingCallback,
    *mut c_void,
    *mut io_iterator_t,
) -> kern_return_t = io_kit_sys::IOServiceAddMatchingNotification;
const _: () = assert!(size_of::<IOServiceInterestCallback>() == size_of::<usize>());
const _: () = assert!(size_of::<IOServiceMatchingCallback>() == size_of::<usize>());
