//! A queue in memory that is mapped.

use super::algorithm::{Index, Queue, QueueMemory};
use super::layout::{APPENDIX, DATA, ENTRY_HEADER, HEAD, QUEUE_SIZE, TAIL};
use crate::arch;
use crate::memory::Address;
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// Memory with a queue in it: `IODataQueueMemory`.
///
/// Whoever makes one sees to it that all of the queue is mapped for reading and writing for as long as it is used, at an
/// address that is a multiple of four, and is no device's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedMemory(Address);

/// Why memory holds no queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadMemory {
    /// Shorter than the header.
    Short { length: usize },
    /// Its words are not aligned.
    Misaligned { address: usize },
    /// It has no data.
    Empty,
    /// It has less memory than it says.
    Cut { size: u32, length: usize },
}

impl fmt::Display for BadMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Short { length } => {
                write!(f, "the memory has {length} bytes, the header of a data queue alone has {DATA}")
            }
            Self::Misaligned { address } => {
                write!(
                    f,
                    "the memory is at {address:#x}, a data queue begins at a multiple of {}",
                    align_of::<u32>()
                )
            }
            Self::Empty => write!(f, "its `queueSize` is 0"),
            Self::Cut { size, length } => {
                write!(
                    f,
                    "its `queueSize` is {size}, and the memory has {} bytes after the header",
                    length - DATA
                )
            }
        }
    }
}

/// The queue in `length` bytes of memory.
///
/// # Safety
///
/// The bytes are mapped for reading and writing for as long as the queue or a clone of it is used, and are no device's memory.
pub(crate) unsafe fn attach(base: NonNull<u8>, length: usize) -> Result<Queue<SharedMemory>, BadMemory> {
    check(base, length)?;
    // SAFETY: mapped and aligned, as checked.
    let size = unsafe { arch::load::<u32, QUEUE_SIZE>(base.as_ptr()) };
    if size == 0 {
        return Err(BadMemory::Empty);
    }
    if size as usize > length - DATA {
        return Err(BadMemory::Cut { size, length });
    }
    // SAFETY: after the header there are `size` bytes at least.
    Ok(unsafe { Queue::new(SharedMemory(Address(base)), size) })
}

/// Makes an empty queue with `size` bytes of data, in memory that is all zero and has room for it and the appendix of
/// `IOSharedDataQueue`.
///
/// # Safety
///
/// As for [`attach`].
pub(crate) unsafe fn create(
    base: NonNull<u8>,
    length: usize,
    size: u32,
) -> Result<Queue<SharedMemory>, BadMemory> {
    check(base, length)?;
    if length < DATA + size as usize + APPENDIX {
        return Err(BadMemory::Cut { size, length });
    }
    // SAFETY: mapped and aligned, as checked.
    unsafe { arch::store::<u32, QUEUE_SIZE>(base.as_ptr(), size) };
    // SAFETY: after the header there are `size` bytes, as checked.
    Ok(unsafe { Queue::new(SharedMemory(Address(base)), size) })
}

fn check(base: NonNull<u8>, length: usize) -> Result<(), BadMemory> {
    if length < DATA {
        return Err(BadMemory::Short { length });
    }
    if !base.cast::<u32>().is_aligned() {
        return Err(BadMemory::Misaligned { address: base.addr().get() });
    }
    Ok(())
}

impl SharedMemory {
    /// # Safety
    ///
    /// As for [`attach`]; and there are as many bytes as the queue that is made of it has.
    pub(super) unsafe fn new(base: NonNull<u8>) -> Self {
        Self(Address(base))
    }

    /// The address of a byte of the data, or of its end.
    ///
    /// # Safety
    ///
    /// `offset` is at most the number of bytes of data.
    #[inline(always)]
    unsafe fn data(&self, offset: u32) -> *mut u8 {
        // SAFETY: within the memory, or at its end.
        unsafe { self.0.0.as_ptr().add(DATA + offset as usize) }
    }

    #[inline(always)]
    fn index(&self, index: Index) -> *mut u32 {
        let offset = match index {
            Index::Head => HEAD,
            Index::Tail => TAIL,
        };
        // SAFETY: within the header.
        unsafe { self.0.0.as_ptr().add(offset) }.cast()
    }
}

// SAFETY: `arch::copy_out` writes as many bytes as it is told, which are all.
unsafe impl QueueMemory for SharedMemory {
    #[inline(always)]
    fn load(&self, index: Index) -> u32 {
        // SAFETY: mapped for reading, and aligned as the header is.
        unsafe { arch::load::<u32, 0>(self.index(index).cast()) }
    }

    #[inline(always)]
    fn load_acquire(&self, index: Index) -> u32 {
        // SAFETY: as for `load`.
        unsafe { arch::load_acquire(self.index(index)) }
    }

    #[inline(always)]
    fn store_release(&self, index: Index, value: u32) {
        // SAFETY: as for `load`, and mapped for writing.
        unsafe { arch::store_release(self.index(index), value) };
    }

    #[inline(always)]
    fn fence(&self) {
        arch::fence();
    }

    #[inline(always)]
    unsafe fn load_word(&self, offset: u32) -> u32 {
        // SAFETY: the four bytes are in the data, so that all are written here.
        unsafe { self.read(offset).assume_init() }
    }

    #[inline(always)]
    unsafe fn store_word(&self, offset: u32, word: u32) {
        // SAFETY: the four bytes are in the data.
        unsafe { self.copy_in(offset, &word.to_ne_bytes()) };
    }

    #[inline(always)]
    unsafe fn copy_out(&self, offset: u32, to: &mut [MaybeUninit<u8>]) {
        // SAFETY: the bytes are in the data; `to` is the caller's, and outside of mapped memory.
        unsafe { arch::copy_out(self.data(offset), to.as_mut_ptr().cast(), to.len()) };
    }

    #[inline(always)]
    unsafe fn read<T>(&self, offset: u32) -> MaybeUninit<T> {
        // SAFETY: the bytes are in the data.
        unsafe { arch::read(self.data(offset)) }
    }

    #[inline(always)]
    unsafe fn copy_in(&self, offset: u32, from: &[u8]) {
        // SAFETY: the bytes are in the data, which is mapped for writing; `from` is outside of mapped memory.
        unsafe { arch::copy_in(from.as_ptr(), self.data(offset), from.len()) };
    }
}

const _: () = assert!(ENTRY_HEADER as usize == size_of::<u32>());
