//! Text that C writes into buffers of a fixed size: names and paths.

use crate::error::IoReturn;
use std::ffi::{CStr, CString, c_char};

/// The size of `io_name_t` in bytes (CN-1).
pub(super) const NAME: usize = 128;
/// The size of `io_string_t` in bytes (CN-1).
pub(super) const STRING: usize = 512;

/// Has `call` write a name, up to [`NAME`] bytes. `name` is left alone if it fails.
pub(super) fn read(name: &mut CString, call: impl FnOnce(*mut c_char) -> IoReturn) -> IoReturn {
    read_up_to::<NAME>(name, call)
}

/// The same for up to [`STRING`] bytes: a path.
pub(super) fn read_string(text: &mut CString, call: impl FnOnce(*mut c_char) -> IoReturn) -> IoReturn {
    read_up_to::<STRING>(text, call)
}

fn read_up_to<const SIZE: usize>(text: &mut CString, call: impl FnOnce(*mut c_char) -> IoReturn) -> IoReturn {
    let mut buffer = [0u8; SIZE];
    let code = call(buffer.as_mut_ptr().cast());
    if code.is_success() {
        // Nothing says that C terminates a text that fills the buffer.
        buffer[SIZE - 1] = 0;
        *text = CStr::from_bytes_until_nul(&buffer).unwrap_or_default().into();
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is made of `bytes` that a call wrote before it returned `code`.
    fn written<const SIZE: usize>(bytes: &[u8], code: IoReturn) -> CString {
        assert!(bytes.len() <= SIZE);
        let mut name = CString::from(c"before");
        let returned = read_up_to::<SIZE>(&mut name, |buffer| {
            // SAFETY: there is room for `SIZE` bytes, and there are no more.
            unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            code
        });
        assert_eq!(returned, code);
        name
    }

    #[test]
    fn a_name_ends_at_its_first_nul() {
        assert_eq!(&*written::<NAME>(b"IOService\0rest", IoReturn::SUCCESS), c"IOService");
        assert_eq!(&*written::<NAME>(b"", IoReturn::SUCCESS), c"");
    }

    #[test]
    fn what_fills_its_buffer_ends_one_byte_earlier() {
        assert_eq!(written::<NAME>(&[b'x'; 128], IoReturn::SUCCESS).as_bytes(), [b'x'; 127]);
        assert_eq!(written::<STRING>(&[b'x'; 512], IoReturn::SUCCESS).as_bytes(), [b'x'; 511]);
    }

    #[test]
    fn a_failed_call_leaves_the_name_alone() {
        assert_eq!(&*written::<NAME>(b"after\0", IoReturn::BAD_ARGUMENT), c"before");
    }
}
