//! Busy states (BQ-1 … BQ-7).

use crate::abi::*;
use crate::machine::running;
use crate::pointers::update;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, MachTimespec};

/// # Safety
///
/// `busy` must be fit to be read and written.
pub(crate) unsafe fn IOServiceGetBusyState(service: io_service_t, busy: *mut u32) -> kern_return_t {
    let get = |busy: &mut u32| running().task().io_service_get_busy_state(service, busy);
    // SAFETY: by the caller's promise.
    unsafe { update(busy, "busyState", get) }.raw()
}

/// # Safety
///
/// The pointers must be fit to be read and written.
pub(crate) unsafe fn IOServiceGetBusyStateAndTime(
    service: io_service_t,
    state: *mut u64,
    busy: *mut u32,
    accumulated: *mut u64,
) -> kern_return_t {
    let (mut found, mut count, mut time) = (0, 0, 0);
    let code =
        running().task().io_service_get_busy_state_and_time(service, &mut found, &mut count, &mut time);
    // SAFETY: by the caller's promise.
    unsafe {
        update(state, "state", |state| *state = found);
        update(busy, "busyState", |busy| *busy = count);
        update(accumulated, "accumulatedBusyTime", |accumulated| *accumulated = time);
    }
    code.raw()
}

/// # Safety
///
/// `main_port` may be anything, and `busy` must be fit to be read and written.
pub(crate) unsafe fn IOKitGetBusyState(main_port: mach_port_t, busy: *mut u32) -> kern_return_t {
    let get = |busy: &mut u32| running().task().io_kit_get_busy_state(main_port, busy);
    // SAFETY: by the caller's promise.
    unsafe { update(busy, "busyState", get) }.raw()
}

/// # Safety
///
/// `time` must be null, which is for ever, or fit to be read.
unsafe fn wait(
    time: *const mach_timespec_t,
    wait: impl FnOnce(Option<MachTimespec>) -> IoReturn,
) -> IoReturn {
    let timeout = (!time.is_null()).then(|| {
        // SAFETY: not null, and so fit to be read by the caller's promise.
        let mach_timespec_t { tv_sec, tv_nsec } = unsafe { time.read_unaligned() };
        MachTimespec { seconds: tv_sec, nanoseconds: tv_nsec }
    });
    wait(timeout)
}

/// # Safety
///
/// `time` must be null, or fit to be read.
pub(crate) unsafe fn IOServiceWaitQuiet(service: io_service_t, time: *mut mach_timespec_t) -> kern_return_t {
    // SAFETY: by the caller's promise.
    unsafe { wait(time, |timeout| running().task().io_service_wait_quiet(service, timeout)) }.raw()
}

/// # Safety
///
/// `time` must be null, or fit to be read.
pub(crate) unsafe fn IOKitWaitQuiet(main_port: mach_port_t, time: *mut mach_timespec_t) -> kern_return_t {
    // SAFETY: by the caller's promise.
    unsafe { wait(time, |timeout| running().task().io_kit_wait_quiet(main_port, timeout)) }.raw()
}
