//! What the program prints, and what the host says.

use std::fmt::Display;
use std::io::{self, Write};

unsafe extern "C" {
    /// The C library's.
    static stdout: *mut libc::FILE;
}

/// Writes what the program has printed so far, so that what the host says comes after it, and nothing is lost if the
/// process ends at once. The other streams stay as they are: a thread that waits for input would have this one wait, too.
pub fn flush_output() {
    // SAFETY: a stream of the C library's, from before any code of this process ran; a program may have set it to another.
    unsafe { libc::fflush(stdout) };
}

/// Prints a line to stderr. Unlike `eprintln`, does not panic: nobody is left to tell if stderr is gone, and there may be
/// frames of the program to unwind.
pub fn say(what: impl Display) {
    let _ = writeln!(io::stderr(), "{what}");
}
