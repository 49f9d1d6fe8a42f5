//! Random numbers.

use std::ffi::{c_int, c_void};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    [
        same![rand, random, srand, srandom],
        exports![
            arc4random,
            arc4random_buf,
            arc4random_uniform,
            generate_bytes as "CCRandomGenerateBytes",
            getentropy,
        ],
    ]
    .concat()
}

/// What `getentropy` gives at once.
const LARGEST_REQUEST: usize = 256;

unsafe extern "C" fn getentropy(buffer: *mut c_void, size: usize) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::getentropy(buffer, size) }
}

unsafe extern "C" fn generate_bytes(buffer: *mut c_void, size: usize) -> c_int {
    for filled in (0..size).step_by(LARGEST_REQUEST) {
        let part = (size - filled).min(LARGEST_REQUEST);
        // SAFETY: by the caller's promise.
        if unsafe { libc::getentropy(buffer.byte_add(filled), part) } != 0 {
            return -1;
        }
    }
    0
}

unsafe extern "C" fn arc4random_buf(buffer: *mut c_void, size: usize) {
    // SAFETY: by the caller's promise.
    let result = unsafe { generate_bytes(buffer, size) };
    assert_eq!(result, 0, "the system has no random numbers");
}

extern "C" fn arc4random() -> u32 {
    let mut number = 0_u32;
    // SAFETY: the buffer is the number.
    unsafe { arc4random_buf((&raw mut number).cast(), size_of::<u32>()) };
    number
}

/// A number below `bound`, all of them as likely: what remains of the numbers after the last multiple of `bound` is
/// not used.
extern "C" fn arc4random_uniform(bound: u32) -> u32 {
    if bound < 2 {
        return 0;
    }
    let used = u32::MAX - u32::MAX % bound;
    loop {
        let number = arc4random();
        if number < used {
            return number % bound;
        }
    }
}
