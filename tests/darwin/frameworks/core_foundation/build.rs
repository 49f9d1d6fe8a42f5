//! Generates the functions that programs call from the headers.

use std::process::ExitCode;

fn main() -> ExitCode {
    darwin_signatures::exports(&["../../include/CoreFoundation"])
}
