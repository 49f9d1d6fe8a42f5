//! URLs, streams, UUIDs, dates, errors.

use super::*;
use crate::c::{
    kCFAbsoluteTimeIntervalSince1970, kCFErrorDomainMach, kCFErrorLocalizedDescriptionKey,
    kCFStreamPropertyDataWritten,
};
use std::path::PathBuf;

/// The name of a file that does not exist, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("core foundation {} {name}", std::process::id())))
    }

    fn url(&self) -> CFURLRef {
        let path = string(self.0.to_str().expect("UTF-8"));
        let url = call!(CFURLCreateWithFileSystemPath(ptr::null(), path, 0, 0));
        call!(CFRelease(path));
        url
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_url_is_a_paths() {
    let path = b"/tmp/a b/\xc3\xb6/";
    let url = call!(CFURLCreateFromFileSystemRepresentation(ptr::null(), path.as_ptr(), 12, 1));
    assert_eq!(text(call!(CFURLGetString(url))), "file:///tmp/a%20b/%C3%B6/");
    assert_eq!(taken(call!(CFURLCopyFileSystemPath(url, 0))), "/tmp/a b/ö");
    assert_eq!(call!(CFURLHasDirectoryPath(url)), 1);
    let mut buffer = [0; 12];
    assert_eq!(call!(CFURLGetFileSystemRepresentation(url, 1, buffer.as_mut_ptr(), 11)), 0);
    assert_eq!(call!(CFURLGetFileSystemRepresentation(url, 1, buffer.as_mut_ptr(), 12)), 1);
    assert_eq!(&buffer, b"/tmp/a b/\xc3\xb6\0");
    call!(CFRelease(url));
}

#[test]
fn a_relative_path_is_made_absolute_if_so_asked() {
    let url = call!(CFURLCreateFromFileSystemRepresentation(ptr::null(), b"name".as_ptr(), 4, 0));
    let mut buffer = [0; 4096];
    let path = |buffer: &[u8; 4096]| {
        std::ffi::CStr::from_bytes_until_nul(buffer).expect("a path").to_string_lossy().into_owned()
    };
    assert_eq!(call!(CFURLGetFileSystemRepresentation(url, 0, buffer.as_mut_ptr(), 4096)), 1);
    assert_eq!(path(&buffer), "name");
    assert_eq!(call!(CFURLGetFileSystemRepresentation(url, 1, buffer.as_mut_ptr(), 4096)), 1);
    assert!(path(&buffer).starts_with('/') && path(&buffer).ends_with("/name"));
    call!(CFRelease(url));
}

#[test]
fn a_file_is_written_and_read() {
    let file = Scratch::new("written");
    let url = file.url();
    let writer = call!(CFWriteStreamCreateWithFile(ptr::null(), url));
    assert_eq!(call!(CFWriteStreamWrite(writer, b"x".as_ptr(), 1)), -1, "not open yet");
    assert_eq!((call!(CFWriteStreamOpen(writer)), call!(CFWriteStreamCanAcceptBytes(writer))), (1, 1));
    assert_eq!(call!(CFWriteStreamWrite(writer, b"hello".as_ptr(), 5)), 5);
    call!(CFWriteStreamClose(writer));
    assert_eq!(call!(CFWriteStreamGetStatus(writer)), 6);
    assert_eq!(call!(CFWriteStreamWrite(writer, b"x".as_ptr(), 1)), -1, "closed");
    let reader = call!(CFReadStreamCreateWithFile(ptr::null(), url));
    assert_eq!(call!(CFReadStreamOpen(reader)), 1);
    let mut buffer = [0; 4];
    let read = |buffer: &mut [u8; 4]| call!(CFReadStreamRead(reader, buffer.as_mut_ptr(), 4));
    assert_eq!((read(&mut buffer), buffer), (4, *b"hell"));
    assert_eq!((read(&mut buffer), buffer[0]), (1, b'o'));
    assert_eq!((read(&mut buffer), read(&mut buffer), call!(CFReadStreamGetStatus(reader))), (0, 0, 5));
    call!(CFReadStreamClose(reader));
    for object in [url, writer, reader] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_of_posix() {
    let url = Scratch::new("missing").url();
    let reader = call!(CFReadStreamCreateWithFile(ptr::null(), url));
    assert!(call!(CFReadStreamCopyError(reader)).is_null());
    assert_eq!((call!(CFReadStreamOpen(reader)), call!(CFReadStreamGetStatus(reader))), (0, 7));
    let error = call!(CFReadStreamCopyError(reader));
    assert_eq!(call!(CFErrorGetCode(error)), 2);
    assert_eq!(text(call!(CFErrorGetDomain(error))), "NSPOSIXErrorDomain");
    assert_eq!(
        taken(call!(CFErrorCopyDescription(error))),
        "The operation couldn’t be completed. No such file or directory"
    );
    for object in [url, reader, error] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_property_list_goes_through_streams() {
    let file = Scratch::new("list");
    let (url, object) = (file.url(), dictionary(&[("key", string("value"))]));
    let writer = call!(CFWriteStreamCreateWithFile(ptr::null(), url));
    let mut error = ptr::null();
    assert_eq!(call!(CFPropertyListWrite(object, writer, 100, 0, &raw mut error)), 0, "not open yet");
    assert_eq!(call!(CFErrorGetCode(error)), 3851);
    call!(CFWriteStreamOpen(writer));
    let written = call!(CFPropertyListWrite(object, writer, 100, 0, ptr::null_mut()));
    assert_eq!(std::fs::metadata(&file.0).map(|file| file.len()).ok(), Some(written.cast_unsigned() as u64));
    let reader = call!(CFReadStreamCreateWithFile(ptr::null(), url));
    call!(CFReadStreamOpen(reader));
    let read =
        call!(CFPropertyListCreateWithStream(ptr::null(), reader, 0, 0, ptr::null_mut(), ptr::null_mut()));
    assert_eq!(call!(CFEqual(read, object)), 1);
    for object in [url, object, writer, error, reader, read] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_directory_cannot_be_written() {
    let directory = string("/");
    let url = call!(CFURLCreateWithFileSystemPath(ptr::null(), directory, 0, 1));
    let writer = call!(CFWriteStreamCreateWithFile(ptr::null(), url));
    assert_eq!(call!(CFWriteStreamOpen(writer)), 0);
    let error = call!(CFWriteStreamCopyError(writer));
    assert_eq!((call!(CFErrorGetCode(error)), call!(CFWriteStreamGetStatus(writer))), (21, 7));
    let mut words = ptr::null();
    assert_eq!(call!(CFPropertyListWriteToStream(directory, writer, 100, &raw mut words)), 0);
    assert_eq!(taken(words), "Stream had an error");
    for object in [directory, url, writer, error] {
        call!(CFRelease(object));
    }
}

#[test]
fn what_is_written_to_memory_can_be_had() {
    let writer = call!(CFWriteStreamCreateWithAllocatedBuffers(ptr::null(), ptr::null()));
    call!(CFWriteStreamOpen(writer));
    call!(CFWriteStreamWrite(writer, b"abc".as_ptr(), 3));
    call!(CFWriteStreamClose(writer));
    let written = call!(CFWriteStreamCopyProperty(writer, kCFStreamPropertyDataWritten.get()));
    assert_eq!(call!(CFDataGetLength(written)), 3);
    call!(CFRelease(written));
    call!(CFRelease(writer));
}

#[test]
fn a_uuid_is_spelled() {
    let spelled = string("2D9786C6-9EF3-11D4-AD51-000A27052861");
    let uuid = call!(CFUUIDCreateFromString(ptr::null(), spelled));
    let bytes = call!(CFUUIDGetUUIDBytes(uuid));
    assert_eq!((bytes.byte0, bytes.byte1, bytes.byte15), (0x2d, 0x97, 0x61));
    let same = call!(CFUUIDCreateFromUUIDBytes(ptr::null(), bytes));
    assert_eq!((call!(CFEqual(uuid, same)), call!(CFHash(uuid))), (1, call!(CFHash(same))));
    assert_eq!(taken(call!(CFUUIDCreateString(ptr::null(), same))), text(spelled));
    let wrong = string("2D9786C6-9EF3-11D4-AD51");
    assert!(call!(CFUUIDCreateFromString(ptr::null(), wrong)).is_null());
    for object in [spelled, uuid, same, wrong] {
        call!(CFRelease(object));
    }
}

#[test]
fn new_uuids_differ_and_constant_ones_do_not() {
    let (a, b) = (call!(CFUUIDCreate(ptr::null())), call!(CFUUIDCreate(ptr::null())));
    assert_eq!(call!(CFEqual(a, b)), 0);
    assert_eq!(call!(CFUUIDGetUUIDBytes(a)).byte6 >> 4, 4, "of random numbers");
    let constant = || {
        call!(CFUUIDGetConstantUUIDWithBytes(
            ptr::null(),
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            10,
            11,
            12,
            13,
            14,
            15,
            16
        ))
    };
    assert_eq!(constant(), constant());
    let same =
        call!(CFUUIDCreateWithBytes(ptr::null(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    assert_eq!((call!(CFEqual(constant(), same)), constant() == same), (1, false));
    call!(CFRelease(same));
    assert_eq!(call!(CFUUIDGetUUIDBytes(constant())).byte15, 16);
    call!(CFRelease(a));
    call!(CFRelease(b));
}

#[test]
fn dates_count_from_2001() {
    let unix =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let since = call!(CFAbsoluteTimeGetCurrent()) + kCFAbsoluteTimeIntervalSince1970;
    assert!((since - unix).abs() < 60.0);
    let (early, late) = (call!(CFDateCreate(ptr::null(), 1.0)), call!(CFDateCreate(ptr::null(), 3.5)));
    assert_eq!(call!(CFDateGetTimeIntervalSinceDate(late, early)), 2.5);
    assert_eq!(call!(CFDateCompare(early, late, ptr::null_mut())), -1);
    assert_eq!(call!(CFDateGetAbsoluteTime(late)), 3.5);
    call!(CFRelease(early));
    call!(CFRelease(late));
}

#[test]
fn an_error_says_what_it_knows() {
    let (words, information) = (string("It broke."), dictionary(&[]));
    call!(CFDictionarySetValue(information, kCFErrorLocalizedDescriptionKey.get(), words));
    let error = call!(CFErrorCreate(ptr::null(), kCFErrorDomainMach.get(), 5, information));
    assert_eq!(taken(call!(CFErrorCopyDescription(error))), "It broke.");
    let copy = call!(CFErrorCopyUserInfo(error));
    assert_eq!(call!(CFEqual(copy, information)), 1);
    assert!(call!(CFErrorCopyFailureReason(error)).is_null());
    let plain = call!(CFErrorCreate(ptr::null(), kCFErrorDomainMach.get(), 5, ptr::null()));
    assert_eq!(
        taken(call!(CFErrorCopyDescription(plain))),
        "The operation couldn’t be completed. (NSMachErrorDomain error 5.)"
    );
    for object in [words, information, error, copy, plain] {
        call!(CFRelease(object));
    }
}
