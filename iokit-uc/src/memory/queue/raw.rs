//! The functions of `IODataQueueClient.h`, over an address: for who has a C interface to offer.
//!
//! As in C, the size is the one in the shared memory.

use super::algorithm::{Entry, Queue, Refused};
use super::layout::{DATA, QUEUE_SIZE};
use super::shared::SharedMemory;
use crate::arch;
use crate::error::IoReturn;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

/// # Safety
///
/// `memory` is mapped for reading and writing, header and data, and is aligned to four bytes.
unsafe fn queue(memory: NonNull<u8>) -> Queue<SharedMemory> {
    // SAFETY: the header is mapped and aligned.
    let size = unsafe { arch::load::<u32, QUEUE_SIZE>(memory.as_ptr()) };
    // SAFETY: so is the data, as much as the header says.
    unsafe { Queue::new(SharedMemory::new(memory), size) }
}

/// `IODataQueueDataAvailable`
///
/// # Safety
///
/// `memory` is null, or a data queue's: its header and as many bytes of data as that says are mapped for reading and writing,
/// and it is aligned to four bytes.
pub unsafe fn data_available(memory: *mut u8) -> bool {
    // SAFETY: the caller's promise.
    NonNull::new(memory).is_some_and(|memory| unsafe { queue(memory) }.data_available())
}

/// `IODataQueuePeek`: the address of the first entry's header; null if the queue is empty or broken.
///
/// # Safety
///
/// As for [`data_available`].
pub unsafe fn peek(memory: *mut u8) -> *mut u8 {
    let Some(base) = NonNull::new(memory) else { return std::ptr::null_mut() };
    // SAFETY: the caller's promise.
    match unsafe { queue(base) }.first() {
        // SAFETY: the entry's header is in the data.
        Ok(Some(entry)) => unsafe { memory.add(DATA + entry.offset() as usize) },
        Ok(None) | Err(_) => std::ptr::null_mut(),
    }
}

/// `IODataQueueDequeue` (DQ-8): the entry goes to `data`, unless that is null, where there is room for `*size` bytes.
///
/// # Safety
///
/// As for [`data_available`]. `data` is null, or `size` is null, or `*size` bytes at `data` are the caller's to be written,
/// outside of the queue. `size` is null, or the caller's.
pub unsafe fn dequeue(memory: *mut u8, data: *mut u8, size: *mut u32) -> IoReturn {
    let Some(memory) = NonNull::new(memory) else { return IoReturn::BAD_ARGUMENT };
    if !data.is_null() && size.is_null() {
        return IoReturn::BAD_ARGUMENT;
    }
    // SAFETY: the caller's promise.
    let queue = unsafe { queue(memory) };
    let entry: Entry<'_, _> = match queue.first() {
        Ok(Some(entry)) => entry,
        Ok(None) => return IoReturn::UNDERRUN,
        Err(_) => return IoReturn::ERROR,
    };
    if !data.is_null() {
        // SAFETY: it is not null, so it is the caller's.
        let room = unsafe { size.read() } as usize;
        if entry.len() > room {
            return IoReturn::NO_SPACE;
        }
        // SAFETY: there are `room` bytes, for the caller to be written.
        let data = unsafe { slice::from_raw_parts_mut(data.cast::<MaybeUninit<u8>>(), room) };
        let copied = entry.copy_to(data);
        // SAFETY: as above.
        unsafe { size.write(copied as u32) };
    }
    entry.remove();
    IoReturn::SUCCESS
}

/// `IODataQueueEnqueue` (DQ-9) but for the notification: whether one is to be sent now, if the entry has been put in;
/// `kIOReturnOverrun` if there is no room, after which one is to be attempted too; `kIOReturnUnderrun` for a broken queue.
///
/// # Safety
///
/// `memory` is a data queue's, as for [`data_available`], and not null. `size` bytes at `data` are the caller's, to be read,
/// outside of the queue; `data` may be null if there are none.
pub unsafe fn enqueue(memory: *mut u8, data: *const u8, size: u32) -> Result<bool, IoReturn> {
    let memory = NonNull::new(memory).ok_or(IoReturn::BAD_ARGUMENT)?;
    let entry = match size {
        0 => &[],
        // SAFETY: the caller's promise.
        _ => unsafe { slice::from_raw_parts(data, size as usize) },
    };
    // SAFETY: the caller's promise.
    unsafe { queue(memory) }.enqueue(entry).map_err(|refused| match refused {
        Refused::Full(_) => IoReturn::OVERRUN,
        Refused::Corrupt(_) => IoReturn::UNDERRUN,
    })
}
