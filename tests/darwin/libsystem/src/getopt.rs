//! `getopt`, BSD's.

use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::atomic::{AtomicI32, Ordering};

use darwin_loader::{Export, exports};

use crate::process;

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = exports![getopt, getopt_long];
    exports.extend([
        Export { name: "optarg", address: &raw const optarg as usize },
        Export { name: "opterr", address: &raw const opterr as usize },
        Export { name: "optind", address: &raw const optind as usize },
        Export { name: "optopt", address: &raw const optopt as usize },
        Export::variable("optreset", &RESET),
    ]);
    exports
}

unsafe extern "C" {
    static mut optarg: *const c_char;
    static mut opterr: c_int;
    static mut optind: c_int;
    static mut optopt: c_int;
}

/// A program sets it to begin with other arguments; glibc begins when `optind` is 0.
static RESET: AtomicI32 = AtomicI32::new(0);

fn reset_if_asked() {
    if RESET.swap(0, Ordering::Relaxed) != 0 {
        // SAFETY: a program that uses `getopt` does so on one thread at a time, as its man page asks.
        unsafe { optind = 0 }
    }
}

/// Stops at the first argument that is not an option, as glibc's does for `+`, and has messages of its own.
unsafe extern "C" fn getopt(count: c_int, arguments: *const *mut c_char, options: *const c_char) -> c_int {
    reset_if_asked();
    // SAFETY: by the caller's promise.
    unsafe {
        let options = CStr::from_ptr(options).to_bytes();
        let linux = CString::new([b"+", options].concat()).expect("a C string has no NUL inside");
        let prints = (&raw mut opterr).replace(0);
        let option = libc::getopt(count, arguments, linux.as_ptr());
        opterr = prints;
        if option == c_int::from(b'?') && prints != 0 && !options.starts_with(b":") {
            complain(options, optopt as u8);
        }
        option
    }
}

fn complain(options: &[u8], option: u8) {
    let takes_argument = options.windows(2).any(|pair| pair == [option, b':']);
    let problem = if takes_argument { "option requires an argument" } else { "illegal option" };
    // SAFETY: the program's name is a C string.
    let program = unsafe { CStr::from_ptr(process::getprogname()) }.to_string_lossy();
    darwin_loader::say(format_args!("{program}: {problem} -- {}", char::from(option)));
}

/// Differs from glibc's by `optreset` alone: both permute the arguments.
unsafe extern "C" fn getopt_long(
    count: c_int,
    arguments: *const *mut c_char,
    options: *const c_char,
    long_options: *const libc::option,
    index: *mut c_int,
) -> c_int {
    reset_if_asked();
    // SAFETY: by the caller's promise; `struct option` is the same.
    unsafe { libc::getopt_long(count, arguments, options, long_options, index) }
}
