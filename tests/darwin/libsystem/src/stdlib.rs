//! `stdlib.h`, but for memory and random numbers.

use std::ffi::{c_int, c_void};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            __cxa_atexit, abort, abs, atof, atoi, atol, atoll, bsearch, div, exit, getenv, labs, ldiv, llabs,
            putenv, qsort, quick_exit, setenv, strtod, strtof, strtoimax, strtol, strtold, strtoll, strtoul,
            strtoull, strtoumax, unsetenv,
        },
        exports![qsort_r],
    ]
    .concat()
}

/// Takes the comparison and its argument the other way round than glibc's, and so does the comparison.
unsafe extern "C" fn qsort_r(
    items: *mut c_void,
    count: usize,
    size: usize,
    argument: *mut c_void,
    compare: unsafe extern "C" fn(*mut c_void, *const c_void, *const c_void) -> c_int,
) {
    struct Comparison {
        argument: *mut c_void,
        compare: unsafe extern "C" fn(*mut c_void, *const c_void, *const c_void) -> c_int,
    }
    unsafe extern "C" fn turned(one: *const c_void, other: *const c_void, comparison: *mut c_void) -> c_int {
        // SAFETY: `comparison` is the one below; the items are the program's.
        unsafe {
            let Comparison { argument, compare } = *comparison.cast::<Comparison>();
            compare(argument, one, other)
        }
    }
    let mut comparison = Comparison { argument, compare };
    // SAFETY: by the caller's promise.
    unsafe { libc::qsort_r(items, count, size, Some(turned), (&raw mut comparison).cast()) };
}
