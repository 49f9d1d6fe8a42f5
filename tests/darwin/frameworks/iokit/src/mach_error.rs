//! `<mach/mach_error.h>`: codes in words.

use crate::abi::*;
use crate::pointers;
use iokit_uc::IoReturn;
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Mutex, PoisonError};

/// Where a code comes from, as `mach_error_string` puts it.
fn system(code: IoReturn) -> Option<&'static str> {
    const IPC_RECEIVE: u32 = 1;
    // MIG's codes are negative numbers.
    if (-309..=-300).contains(&code.raw()) {
        return Some("(ipc/mig)");
    }
    match (code.system(), code.subsystem()) {
        (IoReturn::SYSTEM_KERNEL, 0) => Some("(os/kern)"),
        (IoReturn::SYSTEM_KERNEL, 3) => Some("(os/unix)"),
        (IoReturn::SYSTEM_MACH_IPC, 0) => Some("(ipc/send)"),
        (IoReturn::SYSTEM_MACH_IPC, IPC_RECEIVE) => Some("(ipc/rcv)"),
        (IoReturn::SYSTEM_IOKIT, 0) => Some("(iokit/common)"),
        (IoReturn::SYSTEM_IOKIT, _) => code.family().map(|_| "(iokit/family)"),
        _ => None,
    }
}

/// What a code says; none if it has no name.
fn meaning(code: IoReturn) -> Option<String> {
    Some(format!("{} {}", system(code)?, code.meaning()?))
}

/// The text of a code under `key`, made once and never freed.
fn kept(code: IoReturn, text: impl FnOnce() -> String, which: usize) -> *mut c_char {
    static TEXTS: Mutex<Option<HashMap<(usize, i32), CString>>> = Mutex::new(None);
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let texts = texts.get_or_insert_default();
    let text = texts.entry((which, code.raw())).or_insert_with(|| CString::new(text()).unwrap_or_default());
    text.as_ptr().cast_mut()
}

pub(crate) fn mach_error_string(code: mach_error_t) -> *mut c_char {
    let code = IoReturn::from_raw(code);
    kept(code, || meaning(code).unwrap_or_else(|| "unknown error code".into()), 0)
}

pub(crate) fn mach_error_type(code: mach_error_t) -> *mut c_char {
    let code = IoReturn::from_raw(code);
    kept(code, || system(code).unwrap_or("(?/?)").into(), 1)
}

/// # Safety
///
/// `text` must be a C string.
pub(crate) unsafe fn mach_error(text: *const c_char, code: mach_error_t) {
    // SAFETY: by the caller's promise.
    let text = unsafe { pointers::text(text, "str") }.to_string_lossy();
    let code = IoReturn::from_raw(code);
    match meaning(code) {
        Some(meaning) => darwin_loader::say(format_args!("{text} {meaning}")),
        None => darwin_loader::say(format_args!(
            "{text} {} unknown error code ({:x})",
            system(code).unwrap_or("(?/?)"),
            code.code()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn string(code: u32) -> &'static str {
        // SAFETY: the texts are C strings that are never freed.
        unsafe { CStr::from_ptr(mach_error_string(code.cast_signed())) }.to_str().unwrap()
    }

    #[test]
    fn a_code_says_its_system_and_its_meaning() {
        assert_eq!(string(0), "(os/kern) success");
        assert_eq!(string(5), "(os/kern) unspecified failure");
        assert_eq!(string(0x1000_0003), "(ipc/send) the port is dead, or the task has no such port");
        assert_eq!(string(0x1000_4003), "(ipc/rcv) receiving timed out");
        assert_eq!(string(-307i32 as u32), "(ipc/mig) array larger than the message allows");
        assert_eq!(string(0xe000_02cd), "(iokit/common) device not open");
    }

    #[test]
    fn a_code_without_a_name_is_unknown() {
        for code in [0xe000_4051, 0xe3ff_8007, 0x3000, 0xf000_0000] {
            assert_eq!(string(code), "unknown error code");
        }
    }

    #[test]
    fn the_text_of_a_code_stays_where_it_is() {
        assert_eq!(mach_error_string(5), mach_error_string(5));
        assert_ne!(mach_error_string(5), mach_error_type(5));
    }
}
