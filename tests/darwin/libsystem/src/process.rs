//! The process and its machine: `unistd.h`, `sys/utsname.h`.

use std::ffi::{CStr, c_char, c_int, c_long};
use std::mem::MaybeUninit;

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            _Exit, _exit, alarm, atexit, fork, getegid, geteuid, getgid, gethostname, getpgid, getpgrp, getpid,
            getppid, getsid, getuid, pause, setegid, seteuid, setgid, setpgid, setsid, setuid,
        },
        exports![getprogname, setprogname, sysconf, uname],
    ]
    .concat()
}

unsafe extern "C" {
    static mut program_invocation_short_name: *const c_char;
}

pub(crate) extern "C" fn getprogname() -> *const c_char {
    // SAFETY: glibc's variable is a C string, which the loader has set to the program's name.
    unsafe { program_invocation_short_name }
}

unsafe extern "C" fn setprogname(name: *const c_char) {
    // SAFETY: by the caller's promise, the name is a C string that stays.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes();
        let directories = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        program_invocation_short_name = name.add(directories);
    }
}

extern "C" fn sysconf(name: c_int) -> c_long {
    let linux = match name {
        1 => libc::_SC_ARG_MAX,
        2 => libc::_SC_CHILD_MAX,
        3 => libc::_SC_CLK_TCK,
        4 => libc::_SC_NGROUPS_MAX,
        5 => libc::_SC_OPEN_MAX,
        29 => libc::_SC_PAGESIZE,
        56 => libc::_SC_IOV_MAX,
        57 => libc::_SC_NPROCESSORS_CONF,
        58 => libc::_SC_NPROCESSORS_ONLN,
        70 => libc::_SC_GETGR_R_SIZE_MAX,
        71 => libc::_SC_GETPW_R_SIZE_MAX,
        72 => libc::_SC_HOST_NAME_MAX,
        200 => libc::_SC_PHYS_PAGES,
        _ => {
            errno::set(libc::EINVAL);
            return -1;
        }
    };
    // SAFETY: has no preconditions.
    unsafe { libc::sysconf(linux) }
}

const NAME_LENGTH: usize = 256;

/// `struct utsname`: of a Mac, but for the name of the machine in its network.
#[repr(C)]
struct Names {
    system: [u8; NAME_LENGTH],
    node: [u8; NAME_LENGTH],
    release: [u8; NAME_LENGTH],
    version: [u8; NAME_LENGTH],
    machine: [u8; NAME_LENGTH],
}

unsafe extern "C" fn uname(names: *mut Names) -> c_int {
    let name = |name: &[u8]| {
        let mut array = [0; NAME_LENGTH];
        array[..name.len()].copy_from_slice(name);
        array
    };
    let mut linux = MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: by the caller's promise; glibc's names are C strings, zeroed ones too, and shorter.
    unsafe {
        libc::uname(linux.as_mut_ptr());
        let node = CStr::from_ptr((&raw const (*linux.as_ptr()).nodename).cast());
        names.write(Names {
            system: name(b"Darwin"),
            node: name(node.to_bytes()),
            release: name(b"16.0.0"),
            version: name(b"Darwin Kernel Version 16.0.0 (darwin-host)"),
            machine: name(b"x86_64"),
        });
    }
    0
}
