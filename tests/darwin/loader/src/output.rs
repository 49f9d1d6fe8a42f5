//! What the program prints, and the host after it.

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
