//! As little as a program can be: its status is the number of its arguments.
#![no_main]

use std::ffi::{c_char, c_int};

/// The program.
#[unsafe(no_mangle)]
pub extern "C" fn main(argc: c_int, _argv: *const *const c_char) -> c_int {
    argc
}
