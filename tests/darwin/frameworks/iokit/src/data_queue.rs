//! `<IOKit/IODataQueueClient.h>`: what the user's library does with a queue in memory (DQ-8 … DQ-12).

use crate::abi::*;
use crate::mach_message::{self, RCV_MSG, SEND_MSG, SEND_TIMEOUT, TRAILER_SIZE};
use crate::mach_port::COPY_SEND;
use crate::machine::running;
use crate::pointers::update;
use darwin_calls::{complain, misuse};
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL, PortRight};
use iokit_uc::memory::queue::{DATA, ENTRY_HEADER, raw};
use std::ptr;

const HEADER_SIZE: usize = size_of::<mach_msg_header_t>();
/// Where the message is in what follows the data: a version is before it.
const MESSAGE: usize = 4;

/// A queue as the library's functions take it, or null.
fn memory(queue: *mut IODataQueueMemory) -> *mut u8 {
    if !queue.addr().is_multiple_of(align_of::<u32>()) {
        misuse(format_args!("{:#x} is no queue: it is not aligned to 4 bytes", queue.addr()));
    }
    queue.cast()
}

/// # Safety
///
/// `queue` must be null, or to a queue: three words, and as many bytes of data as the first says, fit to be written.
pub(crate) unsafe fn IODataQueueDataAvailable(queue: *mut IODataQueueMemory) -> Boolean {
    // SAFETY: by the caller's promise.
    unsafe { raw::data_available(memory(queue)) }.into()
}

/// # Safety
///
/// As for [`IODataQueueDataAvailable`].
pub(crate) unsafe fn IODataQueuePeek(queue: *mut IODataQueueMemory) -> *mut IODataQueueEntry {
    // SAFETY: by the caller's promise.
    unsafe { raw::peek(memory(queue)) }.cast()
}

/// # Safety
///
/// As for [`IODataQueueDataAvailable`]. `size` must be null or fit to be read and written, and `data` be null or fit to be
/// written for `*size` bytes.
pub(crate) unsafe fn IODataQueueDequeue(
    queue: *mut IODataQueueMemory,
    data: *mut c_void,
    size: *mut u32,
) -> IOReturn {
    let memory = memory(queue);
    // SAFETY: by the caller's promise.
    let code = unsafe {
        if size.is_null() {
            raw::dequeue(memory, data.cast(), ptr::null_mut())
        } else {
            update(size, "dataSize", |size| raw::dequeue(memory, data.cast(), size))
        }
    };
    code.raw()
}

/// # Safety
///
/// As for [`IODataQueueDataAvailable`], but not null, which is misuse. `data` must be fit to be read for `size` bytes.
pub(crate) unsafe fn IODataQueueEnqueue(
    queue: *mut IODataQueueMemory,
    data: *mut c_void,
    size: u32,
) -> IOReturn {
    let memory = memory(queue);
    if memory.is_null() {
        misuse("`dataQueue` is null, and read");
    }
    if size > u32::MAX - ENTRY_HEADER {
        return IoReturn::OVERRUN.raw();
    }
    // SAFETY: by the caller's promise.
    let entered = unsafe {
        if data.is_null() && size != 0 {
            complain("`data` is null: on a Mac the entry has undefined contents");
            // One that is too long for the queue is so with a byte less.
            let zeros = vec![0; size.min(queue_size(memory).saturating_add(1)) as usize];
            raw::enqueue(memory, zeros.as_ptr(), zeros.len() as u32)
        } else {
            raw::enqueue(memory, data.cast(), size)
        }
    };
    // SAFETY: by the caller's promise.
    let notify = || unsafe { notify(memory) };
    match entered {
        Ok(true) => notify(),
        Ok(false) => IoReturn::SUCCESS.raw(),
        Err(code) => {
            if code == IoReturn::OVERRUN {
                // Whoever is to make room is told again. What comes of it does not matter.
                notify();
            }
            code.raw()
        }
    }
}

/// # Safety
///
/// `memory` must be to a queue.
unsafe fn queue_size(memory: *const u8) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe { memory.cast::<u32>().read_volatile() }
}

/// What follows the data: after it a queue that is shared has its message. One that is not has something else there.
///
/// # Safety
///
/// `memory` must be to a queue.
unsafe fn message(memory: *mut u8) -> *mut mach_msg_header_t {
    // SAFETY: by the caller's promise.
    let data = unsafe { queue_size(memory) } as usize;
    memory.wrapping_add(DATA + data + MESSAGE).cast()
}

/// Sends the queue's message, if it has a port to go to.
///
/// # Safety
///
/// `memory` must be to a queue that is shared.
unsafe fn notify(memory: *mut u8) -> mach_msg_return_t {
    // SAFETY: by the caller's promise, it is there.
    let mut header = unsafe { message(memory).read_unaligned() };
    if header.msgh_remote_port == NULL {
        return IoReturn::SUCCESS.raw();
    }
    if header.msgh_size as usize != HEADER_SIZE {
        misuse(format_args!("the queue's message has {} bytes: no port was set", header.msgh_size));
    }
    // SAFETY: a header, and no more is sent.
    unsafe {
        mach_message::mach_msg(&mut header, SEND_MSG | SEND_TIMEOUT, header.msgh_size, 0, NULL, 0, NULL)
    }
}

/// # Safety
///
/// `queue` must be null, or to a queue that is shared.
pub(crate) unsafe fn IODataQueueSetNotificationPort(
    queue: *mut IODataQueueMemory,
    port: mach_port_t,
) -> IOReturn {
    let memory = memory(queue);
    if memory.is_null() {
        return IoReturn::BAD_ARGUMENT.raw();
    }
    // SAFETY: by the caller's promise.
    unsafe {
        let message = message(memory);
        let header = mach_msg_header_t {
            msgh_bits: COPY_SEND,
            msgh_size: HEADER_SIZE as mach_msg_size_t,
            msgh_remote_port: port,
            // It stays as it is.
            msgh_voucher_port: message.read_unaligned().msgh_voucher_port,
            ..Default::default()
        };
        message.write_unaligned(header);
    }
    IoReturn::SUCCESS.raw()
}

/// A receive right, and no send right (DQ-11).
pub(crate) fn IODataQueueAllocateNotificationPort() -> mach_port_t {
    let (running, mut port) = (running(), NULL);
    let allocated = running.task().mach_port_allocate(PortRight::Receive, &mut port);
    if allocated.is_success() && running.task().set_queue_limit(port, 1).is_success() { port } else { NULL }
}

pub(crate) fn IODataQueueWaitForAvailableData(queue: *mut IODataQueueMemory, port: mach_port_t) -> IOReturn {
    if queue.is_null() || port == NULL {
        return IoReturn::BAD_ARGUMENT.raw();
    }
    let mut message = [mach_msg_header_t::default(); 2];
    let size = (HEADER_SIZE + TRAILER_SIZE) as mach_msg_size_t;
    // SAFETY: there is room for a header and a trailer.
    unsafe { mach_message::mach_msg(message.as_mut_ptr(), RCV_MSG, 0, size, port, 0, NULL) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c::mach_port_get_refs;
    use crate::mach_port::MAKE_SEND;
    use crate::machine::on;
    use crate::releasing::mach_port_destroy;
    use darwin_calls::catch;

    /// A queue for so many bytes, and room for a version and a message after them.
    fn queue(size: u32) -> Vec<u32> {
        let mut memory = vec![0; (DATA + size as usize + MESSAGE + HEADER_SIZE).div_ceil(4)];
        memory[0] = size;
        memory
    }

    fn start(memory: &mut [u32]) -> *mut IODataQueueMemory {
        memory.as_mut_ptr().cast()
    }

    fn enqueue(memory: &mut [u32], entry: &[u8]) -> IoReturn {
        // SAFETY: a queue, and an entry.
        let code = unsafe {
            IODataQueueEnqueue(start(memory), entry.as_ptr().cast_mut().cast(), entry.len() as u32)
        };
        IoReturn::from_raw(code)
    }

    /// With room for `size` bytes.
    fn dequeue(memory: &mut [u32], mut size: u32) -> Result<Vec<u8>, (IoReturn, u32)> {
        let mut data = vec![0; size as usize];
        // SAFETY: a queue, and as much room as is told.
        let code = unsafe { IODataQueueDequeue(start(memory), data.as_mut_ptr().cast(), &mut size) };
        IoReturn::from_raw(code).result().map_err(|code| (code, size))?;
        data.truncate(size as usize);
        Ok(data)
    }

    #[test]
    fn dq_08_an_entry_is_taken_out_or_stays_with_the_size_untold() {
        let mut memory = queue(32);
        assert_eq!(dequeue(&mut memory, 8), Err((IoReturn::UNDERRUN, 8)));
        assert_eq!(enqueue(&mut memory, b"entry"), IoReturn::SUCCESS);
        assert_eq!(dequeue(&mut memory, 4), Err((IoReturn::NO_SPACE, 4)));
        assert_eq!(dequeue(&mut memory, 8), Ok(b"entry".to_vec()));
    }

    #[test]
    fn dq_08_what_is_null() {
        let mut memory = queue(32);
        enqueue(&mut memory, b"entry");
        let null = ptr::null_mut();
        // SAFETY: a queue or null, and null for what is not wanted.
        unsafe {
            assert_eq!(IODataQueueDataAvailable(ptr::null_mut()), 0);
            assert!(IODataQueuePeek(ptr::null_mut()).is_null());
            let code = IODataQueueDequeue(ptr::null_mut(), null, ptr::null_mut());
            assert_eq!(code, IoReturn::BAD_ARGUMENT.raw());
            let mut byte = 0u8;
            let code = IODataQueueDequeue(start(&mut memory), (&raw mut byte).cast(), ptr::null_mut());
            assert_eq!(code, IoReturn::BAD_ARGUMENT.raw());
            assert_eq!(IODataQueueDataAvailable(start(&mut memory)), 1);
            assert_eq!(IODataQueueDequeue(start(&mut memory), null, ptr::null_mut()), 0);
            assert_eq!(IODataQueueDataAvailable(start(&mut memory)), 0);
        }
    }

    #[test]
    fn dq_09_full_and_corrupt() {
        let mut memory = queue(16);
        assert_eq!(enqueue(&mut memory, &[7; 13]), IoReturn::OVERRUN);
        assert_eq!(enqueue(&mut memory, &[7; 12]), IoReturn::SUCCESS);
        assert_eq!(enqueue(&mut memory, b""), IoReturn::OVERRUN);
        // SAFETY: a queue. The entry is not looked at.
        let code = unsafe { IODataQueueEnqueue(start(&mut memory), ptr::null_mut(), u32::MAX - 3) };
        assert_eq!(code, IoReturn::OVERRUN.raw());
        memory[2] = 17;
        assert_eq!(enqueue(&mut memory, b""), IoReturn::UNDERRUN);
    }

    #[test]
    fn dq_09_an_entry_is_stored_though_its_message_is_not_sent() {
        on("empty", || {
            let mut memory = queue(32);
            let port = IODataQueueAllocateNotificationPort();
            // SAFETY: a queue with its message.
            let set =
                |memory: &mut [u32], port| unsafe { IODataQueueSetNotificationPort(start(memory), port) };
            assert_eq!(set(&mut memory, port), 0);
            // No send right.
            assert_eq!(enqueue(&mut memory, b"1"), IoReturn::MACH_SEND_INVALID_DEST);
            assert_eq!(dequeue(&mut memory, 8), Ok(b"1".to_vec()));
            let task = running().task().mach_task_self();
            assert_eq!(crate::c::mach_port_insert_right(task, port, port, MAKE_SEND), 0);
            assert_eq!(enqueue(&mut memory, b"2"), IoReturn::SUCCESS);
            assert_eq!(dequeue(&mut memory, 8), Ok(b"2".to_vec()));
            // One is there already, and there is room for one.
            assert_eq!(enqueue(&mut memory, b"3"), IoReturn::MACH_SEND_TIMED_OUT);
            assert_eq!(dequeue(&mut memory, 8), Ok(b"3".to_vec()));
            assert_eq!(running().task().queued_messages(port), 1);
            assert_eq!(IODataQueueWaitForAvailableData(start(&mut memory), port), 0);
            assert_eq!(set(&mut memory, NULL), 0);
            assert_eq!(enqueue(&mut memory, b"4"), IoReturn::SUCCESS);
            assert_eq!(running().task().queued_messages(port), 0);
            assert_eq!(mach_port_destroy(task, port), 0);
        });
    }

    #[test]
    fn dq_11_a_port_is_a_receive_right_alone() {
        on("empty", || {
            let port = IODataQueueAllocateNotificationPort();
            let task = running().task().mach_task_self();
            for (right, expected) in [(0, 0), (1, 1)] {
                let mut references = 77;
                // SAFETY: a variable.
                unsafe { mach_port_get_refs(task, port, right, &mut references) };
                assert_eq!(references, expected);
            }
            let mut memory = queue(16);
            let bad_argument = IoReturn::BAD_ARGUMENT.raw();
            assert_eq!(IODataQueueWaitForAvailableData(ptr::null_mut(), port), bad_argument);
            assert_eq!(IODataQueueWaitForAvailableData(start(&mut memory), NULL), bad_argument);
            assert_eq!(
                IODataQueueWaitForAvailableData(start(&mut memory), task),
                IoReturn::MACH_RCV_INVALID_NAME.raw()
            );
            mach_port_destroy(task, port);
        });
    }

    #[test]
    fn dq_12_a_port_is_not_looked_at_but_a_queue_must_be_there() {
        on("empty", || {
            let mut memory = queue(16);
            // SAFETY: a queue with its message, or null.
            unsafe {
                assert_eq!(IODataQueueSetNotificationPort(start(&mut memory), 0xdead), 0);
                let code = IODataQueueSetNotificationPort(ptr::null_mut(), NULL);
                assert_eq!(code, IoReturn::BAD_ARGUMENT.raw());
            }
            // The version before it is left alone.
            assert_eq!(memory[7..], [0, COPY_SEND, 24, 0xdead, 0, 0, 0]);
        });
    }

    #[test]
    fn what_a_mac_would_crash_at_is_misuse() {
        // SAFETY: null is misuse, and so is what is not aligned: neither is looked at.
        let enqueue = catch(|| unsafe { IODataQueueEnqueue(ptr::null_mut(), ptr::null_mut(), 0) });
        assert!(enqueue.unwrap_err().contains("`dataQueue` is null"));
        // SAFETY: as above.
        let available = catch(|| unsafe { IODataQueueDataAvailable(ptr::without_provenance_mut(6)) });
        assert!(available.unwrap_err().contains("not aligned"));
    }

    #[test]
    fn an_entry_without_data_is_stored_and_complained_about() {
        let (mut memory, before) = (queue(16), darwin_calls::complaints());
        // SAFETY: a queue.
        assert_eq!(unsafe { IODataQueueEnqueue(start(&mut memory), ptr::null_mut(), 3) }, 0);
        assert!(darwin_calls::complaints() > before);
        assert_eq!(dequeue(&mut memory, 8).map(|entry| entry.len()), Ok(3));
    }
}
