//! The end of the program: what it has left behind.

use std::ffi::{c_int, c_void};
use std::ptr;

use darwin_loader::Result;

/// The status of a strict run that leaves something behind: `EX_SOFTWARE`.
const LEFT_BEHIND: c_int = 70;

unsafe extern "C" {
    fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
}

/// Has what is left reported when the process exits, after all that the program does then; a strict run fails if
/// there is any.
pub(crate) fn report_at_exit(strict: bool) -> Result<()> {
    let argument = ptr::without_provenance_mut(strict.into());
    // SAFETY: `report` takes the argument as it is given here.
    match unsafe { on_exit(report, argument) } {
        0 => Ok(()),
        _ => Err("cannot be told of the process's exit".into()),
    }
}

extern "C" fn report(status: c_int, strict: *mut c_void) {
    darwin_loader::flush_output();
    let left = left_behind();
    for item in &left {
        darwin_loader::say(format_args!("darwin-host: left at exit: {item}"));
    }
    let is_clean = left.is_empty() && darwin_calls::complaints() == 0;
    if status == 0 && !strict.is_null() && !is_clean {
        // SAFETY: glibc lets a function that runs at exit exit with another status, and goes on with what remains to do.
        unsafe { libc::exit(LEFT_BEHIND) }
    }
}

fn left_behind() -> Vec<String> {
    let mut left = darwin_iokit::report();
    left.extend(darwin_core_foundation::ownership::alive());
    left
}
