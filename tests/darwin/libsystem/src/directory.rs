//! `dirent.h`.

use std::ffi::{c_char, c_int, c_long};
use std::mem::MaybeUninit;
use std::ptr;

use darwin_loader::{Export, exports};

use crate::errno;

pub(crate) fn exports() -> Vec<Export> {
    exports![
        closedir,
        descriptor as "dirfd",
        fdopendir,
        opendir,
        readdir,
        readdir_r,
        rewinddir,
    ]
}

/// `DIR`: glibc's, and the entry that `readdir` returns.
struct Directory {
    linux: *mut libc::DIR,
    entry: MaybeUninit<Entry>,
}

/// `struct dirent` with 64-bit inodes.
#[repr(C)]
struct Entry {
    inode: u64,
    seek_offset: u64,
    entry_length: u16,
    name_length: u16,
    kind: u8,
    name: [c_char; 1024],
}

fn directory(linux: *mut libc::DIR) -> *mut Directory {
    match linux.is_null() {
        true => ptr::null_mut(),
        false => Box::into_raw(Box::new(Directory { linux, entry: MaybeUninit::uninit() })),
    }
}

unsafe extern "C" fn opendir(path: *const c_char) -> *mut Directory {
    // SAFETY: by the caller's promise.
    directory(unsafe { libc::opendir(path) })
}

unsafe extern "C" fn fdopendir(fd: c_int) -> *mut Directory {
    // SAFETY: by the caller's promise.
    directory(unsafe { libc::fdopendir(fd) })
}

unsafe extern "C" fn closedir(directory: *mut Directory) -> c_int {
    // SAFETY: by the caller's promise, it comes from `directory` and is not used again.
    unsafe { libc::closedir(Box::from_raw(directory).linux) }
}

unsafe extern "C" fn descriptor(directory: *const Directory) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe { libc::dirfd((*directory).linux) }
}

unsafe extern "C" fn rewinddir(directory: *const Directory) {
    // SAFETY: by the caller's promise.
    unsafe { libc::rewinddir((*directory).linux) }
}

unsafe extern "C" fn readdir(directory: *mut Directory) -> *mut Entry {
    // SAFETY: by the caller's promise; the entry is the directory's own.
    unsafe {
        let entry = (*directory).entry.as_mut_ptr();
        match read((*directory).linux, entry) {
            true => entry,
            false => ptr::null_mut(),
        }
    }
}

unsafe extern "C" fn readdir_r(
    directory: *const Directory,
    entry: *mut Entry,
    result: *mut *mut Entry,
) -> c_int {
    // SAFETY: by the caller's promise.
    unsafe {
        errno::set(0);
        result.write(if read((*directory).linux, entry) { entry } else { ptr::null_mut() });
    }
    errno::to_darwin(errno::take())
}

/// Fills in the next entry, unless there is none or an error, which is then in `errno`.
///
/// # Safety
/// `directory` must be open, and `entry` be valid for writes.
unsafe fn read(directory: *mut libc::DIR, entry: *mut Entry) -> bool {
    // SAFETY: by the caller's promise; the name is a C string of at most 255 bytes.
    unsafe {
        let linux = libc::readdir(directory);
        if linux.is_null() {
            return false;
        }
        let name_length = libc::strlen(&raw const (*linux).d_name as *const c_char);
        (&raw mut (*entry).inode).write((*linux).d_ino);
        (&raw mut (*entry).seek_offset).write((*linux).d_off as c_long as u64);
        (&raw mut (*entry).entry_length).write(size_of::<Entry>() as u16);
        (&raw mut (*entry).name_length).write(name_length as u16);
        (&raw mut (*entry).kind).write((*linux).d_type);
        let name = (&raw mut (*entry).name).cast::<c_char>();
        name.copy_from_nonoverlapping((&raw const (*linux).d_name).cast(), name_length + 1);
    }
    true
}
