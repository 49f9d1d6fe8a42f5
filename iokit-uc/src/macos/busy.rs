//! Busy states: times as C has them, and a function that the library exports without a public header.

use super::code;
use crate::backend::{MachTimespec, PortName};
use crate::error::IoReturn;
use io_kit_sys::types::io_service_t;
use mach2::clock_types::mach_timespec_t;
use mach2::kern_return::kern_return_t;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;

/// `IOServiceGetBusyStateAndTime`
type GetBusyStateAndTime = unsafe extern "C" fn(io_service_t, *mut u64, *mut u32, *mut u64) -> kern_return_t;

/// Looks through all that the process has loaded: `RTLD_DEFAULT` of macOS.
const LOADED: *mut c_void = ptr::without_provenance_mut(usize::MAX - 1);

unsafe extern "C" {
    // In libSystem.
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

fn find(name: &CStr) -> Option<ptr::NonNull<c_void>> {
    // SAFETY: a handle that is always good, and a C string.
    ptr::NonNull::new(unsafe { dlsym(LOADED, name.as_ptr()) })
}

/// [`Backend::io_service_get_busy_state_and_time`](crate::backend::Backend::io_service_get_busy_state_and_time)
pub(super) fn state_and_time(
    service: PortName,
    state: &mut u64,
    busy: &mut u32,
    accumulated: &mut u64,
) -> IoReturn {
    (*state, *busy, *accumulated) = (0, 0, 0);
    let Some(function) = find(c"IOServiceGetBusyStateAndTime") else { return IoReturn::UNSUPPORTED };
    // SAFETY: what the process has loaded under this name is taken on trust to be IOKitLib's (see the crate's documentation),
    // which is of this type.
    let function = unsafe { std::mem::transmute::<ptr::NonNull<c_void>, GetBusyStateAndTime>(function) };
    // SAFETY: takes any name (P-5, P-6), and writes to the other arguments only.
    code(unsafe { function(service, state, busy, accumulated) })
}

/// Has `wait` wait for a time, or for ever.
pub(super) fn wait(
    timeout: Option<MachTimespec>,
    wait: impl FnOnce(*mut mach_timespec_t) -> kern_return_t,
) -> IoReturn {
    // C may write to it.
    let mut timeout = timeout.map(|MachTimespec { seconds, nanoseconds }| mach_timespec_t {
        tv_sec: seconds,
        tv_nsec: nanoseconds,
    });
    code(wait(timeout.as_mut().map_or(ptr::null_mut(), ptr::from_mut)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_loaded_is_found_by_its_name() {
        assert!(find(c"IOServiceGetBusyStateAndTime").is_some());
        assert!(find(c"no function has such a name").is_none());
    }

    #[test]
    fn bq_06_no_timeout_is_null() {
        let code = wait(None, |timeout| {
            assert!(timeout.is_null());
            0
        });
        assert!(code.is_success());
        let code = wait(Some(MachTimespec { seconds: 7, nanoseconds: -1 }), |timeout| {
            // SAFETY: a time, for as long as the call.
            let timeout = unsafe { *timeout };
            assert_eq!((timeout.tv_sec, timeout.tv_nsec), (7, -1));
            IoReturn::TIMEOUT.raw()
        });
        assert_eq!(code, IoReturn::TIMEOUT);
    }
}
