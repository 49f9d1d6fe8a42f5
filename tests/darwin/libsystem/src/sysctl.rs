//! `sysctlbyname`: what programs ask about the machine.

use std::ffi::{CStr, c_char, c_int, c_void};

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    exports![sysctlbyname]
}

/// The value of a name, as bytes: an integer, or a C string.
fn value(name: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: has no preconditions.
    let configured = |name| unsafe { libc::sysconf(name) };
    let processors = |name| Some(i32::try_from(configured(name)).ok()?.to_ne_bytes().to_vec());
    let text = |text: &CStr| Some(text.to_bytes_with_nul().to_vec());
    match name {
        b"hw.activecpu" | b"hw.logicalcpu" => processors(libc::_SC_NPROCESSORS_ONLN),
        b"hw.logicalcpu_max" | b"hw.ncpu" => processors(libc::_SC_NPROCESSORS_CONF),
        b"hw.pagesize" => Some(configured(libc::_SC_PAGESIZE).to_ne_bytes().to_vec()),
        b"hw.memsize" => {
            let pages = configured(libc::_SC_PHYS_PAGES);
            Some((pages * configured(libc::_SC_PAGESIZE)).to_ne_bytes().to_vec())
        }
        b"hw.machine" => text(c"x86_64"),
        b"kern.osrelease" => text(c"16.0.0"),
        b"kern.ostype" => text(c"Darwin"),
        _ => None,
    }
}

unsafe extern "C" fn sysctlbyname(
    name: *const c_char,
    old: *mut c_void,
    old_size: *mut usize,
    new: *const c_void,
    _new_size: usize,
) -> c_int {
    let fail = |error| {
        errno::set(error);
        -1
    };
    if !new.is_null() {
        return fail(libc::EPERM);
    }
    // SAFETY: by the caller's promise; what is copied fits.
    unsafe {
        let Some(value) = value(CStr::from_ptr(name).to_bytes()) else { return fail(libc::ENOENT) };
        if old_size.is_null() {
            return 0;
        }
        let room = if old.is_null() { value.len() } else { *old_size };
        let copied = value.len().min(room);
        if !old.is_null() {
            old.cast::<u8>().copy_from_nonoverlapping(value.as_ptr(), copied);
        }
        *old_size = copied;
        if copied < value.len() { fail(libc::ENOMEM) } else { 0 }
    }
}
