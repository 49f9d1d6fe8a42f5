//! Clocks.

use std::time::{Duration, Instant, SystemTime};

#[test]
fn sleep_is_measured() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    let slept = start.elapsed();
    assert!(slept >= Duration::from_millis(20) && slept < Duration::from_secs(20), "{slept:?}");
}

#[test]
fn the_time_of_day_is_that_of_files() {
    let directory = crate::Directory::new();
    let before = SystemTime::now() - Duration::from_secs(1);
    std::fs::write(directory.join("file"), "").unwrap();
    let modified = directory.join("file").metadata().unwrap().modified().unwrap();
    assert!(before <= modified && modified <= SystemTime::now() + Duration::from_secs(1));
}

#[repr(C)]
struct Timebase {
    numerator: u32,
    denominator: u32,
}

unsafe extern "C" {
    fn mach_absolute_time() -> u64;
    fn mach_timebase_info(info: *mut Timebase) -> i32;
    fn mach_wait_until(deadline: u64) -> i32;
    fn clock_gettime_nsec_np(clock: u32) -> u64;
}

#[test]
fn absolute_time_has_its_timebase() {
    let mut base = Timebase { numerator: 0, denominator: 0 };
    // SAFETY: the info is valid for writes.
    let elapsed = unsafe {
        assert_eq!(mach_timebase_info(&mut base), 0);
        let start = mach_absolute_time();
        assert_eq!(
            mach_wait_until(start + 10_000_000 * u64::from(base.denominator) / u64::from(base.numerator)),
            0
        );
        (mach_absolute_time() - start) * u64::from(base.numerator) / u64::from(base.denominator)
    };
    assert!(elapsed >= 10_000_000, "{elapsed}");
}

#[test]
fn clocks_have_macos_numbers() {
    // SAFETY: has no preconditions.
    unsafe {
        assert!(clock_gettime_nsec_np(8).abs_diff(mach_absolute_time()) < 1_000_000_000);
        assert_eq!(clock_gettime_nsec_np(1), 0);
    }
}
