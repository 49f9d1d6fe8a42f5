//! `stdio.h`.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use darwin_loader::{Export, exports};

use crate::file;

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = [
        same! {
            __printf_chk, __snprintf_chk, __sprintf_chk, __vsnprintf_chk, __vsprintf_chk, asprintf, clearerr,
            dprintf, fclose, fdopen, feof, ferror, fflush, fgetc, fgets, fileno, flockfile, fmemopen, fprintf, fputc,
            fputs, fread, fscanf, fseek, fseeko, ftell, ftello, ftrylockfile, funlockfile, fwrite, getc,
            getc_unlocked, getchar, getchar_unlocked, getdelim, getline, open_memstream, pclose, popen, printf, putc,
            putc_unlocked, putchar, putchar_unlocked, puts, remove, rewind, scanf, setvbuf, snprintf, sprintf,
            sscanf, tmpfile, ungetc, vasprintf, vdprintf, vfprintf, vprintf, vscanf, vsnprintf, vsprintf,
            vsscanf,
        },
        exports![fgetpos, fopen, fsetpos, setbuf, setlinebuf],
    ]
    .concat();
    exports.extend([
        Export { name: "__stdinp", address: &raw const stdin as usize },
        Export { name: "__stdoutp", address: &raw const stdout as usize },
        Export { name: "__stderrp", address: &raw const stderr as usize },
    ]);
    exports
}

unsafe extern "C" {
    static mut stdin: *mut libc::FILE;
    static mut stdout: *mut libc::FILE;
    pub(crate) static mut stderr: *mut libc::FILE;
}

unsafe extern "C" fn fopen(path: *const c_char, mode: *const c_char) -> *mut libc::FILE {
    // SAFETY: by the caller's promise.
    unsafe {
        let Some(descriptor) = file::descriptor(CStr::from_ptr(path)) else {
            return libc::fopen(path, mode);
        };
        let copy = libc::dup(descriptor);
        let stream = libc::fdopen(copy, mode);
        if stream.is_null() && copy >= 0 {
            libc::close(copy);
        }
        stream
    }
}

/// A buffer has the size that `BUFSIZ` has on macOS, less than glibc would write to.
unsafe extern "C" fn setbuf(stream: *mut libc::FILE, buffer: *mut c_char) {
    const DARWIN_BUFSIZ: usize = 1024;
    let mode = if buffer.is_null() { libc::_IONBF } else { libc::_IOFBF };
    // SAFETY: by the caller's promise.
    unsafe { libc::setvbuf(stream, buffer, mode, DARWIN_BUFSIZ) };
}

unsafe extern "C" fn setlinebuf(stream: *mut libc::FILE) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::setvbuf(stream, ptr::null_mut(), libc::_IOLBF, 0) }
}

/// A position is a number of 64 bits, and less than glibc's.
unsafe extern "C" fn fgetpos(stream: *mut libc::FILE, position: *mut i64) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        match libc::ftello(stream) {
            -1 => -1,
            offset => {
                position.write(offset);
                0
            }
        }
    }
}

unsafe extern "C" fn fsetpos(stream: *mut libc::FILE, position: *const i64) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::fseeko(stream, *position, libc::SEEK_SET) }
}
