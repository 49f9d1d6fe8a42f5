//! Other programs: `spawn.h`, `exec*` and `wait*`. Those for macOS run in a `darwin-host` of their own.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_short};
use std::fs::File;
use std::io::Read;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

use darwin_loader::{Export, exports};

use crate::{errno, signal};

pub(crate) fn exports() -> Vec<Export> {
    exports![
        actions_add_chdir as "posix_spawn_file_actions_addchdir",
        actions_add_chdir as "posix_spawn_file_actions_addchdir_np",
        actions_add_close as "posix_spawn_file_actions_addclose",
        actions_add_dup2 as "posix_spawn_file_actions_adddup2",
        actions_destroy as "posix_spawn_file_actions_destroy",
        actions_init as "posix_spawn_file_actions_init",
        attributes_destroy as "posix_spawnattr_destroy",
        attributes_init as "posix_spawnattr_init",
        attributes_set_default as "posix_spawnattr_setsigdefault",
        attributes_set_flags as "posix_spawnattr_setflags",
        attributes_set_group as "posix_spawnattr_setpgroup",
        attributes_set_mask as "posix_spawnattr_setsigmask",
        execv,
        execve,
        execvp,
        posix_spawn,
        posix_spawnp,
        wait,
        waitpid,
    ]
}

/// Whether the file is an executable for macOS, by its first bytes.
fn is_for_macos(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && u32::from_le_bytes(magic) == 0xfeed_facf
}

/// What to execute in place of a program: a path, and pointers to arguments with a null at their end.
struct Program {
    path: CString,
    arguments: Vec<*mut c_char>,
    /// What some of the pointers point to.
    _host_arguments: [CString; 2],
}

impl Program {
    /// # Safety
    /// `path` must be a C string, and `arguments` be null or pointers to C strings with a null at their end.
    unsafe fn new(path: *const c_char, arguments: *const *mut c_char, search: bool) -> Self {
        // SAFETY: by the caller's promise.
        let (path, arguments) = unsafe {
            let count = if arguments.is_null() {
                0
            } else {
                (0..).take_while(|i| !(*arguments.add(*i)).is_null()).count()
            };
            (CStr::from_ptr(path), (0..count).map(|index| *arguments.add(index)).collect::<Vec<_>>())
        };
        let name = OsStr::from_bytes(path.to_bytes());
        let found = if search { find(name) } else { Some(PathBuf::from(name)) };
        let found = found.filter(|found| is_for_macos(found));
        let c_string = |bytes: &[u8]| CString::new(bytes).unwrap_or_default();
        let host_arguments = [
            c"darwin-host".into(),
            c_string(found.as_deref().unwrap_or(Path::new("")).as_os_str().as_bytes()),
        ];
        let (path, first) = match found {
            Some(_) => (
                c"/proc/self/exe".into(),
                host_arguments.each_ref().map(|text| text.as_ptr().cast_mut()).into(),
            ),
            None => (path.into(), Vec::from_iter(arguments.first().copied())),
        };
        let rest = arguments.into_iter().skip(1);
        let arguments = first.into_iter().chain(rest).chain([ptr::null_mut()]).collect();
        Self { path, arguments, _host_arguments: host_arguments }
    }
}

/// Looks a program up in `PATH`, unless its name is a path.
fn find(name: &OsStr) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(name.into());
    }
    let directories = std::env::var_os("PATH")?;
    std::env::split_paths(&directories).map(|directory| directory.join(name)).find(|path| path.is_file())
}

unsafe extern "C" {
    static mut environ: *const *const c_char;
}

unsafe extern "C" fn execv(path: *const c_char, arguments: *const *mut c_char) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { execve(path, arguments, environ) }
}

unsafe extern "C" fn execve(
    path: *const c_char,
    arguments: *const *mut c_char,
    environment: *const *const c_char,
) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let program = Program::new(path, arguments, false);
        libc::execve(program.path.as_ptr(), program.arguments.as_ptr().cast(), environment)
    }
}

unsafe extern "C" fn execvp(name: *const c_char, arguments: *const *mut c_char) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let program = Program::new(name, arguments, true);
        libc::execvp(program.path.as_ptr(), program.arguments.as_ptr().cast())
    }
}

/// `posix_spawnattr_t` and `posix_spawn_file_actions_t` are pointers on macOS: to glibc's.
type Attributes = *mut libc::posix_spawnattr_t;
type Actions = *mut libc::posix_spawn_file_actions_t;

/// # Safety
/// `value` must be null, or point to null or what it was initialized with.
unsafe fn contents<T>(value: *const *mut T) -> *mut T {
    // SAFETY: by the caller's promise.
    unsafe { value.as_ref() }.copied().unwrap_or(ptr::null_mut())
}

unsafe extern "C" fn posix_spawn(
    process: *mut libc::pid_t,
    path: *const c_char,
    actions: *const Actions,
    attributes: *const Attributes,
    arguments: *const *mut c_char,
    environment: *const *mut c_char,
) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let Program { path, arguments, .. } = &Program::new(path, arguments, false);
        let (actions, attributes) = (contents(actions), contents(attributes));
        let arguments = arguments.as_ptr();
        errno::to_darwin(libc::posix_spawn(
            process,
            path.as_ptr(),
            actions,
            attributes,
            arguments,
            environment,
        ))
    }
}

unsafe extern "C" fn posix_spawnp(
    process: *mut libc::pid_t,
    name: *const c_char,
    actions: *const Actions,
    attributes: *const Attributes,
    arguments: *const *mut c_char,
    environment: *const *mut c_char,
) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let Program { path, arguments, .. } = &Program::new(name, arguments, true);
        let (actions, attributes) = (contents(actions), contents(attributes));
        let arguments = arguments.as_ptr();
        errno::to_darwin(libc::posix_spawnp(
            process,
            path.as_ptr(),
            actions,
            attributes,
            arguments,
            environment,
        ))
    }
}

/// Moves what `initialize` makes to the heap.
///
/// # Safety
/// `value` must be valid for writes, and `initialize` must initialize what it is given if it returns 0.
unsafe fn initialize<T>(value: *mut *mut T, initialize: unsafe extern "C" fn(*mut T) -> c_int) -> c_int {
    let mut linux = Box::new(MaybeUninit::<T>::uninit());
    // SAFETY: by the caller's promise.
    unsafe {
        let result = initialize(linux.as_mut_ptr());
        if result == 0 {
            value.write(Box::into_raw(linux).cast());
        }
        errno::to_darwin(result)
    }
}

/// # Safety
/// `value` must have been initialized, and `destroy` be able to destroy it.
unsafe fn destroy<T>(value: *mut *mut T, destroy: unsafe extern "C" fn(*mut T) -> c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        let linux = ptr::replace(value, ptr::null_mut());
        let result = destroy(linux);
        drop(Box::from_raw(linux.cast::<MaybeUninit<T>>()));
        errno::to_darwin(result)
    }
}

unsafe extern "C" fn attributes_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { initialize(attributes, libc::posix_spawnattr_init) }
}

unsafe extern "C" fn attributes_destroy(attributes: *mut Attributes) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { destroy(attributes, libc::posix_spawnattr_destroy) }
}

/// The flags that both systems have are the same.
unsafe extern "C" fn attributes_set_flags(attributes: *mut Attributes, flags: c_short) -> c_int {
    const SAME: c_int = libc::POSIX_SPAWN_RESETIDS
        | libc::POSIX_SPAWN_SETPGROUP
        | libc::POSIX_SPAWN_SETSIGDEF
        | libc::POSIX_SPAWN_SETSIGMASK;
    if c_int::from(flags) & !SAME != 0 {
        return libc::EINVAL;
    }
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawnattr_setflags(*attributes, flags) })
}

unsafe extern "C" fn attributes_set_group(attributes: *mut Attributes, group: libc::pid_t) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawnattr_setpgroup(*attributes, group) })
}

unsafe extern "C" fn attributes_set_default(attributes: *mut Attributes, set: *const u32) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawnattr_setsigdefault(*attributes, &signal::set_to_linux(*set)) })
}

unsafe extern "C" fn attributes_set_mask(attributes: *mut Attributes, set: *const u32) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawnattr_setsigmask(*attributes, &signal::set_to_linux(*set)) })
}

unsafe extern "C" fn actions_init(actions: *mut Actions) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { initialize(actions, libc::posix_spawn_file_actions_init) }
}

unsafe extern "C" fn actions_destroy(actions: *mut Actions) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { destroy(actions, libc::posix_spawn_file_actions_destroy) }
}

unsafe extern "C" fn actions_add_close(actions: *mut Actions, fd: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawn_file_actions_addclose(*actions, fd) })
}

unsafe extern "C" fn actions_add_dup2(actions: *mut Actions, from: c_int, to: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawn_file_actions_adddup2(*actions, from, to) })
}

unsafe extern "C" fn actions_add_chdir(actions: *mut Actions, path: *const c_char) -> c_int {
    // SAFETY: by the caller's promise.
    errno::to_darwin(unsafe { libc::posix_spawn_file_actions_addchdir_np(*actions, path) })
}

unsafe extern "C" fn wait(status: *mut c_int) -> libc::pid_t {
    // SAFETY: by the caller's promise.
    unsafe { waitpid(-1, status, 0) }
}

unsafe extern "C" fn waitpid(process: libc::pid_t, status: *mut c_int, options: c_int) -> libc::pid_t {
    let mut linux = 0;
    // SAFETY: by the caller's promise; `WNOHANG` and `WUNTRACED` are the same.
    unsafe {
        let process = libc::waitpid(process, &mut linux, options);
        if process > 0 && !status.is_null() {
            status.write(status_to_darwin(linux));
        }
        process
    }
}

/// A status has the same form on both systems, but holds the number of a signal if one has ended or stopped the
/// process.
fn status_to_darwin(linux: c_int) -> c_int {
    match linux & 0x7f {
        0 => linux,
        0x7f => linux & 0xff | signal::to_darwin(linux >> 8 & 0xff) << 8,
        number => linux & !0x7f | signal::to_darwin(number),
    }
}
