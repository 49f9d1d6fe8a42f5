//! Memory: `malloc`, and `sys/mman.h`.

use std::ffi::{c_char, c_int, c_void};

use darwin_loader::{Export, exports};

use crate::errno;
use crate::file::open_flags_to_linux;

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            aligned_alloc, calloc, free, getpagesize, malloc, malloc_usable_size as "malloc_size", mlock,
            mprotect, munlock, munmap, posix_memalign, realloc, shm_unlink, valloc,
        },
        exports![madvise, mmap, msync, reallocf, shm_open],
    ]
    .concat()
}

unsafe extern "C" fn reallocf(memory: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by the caller's promise.
    unsafe {
        let grown = libc::realloc(memory, size);
        if grown.is_null() && size != 0 {
            libc::free(memory);
        }
        grown
    }
}

unsafe extern "C" fn mmap(
    address: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    offset: i64,
) -> *mut c_void {
    const SAME: c_int = libc::MAP_SHARED | libc::MAP_PRIVATE | libc::MAP_FIXED;
    const DARWIN_MAP_NORESERVE: c_int = 0x40;
    const DARWIN_MAP_ANON: c_int = 0x1000;
    let known = SAME | DARWIN_MAP_NORESERVE | DARWIN_MAP_ANON;
    if flags & !known != 0 {
        errno::set(libc::EINVAL);
        return libc::MAP_FAILED;
    }
    let mut linux = flags & SAME;
    if flags & DARWIN_MAP_NORESERVE != 0 {
        linux |= libc::MAP_NORESERVE;
    }
    // With anonymous memory, the descriptor is a tag there.
    let (linux, fd) = match flags & DARWIN_MAP_ANON {
        0 => (linux, fd),
        _ => (linux | libc::MAP_ANONYMOUS, -1),
    };
    // SAFETY: by the caller's promise.
    unsafe { libc::mmap(address, length, protection, linux, fd, offset) }
}

/// Variable arguments are passed in the same registers as named ones.
unsafe extern "C" fn shm_open(name: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::shm_open(name, open_flags_to_linux(flags), mode) }
}

unsafe extern "C" fn msync(address: *mut c_void, length: usize, flags: c_int) -> c_int {
    const SAME: c_int = libc::MS_ASYNC | libc::MS_INVALIDATE;
    const DARWIN_MS_SYNC: c_int = 0x10;
    let synchronous = if flags & DARWIN_MS_SYNC != 0 { libc::MS_SYNC } else { 0 };
    // SAFETY: by the caller's promise.
    unsafe { libc::msync(address, length, flags & SAME | synchronous) }
}

unsafe extern "C" fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int {
    match advice {
        // SAFETY: by the caller's promise.
        libc::MADV_NORMAL..=libc::MADV_DONTNEED => unsafe { libc::madvise(address, length, advice) },
        // What else macOS can be advised of may be ignored.
        _ => 0,
    }
}
