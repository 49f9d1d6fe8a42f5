//! `string.h`, `strings.h`, `libgen.h`.

use std::ffi::{c_char, c_void};
use std::ptr;

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = [
        same! {
            __memcpy_chk, __memmove_chk, __memset_chk, __stack_chk_fail, __stpcpy_chk, __strcat_chk,
            __strcpy_chk, __strncat_chk, __strncpy_chk, bcmp, bcopy, bzero, ffs, index,
            memccpy, memchr, memcmp, memcpy, memmem, memmove, memset, rindex, stpcpy, stpncpy, strcasecmp,
            strcasestr, strcat, strchr, strcmp, strcoll, strcpy, strcspn, strdup, strlen, strncasecmp,
            strncat, strncmp, strncpy, strndup, strnlen, strpbrk, strrchr, strsep, strspn, strstr, strtok,
            strtok_r, strxfrm,
        },
        same![__xpg_basename as "basename", bzero as "__bzero", dirname],
        exports![
            checked_strlcat as "__strlcat_chk",
            checked_strlcpy as "__strlcpy_chk",
            memset_pattern4,
            memset_pattern8,
            memset_pattern16,
            strlcat,
            strlcpy,
            strnstr,
        ],
    ]
    .concat();
    exports.push(Export::variable("__stack_chk_guard", &STACK_GUARD));
    exports
}

/// Functions keep it on their stack, and compare when they return. A NUL ends what runs over by string functions.
static STACK_GUARD: u64 = 0x5bd1_e995_9e37_7900;

pub(crate) unsafe extern "C" fn strlcpy(to: *mut c_char, from: *const c_char, size: usize) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        let length = libc::strlen(from);
        if size > 0 {
            let copied = length.min(size - 1);
            to.copy_from_nonoverlapping(from, copied);
            to.add(copied).write(0);
        }
        length
    }
}

unsafe extern "C" fn strlcat(to: *mut c_char, from: *const c_char, size: usize) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        let used = libc::strnlen(to, size);
        used + strlcpy(to.add(used), from, size - used)
    }
}

unsafe extern "C" fn checked_strlcpy(
    to: *mut c_char,
    from: *const c_char,
    size: usize,
    room: usize,
) -> usize {
    check("strlcpy", size, room);
    // SAFETY: by the caller's promise.
    unsafe { strlcpy(to, from, size) }
}

unsafe extern "C" fn checked_strlcat(
    to: *mut c_char,
    from: *const c_char,
    size: usize,
    room: usize,
) -> usize {
    check("strlcat", size, room);
    // SAFETY: by the caller's promise.
    unsafe { strlcat(to, from, size) }
}

fn check(function: &'static str, size: usize, room: usize) {
    if size > room {
        let _call = enter(function);
        misuse(format_args!("told of {size} bytes in a buffer of {room}"));
    }
}

unsafe extern "C" fn strnstr(text: *const c_char, sought: *const c_char, length: usize) -> *const c_char {
    // SAFETY: by the caller's promise.
    unsafe {
        libc::memmem(text.cast(), libc::strnlen(text, length), sought.cast(), libc::strlen(sought)).cast()
    }
}

/// What compilers make of loops that fill memory.
///
/// # Safety
/// `to` must have room for `size` bytes, and `pattern` be of `length` bytes.
unsafe fn fill(to: *mut c_void, pattern: *const c_void, length: usize, size: usize) {
    for filled in (0..size).step_by(length) {
        // SAFETY: by the caller's promise.
        unsafe { ptr::copy(pattern.cast::<u8>(), to.byte_add(filled).cast(), length.min(size - filled)) };
    }
}

unsafe extern "C" fn memset_pattern4(to: *mut c_void, pattern: *const c_void, size: usize) {
    // SAFETY: by the caller's promise.
    unsafe { fill(to, pattern, 4, size) };
}

unsafe extern "C" fn memset_pattern8(to: *mut c_void, pattern: *const c_void, size: usize) {
    // SAFETY: by the caller's promise.
    unsafe { fill(to, pattern, 8, size) };
}

unsafe extern "C" fn memset_pattern16(to: *mut c_void, pattern: *const c_void, size: usize) {
    // SAFETY: by the caller's promise.
    unsafe { fill(to, pattern, 16, size) };
}
