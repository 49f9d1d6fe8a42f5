//! Times: nanoseconds of the monotonic clock, or negative ones of the time of day.

use std::time::Duration;

use darwin_loader::{Export, exports};

use crate::time::{monotonic, wall};

pub(super) fn exports() -> Vec<Export> {
    exports![after as "dispatch_time", wall_time as "dispatch_walltime"]
}

const NOW: u64 = 0;
const FOREVER: u64 = u64::MAX;
const IS_WALL: u64 = 1 << 63;

/// `dispatch_time_t`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub(super) struct Deadline(u64);

impl Deadline {
    /// The time of the monotonic clock, unless it never comes.
    pub(super) fn monotonic(self) -> Option<u64> {
        match self.0 {
            FOREVER => None,
            time if time & IS_WALL != 0 => {
                let left = time.wrapping_neg().saturating_sub(wall());
                Some(monotonic().saturating_add(left))
            }
            time => Some(time),
        }
    }

    /// How long to wait, unless forever.
    pub(super) fn left(self) -> Option<Duration> {
        self.monotonic().map(|time| Duration::from_nanos(time.saturating_sub(monotonic())))
    }
}

fn wall_deadline(time: u64, nanoseconds: i64) -> Deadline {
    // 1 would be FOREVER.
    Deadline(time.saturating_add_signed(nanoseconds).clamp(2, IS_WALL).wrapping_neg())
}

extern "C" fn after(when: Deadline, nanoseconds: i64) -> Deadline {
    match when.0 {
        FOREVER => when,
        NOW => Deadline(monotonic().saturating_add_signed(nanoseconds).min(IS_WALL - 1)),
        time if time & IS_WALL != 0 => wall_deadline(time.wrapping_neg(), nanoseconds),
        time => Deadline(time.saturating_add_signed(nanoseconds).min(IS_WALL - 1)),
    }
}

unsafe extern "C" fn wall_time(when: *const libc::timespec, nanoseconds: i64) -> Deadline {
    // SAFETY: by the caller's promise, it is null or a time.
    let when = unsafe { when.as_ref() };
    let time = when
        .map_or_else(wall, |when| (when.tv_sec as u64).saturating_mul(1_000_000_000) + when.tv_nsec as u64);
    wall_deadline(time, nanoseconds)
}
