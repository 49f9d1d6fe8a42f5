//! Where in the program a thread is.

use std::ffi::{c_int, c_void};
use std::ops::Range;

/// The unwinder's view of a frame.
#[repr(C)]
struct Context {
    opaque: [u8; 0],
}

type Visit = extern "C" fn(*mut Context, *mut c_void) -> c_int;

// The unwinder that the standard library links.
unsafe extern "C" {
    fn _Unwind_Backtrace(visit: Visit, argument: *mut c_void) -> c_int;
    fn _Unwind_GetIP(context: *mut Context) -> usize;
}

/// `_URC_NO_REASON`: on to the next frame.
const CONTINUE: c_int = 0;
/// `_URC_NORMAL_STOP`.
const STOP: c_int = 4;

/// The innermost address in the program on this thread's stack: where it called the host, or where a fault is. None if the
/// program is not on it.
pub fn caller() -> Option<usize> {
    first_within(crate::image()?)
}

/// The innermost address on this thread's stack that lies within `code`.
fn first_within(code: Range<usize>) -> Option<usize> {
    struct Search {
        code: Range<usize>,
        found: Option<usize>,
    }

    extern "C" fn visit(frame: *mut Context, search: *mut c_void) -> c_int {
        // SAFETY: the unwinder passes the argument of `_Unwind_Backtrace` below, which nothing else uses meanwhile.
        let search = unsafe { &mut *search.cast::<Search>() };
        // SAFETY: the frame that the unwinder is visiting.
        let address = unsafe { _Unwind_GetIP(frame) };
        if search.code.contains(&address) {
            search.found = Some(address);
            return STOP;
        }
        CONTINUE
    }

    let mut search = Search { code, found: None };
    // SAFETY: `visit` has the unwinder's signature, does not unwind, and gets a `Search` that outlives the walk.
    unsafe { _Unwind_Backtrace(visit, (&raw mut search).cast()) };
    search.found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_address_within_a_range_is_found() {
        let everything = first_within(0..usize::MAX).expect("this function has a frame");
        let caller = first_within(everything + 1..usize::MAX).or_else(|| first_within(0..everything));
        assert_ne!(caller.expect("so has its caller"), everything);
    }

    #[test]
    fn nothing_is_found_where_no_code_is() {
        assert_eq!(first_within(1..2), None);
    }

    #[test]
    fn without_a_program_there_is_no_caller() {
        assert_eq!(caller(), None);
    }
}
