//! Memory of a driver's, that tasks can map.

mod options;
// Simulated tasks have pages of their own. Where there are none to be had, and where nothing maps, there is one view.
#[cfg_attr(all(feature = "sim", unix, not(miri)), path = "pages.rs")]
#[cfg_attr(not(all(feature = "sim", unix, not(miri))), path = "one_view.rs")]
mod pages;

pub use options::MapOptions;
use pages::Pages;
#[cfg(feature = "sim")]
pub(crate) use pages::{MappedRange, page_size};

#[cfg(feature = "sim")]
use super::Address;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

/// `IOMemoryDescriptor`: memory of a driver's, that tasks can map.
///
/// A handle: clones are one descriptor, which is what counts when a task maps it twice (MEM-6). The memory is both
/// readable and writable for the driver; what tasks may do with it, the driver tells each time
/// ([`MapOptions::READ_ONLY`]).
///
/// With the feature `sim`, on Unix, the memory is pages of the host's, and each mapping a view of them at an address and
/// with a protection of its own. Otherwise, and under Miri, there is one view of it: the driver's. A page is as large as
/// the host's: 4 KiB with most processors, 16 KiB on Apple silicon.
#[derive(Clone)]
#[doc(alias = "IOBufferMemoryDescriptor")]
pub struct MemoryDescriptor(Arc<Part>);

/// A part of some memory, or all of it.
struct Part {
    memory: Arc<Memory>,
    offset: usize,
    length: usize,
}

enum Memory {
    /// The driver's.
    Pages(Pages),
    /// A task's.
    #[cfg(feature = "sim")]
    Task { task: TaskId, address: Address },
}

/// A task of a simulated kernel, as its `Task::id` tells it.
#[cfg(feature = "sim")]
type TaskId = (usize, usize);

impl MemoryDescriptor {
    /// `IOBufferMemoryDescriptor::withCapacity`: `length` bytes of new memory, all zero, which begins at a page.
    ///
    /// There may be 0 bytes, which nothing can map (MEM-1). `kIOReturnNoMemory` if the host has not as much.
    #[doc(alias = "withCapacity")]
    pub fn new(length: usize) -> Result<Self> {
        let pages = Pages::new(length).ok_or_else(|| {
            Error::new(Call::Function("IOBufferMemoryDescriptor::withCapacity"), IoReturn::NO_MEMORY)
                .with_detail(Detail::Text(format!("{length} bytes of memory were asked for").into()))
        })?;
        Ok(Self::all_of(Memory::Pages(pages), length))
    }

    /// `IOMemoryDescriptor::withAddressRange`: memory that a task has already.
    ///
    /// # Safety
    ///
    /// As long as a handle or a mapping lives, so does the memory, and nobody has a reference into it.
    #[cfg(feature = "sim")]
    pub(crate) unsafe fn of_task(task: TaskId, address: NonNull<u8>, length: usize) -> Self {
        Self::all_of(Memory::Task { task, address: Address(address) }, length)
    }

    fn all_of(memory: Memory, length: usize) -> Self {
        Self(Arc::new(Part { memory: Arc::new(memory), offset: 0, length }))
    }

    /// `IOSubMemoryDescriptor::withSubRange`: part of it, as a descriptor of its own over the same memory. It may begin
    /// and end anywhere, and so does what is mapped of it (MEM-4).
    ///
    /// `kIOReturnBadArgument` if it does not lie within.
    #[doc(alias = "withSubRange")]
    pub fn sub_range(&self, offset: usize, length: usize) -> Result<Self> {
        let part = &*self.0;
        if offset.checked_add(length).is_none_or(|end| end > part.length) {
            let text =
                format!("{length} bytes from {offset} on do not lie within the {} there are", part.length);
            return Err(Error::new(
                Call::Function("IOSubMemoryDescriptor::withSubRange"),
                IoReturn::BAD_ARGUMENT,
            )
            .with_detail(Detail::Text(text.into())));
        }
        Ok(Self(Arc::new(Part { memory: Arc::clone(&part.memory), offset: part.offset + offset, length })))
    }

    /// `getLength`: its length in bytes.
    #[doc(alias = "getLength")]
    pub fn length(&self) -> usize {
        self.0.length
    }

    /// Whether both are one descriptor.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Where the driver sees it, for as long as it has a handle: readable and writable. Dangling if there are no bytes.
    pub(crate) fn base(&self) -> NonNull<u8> {
        let base = match &*self.0.memory {
            Memory::Pages(pages) => pages.base(),
            #[cfg(feature = "sim")]
            Memory::Task { address, .. } => address.0,
        };
        // SAFETY: the part lies within the memory, whose size is an `isize`.
        unsafe { base.add(self.0.offset) }
    }
}

/// What a kernel asks that maps it.
#[cfg(feature = "sim")]
impl MemoryDescriptor {
    /// Whether both describe the same memory, whatever part of it.
    pub(crate) fn shares_memory(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.memory, &other.0.memory)
    }

    /// Where in the memory it begins.
    pub(crate) fn offset(&self) -> usize {
        self.0.offset
    }

    /// The task whose memory it is, if it is not the driver's.
    pub(crate) fn task(&self) -> Option<TaskId> {
        match &*self.0.memory {
            Memory::Pages(_) => None,
            Memory::Task { task, .. } => Some(*task),
        }
    }

    /// A view of the pages that hold it, for as long as the range lives: at `place`, if that is free, or anywhere. With
    /// `guard` bytes before and behind, which are whole pages that nobody can access. None if the host refuses, if it is a
    /// task's memory, and if there are no bytes.
    pub(crate) fn map(&self, place: Option<usize>, is_writable: bool, guard: usize) -> Option<MappedRange> {
        let Memory::Pages(pages) = &*self.0.memory else { return None };
        let first = self.0.offset - self.offset_in_page();
        let end = (self.0.offset + self.0.length).next_multiple_of(page_size());
        if self.0.length == 0 {
            return None;
        }
        pages.map(&self.0.memory, first, end - first, place, is_writable, guard)
    }

    /// Where in its first page it begins.
    pub(crate) fn offset_in_page(&self) -> usize {
        self.0.offset % page_size()
    }
}

impl fmt::Debug for MemoryDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { offset, length, .. } = *self.0;
        f.debug_struct("MemoryDescriptor")
            .field("offset", &offset)
            .field("length", &length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
