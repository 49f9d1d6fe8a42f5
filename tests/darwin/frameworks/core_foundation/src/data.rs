//! `CFData`: bytes.

use crate::abi::{
    CFAllocatorRef, CFDataRef, CFDataSearchFlags, CFIndex, CFMutableDataRef, CFRange, CFTypeID, CFTypeRef,
    UInt8,
};
use crate::allocator::Given;
use crate::memory;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::range::{bounds, length, not_found};
use darwin_calls::misuse;
use std::ffi::c_void;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Data {
    /// The most bytes that it may have; None if it must not change.
    limit: Option<usize>,
    bytes: Mutex<Bytes>,
}

/// The bytes stay where they are until data is changed: the program may hold pointers to them.
enum Bytes {
    Own(Vec<u8>),
    /// The program's, which it promised not to touch, and how to free them.
    Given {
        bytes: &'static [u8],
        given: Option<Given>,
    },
}

impl Bytes {
    fn get(&self) -> &[u8] {
        match self {
            Bytes::Own(bytes) => bytes,
            Bytes::Given { bytes, .. } => bytes,
        }
    }
}

pub(crate) static CLASS: Class = Class { name: "CFData", id: 20 };

impl Contents for Data {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        let own = self.to_vec();
        other.downcast::<Data>().is_some_and(|other| *other.lock().get() == *own)
    }

    fn hash(&self) -> Option<usize> {
        let mut hasher = DefaultHasher::new();
        self.lock().get().hash(&mut hasher);
        Some(hasher.finish() as usize)
    }

    fn description(&self) -> String {
        let bytes = self.to_vec();
        let length = bytes.len();
        format!("length = {length}, capacity = {length}, bytes = 0x{}", hexadecimal(&bytes, 24))
    }

    fn summary(&self) -> String {
        format!("<{}>", hexadecimal(&self.to_vec(), 16))
    }

    fn dismantle(&self) {
        let bytes = std::mem::replace(&mut *self.lock(), Bytes::Own(Vec::new()));
        if let Bytes::Given { given: Some(given), .. } = bytes {
            given.give_back();
        }
    }
}

impl Kind for Data {
    const CLASS: &'static Class = &CLASS;
}

fn hexadecimal(bytes: &[u8], most: usize) -> String {
    let mut text = String::new();
    for byte in &bytes[..bytes.len().min(most)] {
        let _ = write!(text, "{byte:02x}");
    }
    if bytes.len() > most {
        text.push_str("...");
    }
    text
}

impl Data {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { limit: None, bytes: Mutex::new(Bytes::Own(bytes)) }
    }

    pub(crate) fn mutable(bytes: Vec<u8>) -> Self {
        Self { limit: Some(usize::MAX), bytes: Mutex::new(Bytes::Own(bytes)) }
    }

    /// With room for as many bytes as the program said, and no more, unless that is 0. None if there is not so much.
    fn with_capacity(capacity: CFIndex, bytes: &[u8]) -> Option<Self> {
        let capacity = length(capacity);
        let mut own = Vec::new();
        own.try_reserve_exact(capacity).ok()?;
        let limit = if capacity == 0 { usize::MAX } else { capacity };
        let data = Self { limit: Some(limit), bytes: Mutex::new(Bytes::Own(own)) };
        data.change(|own| own.extend_from_slice(bytes));
        Some(data)
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.lock().get().to_vec()
    }

    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let Some(limit) = self.limit else { misuse("the CFData is immutable") };
        let mut bytes = self.lock();
        let Bytes::Own(bytes) = &mut *bytes else {
            unreachable!("only immutable data has bytes of the program's")
        };
        let result = change(bytes);
        if bytes.len() > limit {
            misuse(format_args!("the CFData has room for {limit} bytes, and is full"))
        }
        result
    }
}

pub(crate) unsafe fn CFDataCreate(
    allocator: CFAllocatorRef,
    bytes: *const UInt8,
    length: CFIndex,
) -> CFDataRef {
    // SAFETY: so many bytes by the caller's promise.
    make(allocator, Data::new(unsafe { memory::slice(bytes, length) }.to_vec()))
}

/// Frees the bytes with `deallocator` when the object dies.
pub(crate) unsafe fn CFDataCreateWithBytesNoCopy(
    allocator: CFAllocatorRef,
    bytes: *const UInt8,
    length: CFIndex,
    deallocator: CFAllocatorRef,
) -> CFDataRef {
    let given = Given::new(bytes.cast(), deallocator);
    // SAFETY: so many bytes by the caller's promise, to be left alone until they are given back.
    let bytes = unsafe { memory::slice(bytes, length) };
    let bytes = Mutex::new(Bytes::Given { bytes, given: Some(given) });
    make(allocator, Data { limit: None, bytes })
}

pub(crate) fn CFDataCreateCopy(allocator: CFAllocatorRef, data: CFDataRef) -> CFDataRef {
    make(allocator, Data::new(of::<Data>(data).to_vec()))
}

fn create_mutable(allocator: CFAllocatorRef, capacity: CFIndex, bytes: &[u8]) -> CFMutableDataRef {
    Data::with_capacity(capacity, bytes).map_or(ptr::null(), |data| make(allocator, data))
}

pub(crate) fn CFDataCreateMutable(allocator: CFAllocatorRef, capacity: CFIndex) -> CFMutableDataRef {
    create_mutable(allocator, capacity, &[])
}

pub(crate) fn CFDataCreateMutableCopy(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    data: CFDataRef,
) -> CFMutableDataRef {
    create_mutable(allocator, capacity, &of::<Data>(data).to_vec())
}

pub(crate) fn CFDataGetLength(data: CFDataRef) -> CFIndex {
    of::<Data>(data).lock().get().len().cast_signed()
}

pub(crate) fn CFDataGetBytePtr(data: CFDataRef) -> *const UInt8 {
    of::<Data>(data).lock().get().as_ptr()
}

pub(crate) fn CFDataGetMutableBytePtr(data: CFMutableDataRef) -> *mut UInt8 {
    of::<Data>(data).change(|bytes| bytes.as_mut_ptr())
}

pub(crate) unsafe fn CFDataGetBytes(data: CFDataRef, range: CFRange, buffer: *mut UInt8) {
    let data = of::<Data>(data);
    let bytes = data.lock();
    let part = &bytes.get()[bounds(data.object(), range, bytes.get().len())];
    // SAFETY: room for as many bytes as are in the range, by the caller's promise.
    unsafe { buffer.copy_from(part.as_ptr(), part.len()) };
}

/// Backwards: 1. Only at the start, or end: 2.
pub(crate) fn CFDataFind(
    data: CFDataRef,
    wanted: CFDataRef,
    range: CFRange,
    options: CFDataSearchFlags,
) -> CFRange {
    let (bytes, wanted) = (of::<Data>(data).to_vec(), of::<Data>(wanted).to_vec());
    let bounds = bounds(of::<Data>(data).object(), range, bytes.len());
    let (start, part) = (bounds.start, &bytes[bounds]);
    if wanted.is_empty() || wanted.len() > part.len() {
        return not_found();
    }
    let last = part.len() - wanted.len();
    let (backwards, anchored) = (options & 1 != 0, options & 2 != 0);
    let found = |&place: &usize| part[place..].starts_with(&wanted);
    let place = match (backwards, anchored) {
        (false, true) => Some(0).filter(found),
        (true, true) => Some(last).filter(found),
        (false, false) => (0..=last).find(found),
        (true, false) => (0..=last).rfind(found),
    };
    place.map_or_else(not_found, |place| CFRange {
        location: (start + place).cast_signed(),
        length: wanted.len().cast_signed(),
    })
}

pub(crate) unsafe fn CFDataAppendBytes(data: CFMutableDataRef, bytes: *const UInt8, length: CFIndex) {
    // SAFETY: so many bytes by the caller's promise.
    let more = unsafe { memory::slice(bytes, length) }.to_vec();
    of::<Data>(data).change(|bytes| bytes.extend(more));
}

pub(crate) fn CFDataDeleteBytes(data: CFMutableDataRef, range: CFRange) {
    let data = of::<Data>(data);
    data.change(|bytes| drop(bytes.drain(bounds(data.object(), range, bytes.len()))));
}

pub(crate) unsafe fn CFDataReplaceBytes(
    data: CFMutableDataRef,
    range: CFRange,
    new: *const UInt8,
    length: CFIndex,
) {
    // SAFETY: so many bytes by the caller's promise.
    let new = unsafe { memory::slice(new, length) }.to_vec();
    let data = of::<Data>(data);
    data.change(|bytes| drop(bytes.splice(bounds(data.object(), range, bytes.len()), new)));
}

/// The new bytes are 0.
pub(crate) fn CFDataSetLength(data: CFMutableDataRef, new: CFIndex) {
    let new = length(new);
    of::<Data>(data).change(|bytes| {
        memory::reserve(bytes, new.saturating_sub(bytes.len()));
        bytes.resize(new, 0);
    });
}

pub(crate) fn CFDataIncreaseLength(data: CFMutableDataRef, extra: CFIndex) {
    let extra = length(extra);
    of::<Data>(data).change(|bytes| {
        memory::reserve(bytes, extra);
        bytes.resize(bytes.len() + extra, 0);
    });
}

pub(crate) fn CFDataGetTypeID() -> CFTypeID {
    CLASS.id
}

/// A reference to new data that is not the program's.
pub(crate) fn create(bytes: &[u8]) -> CFTypeRef {
    make(ptr::null::<c_void>(), Data::new(bytes.to_vec()))
}
