//! `errno`, whose numbers are macOS's.

use std::fs;
use std::io::{Error, ErrorKind, Read};
use std::os::fd::AsRawFd;

use crate::Directory;

#[test]
fn a_missing_file_is_not_found() {
    let directory = Directory::new();
    let error = fs::read(directory.join("missing")).unwrap_err();
    assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::NotFound, Some(libc::ENOENT)));
}

#[test]
fn numbers_that_differ_are_macos_ones() {
    let directory = Directory::new();
    fs::write(directory.join("file"), "").unwrap();
    let error = fs::remove_dir(&directory.0).unwrap_err();
    assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::DirectoryNotEmpty, Some(66)));
    let name = "n".repeat(300);
    let error = fs::read(directory.join(&name)).unwrap_err();
    assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::InvalidFilename, Some(63)));
}

#[test]
fn an_empty_pipe_would_block() {
    let (mut reader, _writer) = std::io::pipe().unwrap();
    // SAFETY: the descriptor is open.
    unsafe {
        let flags = libc::fcntl(reader.as_raw_fd(), libc::F_GETFL);
        assert_eq!(flags & libc::O_NONBLOCK, 0);
        assert_eq!(libc::fcntl(reader.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK), 0);
        assert_eq!(libc::fcntl(reader.as_raw_fd(), libc::F_GETFL), flags | libc::O_NONBLOCK);
    }
    let error = reader.read(&mut [0]).unwrap_err();
    assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::WouldBlock, Some(35)));
}

#[test]
fn errors_stay_until_the_next_one() {
    // SAFETY: closes nothing.
    unsafe { libc::close(-1) };
    assert_eq!(Error::last_os_error().raw_os_error(), Some(libc::EBADF));
    assert_eq!(std::fs::metadata("/").map(|metadata| metadata.is_dir()).ok(), Some(true));
    assert_eq!(Error::last_os_error().raw_os_error(), Some(libc::EBADF));
    // SAFETY: the location is this thread's own.
    unsafe { *libc::__error() = 35 };
    assert_eq!(Error::last_os_error().raw_os_error(), Some(35));
}

#[test]
fn every_thread_has_its_own_errno() {
    // SAFETY: the location is this thread's own.
    unsafe { *libc::__error() = libc::EIO };
    let there = std::thread::spawn(|| Error::last_os_error().raw_os_error()).join().unwrap();
    assert_eq!((there, Error::last_os_error().raw_os_error()), (Some(0), Some(libc::EIO)));
}

#[test]
fn errors_are_described_by_macos_numbers() {
    assert_eq!(Error::from_raw_os_error(35).to_string(), "Resource temporarily unavailable (os error 35)");
    assert_eq!(Error::from_raw_os_error(66).to_string(), "Directory not empty (os error 66)");
    // SAFETY: the buffer is of the length given.
    let short = unsafe { libc::strerror_r(libc::ENOENT, [0; 4].as_mut_ptr(), 4) };
    assert_eq!(short, libc::ERANGE);
}
