//! `CFReadStream` and `CFWriteStream`: of files, and of memory.

use crate::abi::*;
use crate::constant::Constant;
use crate::data::Data;
use crate::error;
use crate::memory;
use crate::object::{Class, Contents, Kind, make, of};
use crate::range::length;
use crate::string::Text;
use crate::url;
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) static kCFStreamPropertyDataWritten: Constant = Constant::null();

pub(crate) fn init() {
    kCFStreamPropertyDataWritten.set(Text::new("kCFStreamPropertyDataWritten"));
}

/// `CFStreamStatus`
mod status {
    pub(super) const NOT_OPEN: isize = 0;
    pub(super) const OPEN: isize = 2;
    pub(super) const AT_END: isize = 5;
    pub(super) const CLOSED: isize = 6;
    pub(super) const ERROR: isize = 7;
}

struct Stream<T> {
    status: isize,
    error: Option<i32>,
    path: PathBuf,
    device: Option<T>,
}

impl<T> Stream<T> {
    fn new(path: PathBuf, device: Option<T>) -> Mutex<Self> {
        Mutex::new(Self { status: status::NOT_OPEN, error: None, path, device })
    }

    fn open(&mut self, open: impl FnOnce(&PathBuf) -> io::Result<T>) -> Boolean {
        if self.status != status::NOT_OPEN {
            return false.into();
        }
        let opened = match self.device.take() {
            Some(device) => Ok(device),
            None => open(&self.path),
        };
        match opened {
            Ok(device) => {
                self.device = Some(device);
                self.status = status::OPEN;
                true.into()
            }
            Err(error) => {
                self.fail(&error);
                false.into()
            }
        }
    }

    fn fail(&mut self, error: &io::Error) {
        self.status = status::ERROR;
        self.error = error.raw_os_error().or(Some(libc::EIO));
    }

    /// How many bytes went over, or -1.
    fn transfer(&mut self, transfer: impl FnOnce(&mut T) -> io::Result<usize>) -> CFIndex {
        let device = match (self.status, &mut self.device) {
            (status::OPEN, Some(device)) => device,
            (status::AT_END, _) => return 0,
            _ => return -1,
        };
        match transfer(device) {
            Ok(bytes) => bytes.cast_signed(),
            Err(error) => {
                self.fail(&error);
                -1
            }
        }
    }

    fn error(&self) -> CFErrorRef {
        self.error.map_or(ptr::null(), error::posix)
    }
}

/// The file at `path`, or a duplicate of the descriptor that it stands for, as macOS makes of `/dev/stdout`.
fn file(path: &Path, open: impl FnOnce(&Path) -> io::Result<File>) -> io::Result<File> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    let Some(descriptor) = darwin_libsystem::descriptor(&name) else { return open(path) };
    // SAFETY: has no preconditions.
    let duplicate = unsafe { libc::dup(descriptor) };
    if duplicate < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor, which is nobody else's.
    Ok(unsafe { File::from_raw_fd(duplicate) })
}

struct Reader(Mutex<Stream<Box<dyn Read + Send>>>);

enum Device {
    File(File),
    Memory(Vec<u8>),
}

struct Writer(Mutex<Stream<Device>>);

pub(crate) static READ_CLASS: Class = Class { name: "CFReadStream", id: 44 };
pub(crate) static WRITE_CLASS: Class = Class { name: "CFWriteStream", id: 45 };

macro_rules! classes {
    ($($kind:ident $class:ident $device:ty;)*) => {$(
        impl Contents for $kind {
            fn class(&self) -> &'static Class {
                &$class
            }

            fn description(&self) -> String {
                self.summary()
            }

            fn summary(&self) -> String {
                format!("{:?}", self.lock().path)
            }
        }

        impl Kind for $kind {
            const CLASS: &'static Class = &$class;
        }

        impl $kind {
            fn lock(&self) -> MutexGuard<'_, Stream<$device>> {
                self.0.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    )*};
}

classes! {
    Reader READ_CLASS Box<dyn Read + Send>;
    Writer WRITE_CLASS Device;
}

pub(crate) fn CFReadStreamCreateWithFile(allocator: CFAllocatorRef, url: CFURLRef) -> CFReadStreamRef {
    make(allocator, Reader(Stream::new(url::path(url), None)))
}

pub(crate) fn CFReadStreamOpen(stream: CFReadStreamRef) -> Boolean {
    of::<Reader>(stream).lock().open(|path| Ok(Box::new(file(path, |path| File::open(path))?)))
}

/// 0 at the end, -1 if it fails or is not open.
pub(crate) unsafe fn CFReadStreamRead(stream: CFReadStreamRef, buffer: *mut UInt8, size: CFIndex) -> CFIndex {
    const MOST: usize = 1 << 24;
    let size = length(size).min(MOST);
    if size == 0 {
        return 0;
    }
    let stream = of::<Reader>(stream);
    let mut stream = stream.lock();
    let mut bytes = vec![0; size];
    let count = stream.transfer(|device| device.read(&mut bytes));
    if count == 0 {
        stream.status = status::AT_END;
    }
    // SAFETY: room for `size` bytes by the caller's promise, and no more were read.
    unsafe { buffer.copy_from(bytes.as_ptr(), usize::try_from(count).unwrap_or(0)) };
    count
}

/// All that is left, up to `most` bytes if that is not 0. None if the stream fails or is not open.
pub(crate) fn read_all(stream: CFReadStreamRef, most: usize) -> Option<Vec<u8>> {
    let stream = of::<Reader>(stream);
    let mut stream = stream.lock();
    let mut bytes = Vec::new();
    let limit = if most == 0 { u64::MAX } else { most as u64 };
    let count = stream.transfer(|device| device.take(limit).read_to_end(&mut bytes));
    (count >= 0).then_some(bytes)
}

pub(crate) fn CFReadStreamClose(stream: CFReadStreamRef) {
    let stream = of::<Reader>(stream);
    let mut stream = stream.lock();
    stream.device = None;
    stream.status = status::CLOSED;
}

pub(crate) fn CFReadStreamGetStatus(stream: CFReadStreamRef) -> CFStreamStatus {
    of::<Reader>(stream).lock().status
}

pub(crate) fn CFReadStreamCopyError(stream: CFReadStreamRef) -> CFErrorRef {
    of::<Reader>(stream).lock().error()
}

pub(crate) fn CFReadStreamGetTypeID() -> CFTypeID {
    READ_CLASS.id
}

pub(crate) fn CFWriteStreamCreateWithFile(allocator: CFAllocatorRef, url: CFURLRef) -> CFWriteStreamRef {
    make(allocator, Writer(Stream::new(url::path(url), None)))
}

/// Of memory that grows; `kCFStreamPropertyDataWritten` is what is in it.
pub(crate) fn CFWriteStreamCreateWithAllocatedBuffers(
    allocator: CFAllocatorRef,
    _buffers: CFAllocatorRef,
) -> CFWriteStreamRef {
    make(allocator, Writer(Stream::new(PathBuf::new(), Some(Device::Memory(Vec::new())))))
}

/// Makes the file, or empties it.
pub(crate) fn CFWriteStreamOpen(stream: CFWriteStreamRef) -> Boolean {
    of::<Writer>(stream).lock().open(|path| Ok(Device::File(file(path, |path| File::create(path))?)))
}

pub(crate) unsafe fn CFWriteStreamWrite(
    stream: CFWriteStreamRef,
    buffer: *const UInt8,
    size: CFIndex,
) -> CFIndex {
    // SAFETY: so many bytes by the caller's promise.
    write_some(stream, unsafe { memory::slice(buffer, size) })
}

fn write_some(stream: CFWriteStreamRef, bytes: &[u8]) -> CFIndex {
    of::<Writer>(stream).lock().transfer(|device| match device {
        Device::File(file) => file.write(bytes),
        Device::Memory(memory) => memory.write(bytes),
    })
}

/// Whether all bytes could be written.
pub(crate) fn write_all(stream: CFWriteStreamRef, bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        match usize::try_from(write_some(stream, rest)) {
            Ok(count @ 1..) => rest = &rest[count..],
            _ => return false,
        }
    }
    true
}

pub(crate) fn CFWriteStreamClose(stream: CFWriteStreamRef) {
    let stream = of::<Writer>(stream);
    let mut stream = stream.lock();
    if matches!(stream.device, Some(Device::File(_))) {
        stream.device = None;
    }
    stream.status = status::CLOSED;
}

pub(crate) fn CFWriteStreamCanAcceptBytes(stream: CFWriteStreamRef) -> Boolean {
    (of::<Writer>(stream).lock().status == status::OPEN).into()
}

/// Null for a property that the stream does not have.
pub(crate) fn CFWriteStreamCopyProperty(stream: CFWriteStreamRef, name: CFStreamPropertyKey) -> CFTypeRef {
    let stream = of::<Writer>(stream);
    let stream = stream.lock();
    let wanted = crate::base::CFEqual(name, kCFStreamPropertyDataWritten.get()) != 0;
    match &stream.device {
        Some(Device::Memory(bytes)) if wanted => make(ptr::null(), Data::new(bytes.clone())),
        _ => ptr::null(),
    }
}

pub(crate) fn CFWriteStreamGetStatus(stream: CFWriteStreamRef) -> CFStreamStatus {
    of::<Writer>(stream).lock().status
}

pub(crate) fn CFWriteStreamCopyError(stream: CFWriteStreamRef) -> CFErrorRef {
    of::<Writer>(stream).lock().error()
}

pub(crate) fn CFWriteStreamGetTypeID() -> CFTypeID {
    WRITE_CLASS.id
}
