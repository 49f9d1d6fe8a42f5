//! `errno.h`: error numbers, which differ from 35 up.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int};

use darwin_loader::{Export, exports};

use crate::stdio::stderr;

pub(crate) fn exports() -> Vec<Export> {
    exports![location as "__error", perror, strerror, strerror_r]
}

/// The numbers up to here are the same on both systems, but for `EAGAIN` and `EDEADLK`.
const LAST_SAME: c_int = 34;

/// Pairs of a number on Linux and the number on macOS. The first of several is the one to translate to.
const DIFFERENT: [(c_int, c_int); 53] = [
    (libc::EAGAIN, 35),
    (libc::EDEADLK, 11),
    (libc::EINPROGRESS, 36),
    (libc::EALREADY, 37),
    (libc::ENOTSOCK, 38),
    (libc::EDESTADDRREQ, 39),
    (libc::EMSGSIZE, 40),
    (libc::EPROTOTYPE, 41),
    (libc::ENOPROTOOPT, 42),
    (libc::EPROTONOSUPPORT, 43),
    (libc::ESOCKTNOSUPPORT, 44),
    // Of files, rather than of sockets.
    (libc::ENOTSUP, 45),
    (libc::EOPNOTSUPP, 102),
    (libc::EPFNOSUPPORT, 46),
    (libc::EAFNOSUPPORT, 47),
    (libc::EADDRINUSE, 48),
    (libc::EADDRNOTAVAIL, 49),
    (libc::ENETDOWN, 50),
    (libc::ENETUNREACH, 51),
    (libc::ENETRESET, 52),
    (libc::ECONNABORTED, 53),
    (libc::ECONNRESET, 54),
    (libc::ENOBUFS, 55),
    (libc::EISCONN, 56),
    (libc::ENOTCONN, 57),
    (libc::ESHUTDOWN, 58),
    (libc::ETOOMANYREFS, 59),
    (libc::ETIMEDOUT, 60),
    (libc::ECONNREFUSED, 61),
    (libc::ELOOP, 62),
    (libc::ENAMETOOLONG, 63),
    (libc::EHOSTDOWN, 64),
    (libc::EHOSTUNREACH, 65),
    (libc::ENOTEMPTY, 66),
    (libc::EUSERS, 68),
    (libc::EDQUOT, 69),
    (libc::ESTALE, 70),
    (libc::EREMOTE, 71),
    (libc::ENOLCK, 77),
    (libc::ENOSYS, 78),
    (libc::EOVERFLOW, 84),
    (libc::ECANCELED, 89),
    (libc::EIDRM, 90),
    (libc::ENOMSG, 91),
    (libc::EILSEQ, 92),
    (libc::EBADMSG, 94),
    (libc::EMULTIHOP, 95),
    (libc::ENODATA, 96),
    (libc::ENOLINK, 97),
    (libc::EPROTO, 100),
    (libc::ETIME, 101),
    (libc::ENOTRECOVERABLE, 104),
    (libc::EOWNERDEAD, 105),
];

/// The macOS number of a Linux one: `EIO` for an error that macOS does not have.
pub fn to_darwin(linux: c_int) -> c_int {
    let different = DIFFERENT.iter().find(|(number, _)| *number == linux);
    match different {
        Some((_, darwin)) => *darwin,
        None if linux <= LAST_SAME => linux,
        None => libc::EIO,
    }
}

/// The Linux number of a macOS one, if Linux has the error.
fn to_linux(darwin: c_int) -> Option<c_int> {
    let different = DIFFERENT.iter().find(|(_, number)| *number == darwin);
    match different {
        Some((linux, _)) => Some(*linux),
        None => (0..=LAST_SAME).contains(&darwin).then_some(darwin),
    }
}

/// Sets the `errno` that the program sees next, to a Linux number.
pub(crate) fn set(linux: c_int) {
    // SAFETY: the location is this thread's own.
    unsafe { *libc::__errno_location() = linux }
}

/// Clears glibc's `errno`, and returns what it was.
pub(crate) fn take() -> c_int {
    // SAFETY: the location is this thread's own.
    unsafe { std::mem::take(&mut *libc::__errno_location()) }
}

/// The program's `errno`. Takes over what glibc has set since the last call, so that functions need not translate it
/// one by one.
pub(crate) extern "C" fn location() -> *mut c_int {
    thread_local!(static ERRNO: Cell<c_int> = const { Cell::new(0) });
    ERRNO.with(|errno| {
        match take() {
            0 => {}
            linux => errno.set(to_darwin(linux)),
        }
        errno.as_ptr()
    })
}

/// Texts that differ from glibc's for the same error.
const TEXTS: [(c_int, &str); 20] = [
    (6, "Device not configured"),
    (16, "Resource busy"),
    (18, "Cross-device link"),
    (19, "Operation not supported by device"),
    (23, "Too many open files in system"),
    (34, "Result too large"),
    (45, "Operation not supported"),
    (49, "Can't assign requested address"),
    (54, "Connection reset by peer"),
    (56, "Socket is already connected"),
    (57, "Socket is not connected"),
    (58, "Can't send after socket shutdown"),
    (60, "Operation timed out"),
    (69, "Disc quota exceeded"),
    (70, "Stale NFS file handle"),
    (77, "No locks available"),
    (84, "Value too large to be stored in data type"),
    (89, "Operation canceled"),
    (92, "Illegal byte sequence"),
    (102, "Operation not supported on socket"),
];

/// What an error is called, and whether it is known.
fn describe(darwin: c_int) -> (CString, bool) {
    let text = |text: &str| CString::new(text).expect("has no NUL");
    let different = TEXTS.iter().find(|(number, _)| *number == darwin);
    match (different, to_linux(darwin)) {
        (Some((_, different)), _) => (text(different), true),
        (None, Some(0)) => (text("Undefined error: 0"), true),
        // SAFETY: glibc returns a C string for every number.
        (None, Some(linux)) => (unsafe { CStr::from_ptr(libc::strerror(linux)) }.into(), true),
        (None, None) => (text(&format!("Unknown error: {darwin}")), false),
    }
}

/// What a macOS error is called.
pub fn error_text(darwin: c_int) -> String {
    describe(darwin).0.to_string_lossy().into_owned()
}

/// The text is valid until the thread's next call.
pub(crate) extern "C" fn strerror(darwin: c_int) -> *const c_char {
    thread_local!(static TEXT: RefCell<CString> = RefCell::default());
    TEXT.with_borrow_mut(|text| {
        *text = describe(darwin).0;
        text.as_ptr()
    })
}

unsafe extern "C" fn strerror_r(darwin: c_int, buffer: *mut c_char, size: usize) -> c_int {
    let (text, is_known) = describe(darwin);
    // SAFETY: by the caller's promise.
    let length = unsafe { crate::string::strlcpy(buffer, text.as_ptr(), size) };
    match is_known {
        false => libc::EINVAL,
        true if length >= size => libc::ERANGE,
        true => 0,
    }
}

unsafe extern "C" fn perror(what: *const c_char) {
    // SAFETY: the location is this thread's own, and the rest is by the caller's promise.
    unsafe {
        let text = describe(*location()).0;
        match what.is_null() || *what == 0 {
            true => libc::fprintf(stderr, c"%s\n".as_ptr(), text.as_ptr()),
            false => libc::fprintf(stderr, c"%s: %s\n".as_ptr(), what, text.as_ptr()),
        };
    }
}
