//! `copyfile.h` and `sys/clonefile.h`, as far as copies of a file's data and permissions need them.

use std::ffi::{c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    exports![
        clone as "fclonefileat",
        copy as "fcopyfile",
        state_alloc as "copyfile_state_alloc",
        state_free as "copyfile_state_free",
        state_get as "copyfile_state_get",
    ]
}

/// `copyfile_state_t`.
#[derive(Default)]
struct State {
    copied: i64,
}

const COPYFILE_STATE_COPIED: u32 = 8;

/// What to copy: the permissions, and the data.
const COPYFILE_STAT: u32 = 1 << 1;
const COPYFILE_DATA: u32 = 1 << 3;

/// Files cannot be cloned, which programs must expect of file systems.
extern "C" fn clone(_from: c_int, _directory: c_int, _to: *const c_char, _flags: c_int) -> c_int {
    errno::set(libc::ENOTSUP);
    -1
}

extern "C" fn state_alloc() -> *mut State {
    Box::into_raw(Box::default())
}

unsafe extern "C" fn state_free(state: *mut State) -> c_int {
    if !state.is_null() {
        // SAFETY: by the caller's promise, it comes from `state_alloc`.
        drop(unsafe { Box::from_raw(state) });
    }
    0
}

unsafe extern "C" fn state_get(state: *const State, what: u32, value: *mut c_void) -> c_int {
    if what != COPYFILE_STATE_COPIED {
        errno::set(libc::EINVAL);
        return -1;
    }
    // SAFETY: by the caller's promise, `value` has room for the number.
    unsafe { value.cast::<i64>().write((*state).copied) };
    0
}

unsafe extern "C" fn copy(from: c_int, to: c_int, state: *mut State, flags: u32) -> c_int {
    // SAFETY: by the caller's promise, both are open; they stay so.
    let [mut from, mut to] =
        [from, to].map(|fd| ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(fd) }));
    let result = (|| {
        if flags & COPYFILE_STAT != 0 {
            to.set_permissions(from.metadata()?.permissions())?;
        }
        if flags & COPYFILE_DATA != 0 { std::io::copy(&mut *from, &mut *to) } else { Ok(0) }
    })();
    match result {
        Ok(copied) => {
            // SAFETY: by the caller's promise, it is null or comes from `state_alloc`.
            if let Some(state) = unsafe { state.as_mut() } {
                state.copied = copied as i64;
            }
            0
        }
        Err(error) => {
            errno::set(error.raw_os_error().unwrap_or(libc::EIO));
            -1
        }
    }
}
