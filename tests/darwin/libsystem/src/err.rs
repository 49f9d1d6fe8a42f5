//! `err.h`: messages of command-line programs.

use std::ffi::{c_char, c_int, c_void};

use darwin_loader::{Export, exports};

use crate::errno::{location, strerror};
use crate::process::getprogname;
use crate::stdio::stderr;

pub(crate) fn exports() -> Vec<Export> {
    exports![err, errc, errx, verr, verrc, verrx, vwarn, vwarnc, vwarnx, warn, warnc, warnx]
}

/// A `va_list`, as functions take it.
type Arguments = *mut c_void;

unsafe extern "C" {
    fn vfprintf(stream: *mut libc::FILE, format: *const c_char, arguments: Arguments) -> c_int;
}

/// Prints the program's name, the message if there is one, and the error if there is one.
///
/// # Safety
/// `format` must be null, or a format that the arguments fit.
unsafe fn print(error: Option<c_int>, format: *const c_char, arguments: Arguments) {
    // SAFETY: the name and the error's text are C strings; the rest is by the caller's promise.
    unsafe {
        libc::fprintf(stderr, c"%s: ".as_ptr(), getprogname());
        if !format.is_null() {
            vfprintf(stderr, format, arguments);
        }
        if let Some(error) = error {
            let separator = if format.is_null() { c"" } else { c": " };
            libc::fprintf(stderr, c"%s%s".as_ptr(), separator.as_ptr(), strerror(error));
        }
        libc::fputs(c"\n".as_ptr(), stderr);
    }
}

unsafe extern "C" fn vwarnx(format: *const c_char, arguments: Arguments) {
    // SAFETY: by the caller's promise.
    unsafe { print(None, format, arguments) };
}

unsafe extern "C" fn vwarnc(error: c_int, format: *const c_char, arguments: Arguments) {
    // SAFETY: by the caller's promise.
    unsafe { print(Some(error), format, arguments) };
}

unsafe extern "C" fn vwarn(format: *const c_char, arguments: Arguments) {
    // SAFETY: the location is this thread's own, and the rest is by the caller's promise.
    unsafe { vwarnc(*location(), format, arguments) };
}

unsafe extern "C" fn verrx(status: c_int, format: *const c_char, arguments: Arguments) -> ! {
    // SAFETY: by the caller's promise.
    unsafe {
        print(None, format, arguments);
        libc::exit(status)
    }
}

unsafe extern "C" fn verrc(status: c_int, error: c_int, format: *const c_char, arguments: Arguments) -> ! {
    // SAFETY: by the caller's promise.
    unsafe {
        print(Some(error), format, arguments);
        libc::exit(status)
    }
}

unsafe extern "C" fn verr(status: c_int, format: *const c_char, arguments: Arguments) -> ! {
    // SAFETY: the location is this thread's own, and the rest is by the caller's promise.
    unsafe { verrc(status, *location(), format, arguments) }
}

variadic!(warn, 1 named, vwarn, "lea rsi, [rsp + 176]");
variadic!(warnx, 1 named, vwarnx, "lea rsi, [rsp + 176]");
variadic!(warnc, 2 named, vwarnc, "lea rdx, [rsp + 176]");
variadic!(err, 2 named, verr, "lea rdx, [rsp + 176]");
variadic!(errx, 2 named, verrx, "lea rdx, [rsp + 176]");
variadic!(errc, 3 named, verrc, "lea rcx, [rsp + 176]");
