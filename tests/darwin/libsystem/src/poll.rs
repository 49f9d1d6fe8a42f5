//! Waiting for descriptors: `poll.h`, `sys/select.h`.

use std::ffi::{c_int, c_uint};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![check_set as "__darwin_check_fd_set_overflow", poll, select]
}

/// The count has 64 bits in glibc.
unsafe extern "C" fn poll(descriptors: *mut libc::pollfd, count: c_uint, timeout: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::poll(descriptors, count.into(), timeout) }
}

/// `struct timeval`.
#[repr(C)]
struct Time {
    seconds: i64,
    microseconds: i32,
}

unsafe extern "C" fn select(
    count: c_int,
    readable: *mut libc::fd_set,
    writable: *mut libc::fd_set,
    failed: *mut libc::fd_set,
    timeout: *const Time,
) -> c_int {
    // SAFETY: by the caller's promise; the sets are arrays of 1024 bits in both.
    unsafe {
        let mut linux = timeout
            .as_ref()
            .map(|time| libc::timeval { tv_sec: time.seconds, tv_usec: time.microseconds.into() });
        let timeout = linux.as_mut().map_or(std::ptr::null_mut(), |time| &raw mut *time);
        libc::select(count, readable, writable, failed, timeout)
    }
}

/// What the macros for sets ask first: whether the descriptor has a place there.
extern "C" fn check_set(descriptor: c_int, _set: *const libc::fd_set, _unlimited: c_int) -> c_int {
    (0..libc::FD_SETSIZE as c_int).contains(&descriptor).into()
}
