//! Clocks and sleep: `time.h`, `sys/time.h`, `mach/mach_time.h`.

use std::ffi::{c_int, c_uint};
use std::mem::MaybeUninit;

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            asctime, asctime_r, clock, ctime, ctime_r, difftime, gettimeofday, gmtime, gmtime_r, localtime,
            localtime_r, mktime, nanosleep, sleep, strftime, strptime, time, timegm, tzset, usleep,
        },
        exports![
            clock_getres,
            clock_gettime,
            clock_gettime_nsec_np,
            mach_wait_until,
            monotonic as "mach_absolute_time",
            monotonic as "mach_approximate_time",
            monotonic as "mach_continuous_time",
            timebase_info as "mach_timebase_info",
        ],
    ]
    .concat()
}

const NANOSECONDS: u64 = 1_000_000_000;

fn clock_to_linux(darwin: c_uint) -> Option<libc::clockid_t> {
    Some(match darwin {
        0 => libc::CLOCK_REALTIME,
        4..=6 => libc::CLOCK_BOOTTIME,
        8 | 9 => libc::CLOCK_MONOTONIC,
        12 => libc::CLOCK_PROCESS_CPUTIME_ID,
        16 => libc::CLOCK_THREAD_CPUTIME_ID,
        _ => {
            errno::set(libc::EINVAL);
            return None;
        }
    })
}

unsafe extern "C" fn clock_gettime(clock: c_uint, time: *mut libc::timespec) -> c_int {
    // SAFETY: by the caller's promise.
    clock_to_linux(clock).map_or(-1, |clock| unsafe { libc::clock_gettime(clock, time) })
}

unsafe extern "C" fn clock_getres(clock: c_uint, time: *mut libc::timespec) -> c_int {
    // SAFETY: by the caller's promise.
    clock_to_linux(clock).map_or(-1, |clock| unsafe { libc::clock_getres(clock, time) })
}

/// 0 for clocks that do not exist.
extern "C" fn clock_gettime_nsec_np(clock: c_uint) -> u64 {
    clock_to_linux(clock).map_or(0, nanoseconds)
}

fn nanoseconds(clock: libc::clockid_t) -> u64 {
    let mut now = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: zeros are valid, and so is what the clock makes of them.
    let now = unsafe {
        libc::clock_gettime(clock, now.as_mut_ptr());
        now.assume_init()
    };
    now.tv_sec as u64 * NANOSECONDS + now.tv_nsec as u64
}

/// Of the clock that programs measure times by; its unit is the nanosecond, as [`timebase_info`] says.
pub(crate) extern "C" fn monotonic() -> u64 {
    nanoseconds(libc::CLOCK_MONOTONIC)
}

/// Since 1970.
pub(crate) fn wall() -> u64 {
    nanoseconds(libc::CLOCK_REALTIME)
}

extern "C" fn mach_wait_until(deadline: u64) -> c_int {
    let deadline =
        libc::timespec { tv_sec: (deadline / NANOSECONDS) as i64, tv_nsec: (deadline % NANOSECONDS) as i64 };
    // SAFETY: the deadline outlives the call, and null asks for no rest.
    let wait = || unsafe {
        libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &deadline, std::ptr::null_mut())
    };
    while wait() == libc::EINTR {}
    0
}

#[repr(C)]
struct Timebase {
    numerator: u32,
    denominator: u32,
}

unsafe extern "C" fn timebase_info(info: *mut Timebase) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { info.write(Timebase { numerator: 1, denominator: 1 }) };
    0
}
