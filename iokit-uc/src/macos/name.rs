//! Names, which C writes into buffers of a fixed size.

use crate::error::IoReturn;
use std::ffi::{CStr, CString, c_char};

/// The size of `io_name_t` in bytes (CN-1).
pub(super) const SIZE: usize = 128;

/// Has `call` write a name, up to [`SIZE`] bytes. `name` is left alone if it fails.
pub(super) fn read(name: &mut CString, call: impl FnOnce(*mut c_char) -> IoReturn) -> IoReturn {
    let mut buffer = [0u8; SIZE];
    let code = call(buffer.as_mut_ptr().cast());
    if code.is_success() {
        // Nothing says that C terminates a name that fills the buffer.
        buffer[SIZE - 1] = 0;
        *name = CStr::from_bytes_until_nul(&buffer).unwrap_or_default().into();
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read` makes of `bytes` that a call wrote before it returned `code`.
    fn read_bytes(bytes: &[u8], code: IoReturn) -> CString {
        assert!(bytes.len() <= SIZE);
        let mut name = CString::from(c"before");
        let returned = read(&mut name, |buffer| {
            // SAFETY: `read` promises `SIZE` bytes, and there are no more.
            unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            code
        });
        assert_eq!(returned, code);
        name
    }

    #[test]
    fn a_name_ends_at_its_first_nul() {
        assert_eq!(&*read_bytes(b"IOService\0rest", IoReturn::SUCCESS), c"IOService");
        assert_eq!(&*read_bytes(b"", IoReturn::SUCCESS), c"");
    }

    #[test]
    fn a_name_without_nul_ends_at_127_bytes() {
        assert_eq!(read_bytes(&[b'x'; SIZE], IoReturn::SUCCESS).as_bytes(), [b'x'; SIZE - 1]);
    }

    #[test]
    fn a_failed_call_leaves_the_name_alone() {
        assert_eq!(&*read_bytes(b"after\0", IoReturn::BAD_ARGUMENT), c"before");
    }
}
