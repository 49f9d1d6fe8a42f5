//! `assert.h`.

use std::ffi::{CStr, c_char, c_int};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    exports![assertion_failed as "__assert_rtn"]
}

/// # Safety
/// All but `function` must be C strings; that one may also be null, or -1 if the compiler does not know it.
unsafe extern "C" fn assertion_failed(
    function: *const c_char,
    file: *const c_char,
    line: c_int,
    condition: *const c_char,
) -> ! {
    // SAFETY: by the caller's promise.
    let text = |text: *const c_char| unsafe { CStr::from_ptr(text) }.to_string_lossy();
    let function = match function.addr() {
        0 | usize::MAX => String::new(),
        _ => format!("function {}, ", text(function)),
    };
    darwin_loader::flush_output();
    darwin_loader::say(format_args!(
        "Assertion failed: ({}), {function}file {}, line {line}.",
        text(condition),
        text(file)
    ));
    std::process::abort()
}
