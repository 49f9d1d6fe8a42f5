//! `CFDate`: seconds since the first instant of 2001.

use crate::abi::{
    CFAbsoluteTime, CFAllocatorRef, CFComparisonResult, CFDateRef, CFTimeInterval, CFTypeID, c_void,
};
use crate::object::{Class, Contents, Kind, Object, make, of};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) static kCFAbsoluteTimeIntervalSince1970: CFTimeInterval = 978_307_200.0;
pub(crate) static kCFAbsoluteTimeIntervalSince1904: CFTimeInterval = 3_061_152_000.0;

pub(crate) struct Date(pub(crate) CFAbsoluteTime);

pub(crate) static CLASS: Class = Class { name: "CFDate", id: 42 };

impl Contents for Date {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Date>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<usize> {
        // Zeros are equal.
        Some((self.0 + 0.0).to_bits() as usize)
    }

    fn description(&self) -> String {
        format!("time = {}", crate::string::format::float(self.0, 17))
    }

    fn summary(&self) -> String {
        format!("at {}", self.0)
    }
}

impl Kind for Date {
    const CLASS: &'static Class = &CLASS;
}

impl Date {
    pub(crate) fn system_time(&self) -> Option<SystemTime> {
        let seconds = self.0 + kCFAbsoluteTimeIntervalSince1970;
        let distance = Duration::try_from_secs_f64(seconds.abs()).ok()?;
        if seconds < 0.0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }

    pub(crate) fn at(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        };
        Date(seconds - kCFAbsoluteTimeIntervalSince1970)
    }
}

pub(crate) fn CFAbsoluteTimeGetCurrent() -> CFAbsoluteTime {
    Date::at(SystemTime::now()).0
}

pub(crate) fn CFDateCreate(allocator: CFAllocatorRef, at: CFAbsoluteTime) -> CFDateRef {
    make(allocator, Date(at))
}

pub(crate) fn CFDateGetAbsoluteTime(date: CFDateRef) -> CFAbsoluteTime {
    of::<Date>(date).0
}

pub(crate) fn CFDateGetTimeIntervalSinceDate(date: CFDateRef, other: CFDateRef) -> CFTimeInterval {
    of::<Date>(date).0 - of::<Date>(other).0
}

pub(crate) fn CFDateCompare(date: CFDateRef, other: CFDateRef, _context: *mut c_void) -> CFComparisonResult {
    let (date, other) = (of::<Date>(date).0, of::<Date>(other).0);
    date.partial_cmp(&other).map_or(0, |order| order as CFComparisonResult)
}

pub(crate) fn CFDateGetTypeID() -> CFTypeID {
    CLASS.id
}
