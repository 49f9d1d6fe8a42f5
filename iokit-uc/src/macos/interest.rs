//! Interest notifications.

use io_kit_sys::types::{io_object_t, io_service_t};
use io_kit_sys::{IONotificationPortRef, IOServiceInterestCallback};
use mach2::kern_return::kern_return_t;
use std::ffi::{c_char, c_void};

unsafe extern "C" {
    // `io_kit_sys` has the callback as a function, and there is none here: what is given comes back in messages, for whoever
    // reads them. An address is passed as a function is, and the argument that goes with it too.
    pub(super) fn IOServiceAddInterestNotification(
        port: IONotificationPortRef,
        service: io_service_t,
        interest_type: *const c_char,
        callback: usize,
        refcon: usize,
        notification: *mut io_object_t,
    ) -> kern_return_t;
}

// All but these two is as there.
const _: unsafe extern "C" fn(
    IONotificationPortRef,
    io_service_t,
    *const c_char,
    IOServiceInterestCallback,
    *mut c_void,
    *mut io_object_t,
) -> kern_return_t = io_kit_sys::IOServiceAddInterestNotification;
const _: () = assert!(size_of::<IOServiceInterestCallback>() == size_of::<usize>());
