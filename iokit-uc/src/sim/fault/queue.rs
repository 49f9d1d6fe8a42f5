//! What can be wrong with a data queue.

use crate::arch;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::memory::MemoryDescriptor;
use crate::memory::queue::{DATA, ENTRY_HEADER, HEAD, QUEUE_SIZE, TAIL};

/// A word of a data queue that says what cannot be (DQ-3), as a driver with a fault would write it, or a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueueDamage {
    /// `queueSize`: the number of bytes of data.
    Size(u32),
    /// `head`: where the next entry is taken out.
    Head(u32),
    /// `tail`: where the next entry is put in.
    Tail(u32),
    /// The number of bytes that the entry at the head says to have. If there is none it is where the next one will be.
    Entry(u32),
}

impl QueueDamage {
    /// Does the damage to memory of a driver's, for tests that have it at hand:
    /// [`DataQueue::descriptor`](crate::DataQueue::descriptor). For those that do not,
    /// [`Fault::corrupt_queue`](super::Fault::corrupt_queue).
    ///
    /// `kIOReturnBadArgument` if the memory is too small for a queue, or begins amid a word.
    pub fn apply(self, memory: &MemoryDescriptor) -> Result<()> {
        if !has_header(memory) {
            let text = format!("{} bytes of memory are no data queue", memory.length());
            let call = Call::Function("QueueDamage::apply");
            return Err(Error::new(call, IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(text.into())));
        }
        let base = memory.base().as_ptr();
        // SAFETY: the header is mapped for reading and writing while there is a handle on the descriptor, and is aligned: so it
        // has been found.
        unsafe {
            match self {
                Self::Size(size) => arch::store::<u32, QUEUE_SIZE>(base, size),
                Self::Head(head) => arch::store::<u32, HEAD>(base, head),
                Self::Tail(tail) => arch::store::<u32, TAIL>(base, tail),
                Self::Entry(bytes) => damage_entry(memory, arch::load::<u32, HEAD>(base), bytes),
            }
        }
        Ok(())
    }
}

fn damage_entry(memory: &MemoryDescriptor, head: u32, bytes: u32) {
    let room = memory.length() - DATA;
    let fits = |at: u32| at as usize + ENTRY_HEADER as usize <= room;
    // Without room for its header there, the entry is at 0 (DQ-4).
    if let Some(at) = [head, 0].into_iter().find(|&at| fits(at)) {
        let word = bytes.to_ne_bytes();
        // SAFETY: four bytes from `at` on lie within the memory, which is mapped for writing while there is a handle on it.
        unsafe { arch::copy_in(word.as_ptr(), memory.base().as_ptr().add(DATA + at as usize), word.len()) };
    }
}

fn has_header(memory: &MemoryDescriptor) -> bool {
    memory.length() >= DATA && memory.base().cast::<u32>().is_aligned()
}

/// Whether memory is laid out as `IOSharedDataQueue` lays it out.
pub(in crate::sim) fn is_queue(memory: &MemoryDescriptor) -> bool {
    use crate::memory::queue::APPENDIX;
    if !has_header(memory) {
        return false;
    }
    let base = memory.base().as_ptr();
    // SAFETY: as in `QueueDamage::apply`.
    let [size, head, tail] = unsafe {
        [arch::load::<u32, QUEUE_SIZE>(base), arch::load::<u32, HEAD>(base), arch::load::<u32, TAIL>(base)]
    };
    size > 0 && size as usize + DATA + APPENDIX == memory.length() && head <= size && tail <= size
}
