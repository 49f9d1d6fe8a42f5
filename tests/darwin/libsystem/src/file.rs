//! Files: `fcntl.h`, `unistd.h`, `sys/stat.h`, `sys/ioctl.h`.

use std::ffi::{CStr, c_char, c_int, c_long, c_ulong, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            access, chdir, chmod, close, dup, dup2, fchdir, fchmod, flock, fsync, ftruncate, getcwd, isatty,
            link, lseek, mkdir, mkdtemp, mkstemp, pipe, pread, pwrite, read, readlink, readv, realpath,
            rename, rmdir, symlink, truncate, umask, unlink, write, writev,
        },
        exports![confstr, fcntl, fstat, fstatat, ioctl, linkat, lstat, open, openat, stat, unlinkat],
    ]
    .concat()
}

/// `O_*` flags: macOS's, then Linux's.
const OPEN_FLAGS: [(c_int, c_int); 11] = [
    (0x0000_0004, libc::O_NONBLOCK),
    (0x0000_0008, libc::O_APPEND),
    (0x0000_0080, libc::O_SYNC),
    (0x0000_0100, libc::O_NOFOLLOW),
    (0x0000_0200, libc::O_CREAT),
    (0x0000_0400, libc::O_TRUNC),
    (0x0000_0800, libc::O_EXCL),
    (0x0002_0000, libc::O_NOCTTY),
    (0x0010_0000, libc::O_DIRECTORY),
    (0x0040_0000, libc::O_DSYNC),
    (0x0100_0000, libc::O_CLOEXEC),
];

pub(crate) fn open_flags_to_linux(darwin: c_int) -> c_int {
    let set = OPEN_FLAGS.iter().filter(|(flag, _)| darwin & flag != 0);
    set.fold(darwin & libc::O_ACCMODE, |flags, (_, linux)| flags | linux)
}

fn open_flags_to_darwin(linux: c_int) -> c_int {
    let set = OPEN_FLAGS.iter().filter(|(_, flag)| linux & flag == *flag);
    set.fold(linux & libc::O_ACCMODE, |flags, (darwin, _)| flags | darwin)
}

/// The descriptor that a path such as `/dev/stdout` stands for. macOS duplicates it; Linux would open the file behind
/// it once more, and truncate what has been written to it.
pub fn descriptor(path: &CStr) -> Option<c_int> {
    match path.to_str().ok()?.strip_prefix("/dev/")? {
        "stdin" => Some(libc::STDIN_FILENO),
        "stdout" => Some(libc::STDOUT_FILENO),
        "stderr" => Some(libc::STDERR_FILENO),
        other => other.strip_prefix("fd/")?.parse().ok(),
    }
}

/// Variable arguments are passed in the same registers as named ones.
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        match descriptor(CStr::from_ptr(path)) {
            Some(descriptor) => libc::dup(descriptor),
            None => libc::open(path, open_flags_to_linux(flags), mode),
        }
    }
}

const DARWIN_AT_FDCWD: c_int = -2;

/// The directory that paths are relative to.
fn base(darwin: c_int) -> c_int {
    if darwin == DARWIN_AT_FDCWD { libc::AT_FDCWD } else { darwin }
}

unsafe extern "C" fn openat(directory: c_int, path: *const c_char, flags: c_int, mode: c_int) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::openat(base(directory), path, open_flags_to_linux(flags), mode) }
}

unsafe extern "C" fn linkat(
    from_directory: c_int,
    from: *const c_char,
    to_directory: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    const DARWIN_AT_SYMLINK_FOLLOW: c_int = 0x40;
    let flags = if flags & DARWIN_AT_SYMLINK_FOLLOW != 0 { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: by the caller's promise.
    unsafe { libc::linkat(base(from_directory), from, base(to_directory), to, flags) }
}

unsafe extern "C" fn unlinkat(directory: c_int, path: *const c_char, flags: c_int) -> c_int {
    const DARWIN_AT_REMOVEDIR: c_int = 0x80;
    let flags = if flags & DARWIN_AT_REMOVEDIR != 0 { libc::AT_REMOVEDIR } else { 0 };
    // SAFETY: by the caller's promise.
    unsafe { libc::unlinkat(base(directory), path, flags) }
}

unsafe extern "C" fn fcntl(fd: c_int, command: c_int, argument: c_long) -> c_int {
    const DARWIN_F_NOCACHE: c_int = 48;
    const DARWIN_F_GETPATH: c_int = 50;
    const DARWIN_F_FULLFSYNC: c_int = 51;
    const DARWIN_F_DUPFD_CLOEXEC: c_int = 67;
    // SAFETY: the one command that takes a pointer takes it by the caller's promise.
    unsafe {
        match command {
            libc::F_DUPFD | libc::F_GETFD | libc::F_SETFD => libc::fcntl(fd, command, argument),
            libc::F_GETFL => match libc::fcntl(fd, libc::F_GETFL) {
                -1 => -1,
                flags => open_flags_to_darwin(flags),
            },
            libc::F_SETFL => libc::fcntl(fd, libc::F_SETFL, open_flags_to_linux(argument as c_int)),
            DARWIN_F_NOCACHE => 0,
            DARWIN_F_GETPATH => path(fd, ptr::with_exposed_provenance_mut(argument as usize)),
            DARWIN_F_FULLFSYNC => libc::fsync(fd),
            DARWIN_F_DUPFD_CLOEXEC => libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, argument),
            _ => {
                errno::set(libc::EINVAL);
                -1
            }
        }
    }
}

/// Writes the path of an open file as a C string.
///
/// # Safety
/// There must be room for `MAXPATHLEN` bytes.
unsafe fn path(fd: c_int, path: *mut c_char) -> c_int {
    const DARWIN_MAXPATHLEN: usize = 1024;
    let link = format!("/proc/self/fd/{fd}\0");
    // SAFETY: the link is a C string, and the rest by the caller's promise.
    unsafe {
        match libc::readlink(link.as_ptr().cast(), path, DARWIN_MAXPATHLEN - 1) {
            -1 => {
                errno::set(libc::EBADF);
                -1
            }
            length => {
                path.offset(length).write(0);
                0
            }
        }
    }
}

unsafe extern "C" fn ioctl(fd: c_int, request: c_ulong, argument: *mut c_void) -> c_int {
    let linux = match request {
        0x2000_6601 => libc::FIOCLEX,
        0x2000_6602 => libc::FIONCLEX,
        0x4004_667f => libc::FIONREAD,
        0x8004_667e => libc::FIONBIO,
        0x4008_7468 => libc::TIOCGWINSZ,
        _ => {
            errno::set(libc::ENOTTY);
            return -1;
        }
    };
    // SAFETY: by the caller's promise; what the argument points to is the same.
    unsafe { libc::ioctl(fd, linux, argument) }
}

/// There are no configuration strings: not even a user's own temporary directory.
extern "C" fn confstr(_name: c_int, _buffer: *mut c_char, _size: usize) -> usize {
    errno::set(libc::EINVAL);
    0
}

/// `struct stat` with 64-bit inodes.
#[repr(C)]
struct Stat {
    device: i32,
    mode: u16,
    link_count: u16,
    inode: u64,
    user: u32,
    group: u32,
    special_device: i32,
    accessed: libc::timespec,
    modified: libc::timespec,
    changed: libc::timespec,
    born: libc::timespec,
    size: i64,
    blocks: i64,
    block_size: i32,
    flags: u32,
    generation: u32,
    spare: i32,
    more_spare: [i64; 2],
}

const _: () = assert!(size_of::<Stat>() == 144);

/// Translates what glibc's function `get` fills in if it returns 0.
///
/// # Safety
/// `output` must be valid for writes.
unsafe fn translate(output: *mut Stat, get: impl FnOnce(*mut libc::stat) -> c_int) -> c_int {
    let mut linux = MaybeUninit::<libc::stat>::zeroed();
    let result = get(linux.as_mut_ptr());
    if result != 0 {
        return result;
    }
    // SAFETY: zeros are valid, and so is what `get` has made of them.
    let linux = unsafe { linux.assume_init() };
    let time = |tv_sec, tv_nsec| libc::timespec { tv_sec, tv_nsec };
    let changed = time(linux.st_ctime, linux.st_ctime_nsec);
    let darwin = Stat {
        device: linux.st_dev as i32,
        mode: linux.st_mode as u16,
        link_count: linux.st_nlink as u16,
        inode: linux.st_ino,
        user: linux.st_uid,
        group: linux.st_gid,
        special_device: linux.st_rdev as i32,
        accessed: time(linux.st_atime, linux.st_atime_nsec),
        modified: time(linux.st_mtime, linux.st_mtime_nsec),
        changed,
        born: changed,
        size: linux.st_size,
        blocks: linux.st_blocks,
        block_size: linux.st_blksize as i32,
        flags: 0,
        generation: 0,
        spare: 0,
        more_spare: [0; 2],
    };
    // SAFETY: by the caller's promise.
    unsafe { output.write(darwin) };
    0
}

unsafe extern "C" fn fstat(fd: c_int, output: *mut Stat) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { translate(output, |linux| libc::fstat(fd, linux)) }
}

unsafe extern "C" fn stat(path: *const c_char, output: *mut Stat) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { translate(output, |linux| libc::stat(path, linux)) }
}

unsafe extern "C" fn lstat(path: *const c_char, output: *mut Stat) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { translate(output, |linux| libc::lstat(path, linux)) }
}

unsafe extern "C" fn fstatat(
    directory: c_int,
    path: *const c_char,
    output: *mut Stat,
    flags: c_int,
) -> c_int {
    const DARWIN_AT_SYMLINK_NOFOLLOW: c_int = 0x20;
    let flags = if flags & DARWIN_AT_SYMLINK_NOFOLLOW != 0 { libc::AT_SYMLINK_NOFOLLOW } else { 0 };
    // SAFETY: by the caller's promise.
    unsafe { translate(output, |linux| libc::fstatat(base(directory), path, linux, flags)) }
}
