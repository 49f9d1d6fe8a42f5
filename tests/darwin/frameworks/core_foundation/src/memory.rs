//! The program's memory.

use crate::abi::CFIndex;
use crate::range::length;
use darwin_calls::misuse;
use std::ffi::c_void;
use std::slice;

/// The `count` elements at `start`; none if there are none, whatever `start` is.
///
/// # Safety
///
/// They must be there, and be left alone for `'a`.
pub(crate) unsafe fn slice<'a, T>(start: *const T, count: CFIndex) -> &'a [T] {
    let count = length(count);
    if count == 0 {
        return &[];
    }
    if start.is_null() {
        misuse("a null pointer was given for values")
    }
    // SAFETY: by the caller's promise, and not null.
    unsafe { slice::from_raw_parts(start, count) }
}

/// A copy of the `count` values at `start`: functions of the program are called for them, which may change them.
///
/// # Safety
///
/// They must be there.
pub(crate) unsafe fn values(start: *const *const c_void, count: CFIndex) -> Vec<*const c_void> {
    // SAFETY: by the caller's promise.
    unsafe { slice(start, count) }.to_vec()
}

/// Makes room for `more` values; ends the process if there is no memory for them.
pub(crate) fn reserve<T>(values: &mut Vec<T>, more: usize) {
    if values.try_reserve(more).is_err() {
        misuse(format_args!("there is no memory for {more} more"))
    }
}

/// Stores a result where the program wants it, if it does.
///
/// # Safety
///
/// `place` must be null, or have room for a value.
pub(crate) unsafe fn store<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: by the caller's promise.
        unsafe { place.write(value) };
    }
}
