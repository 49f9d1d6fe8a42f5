//! Queues as drivers make them, and as tasks find them.

use super::end::{DriverEnd, Side, TaskEnd};
use super::{DataQueue, Origin, QueueEntry};
use crate::connection::Connection;
use crate::error::{Call, Detail, Error, IoReturn, MemoryName, Result};
use crate::interface::QueueBell;
use crate::mapping::Mapping;
use crate::memory::queue::{APPENDIX, DATA, ENTRY_HEADER, Queue, SharedMemory, attach, create};
use crate::memory::{CacheMode, MemoryDescriptor};
use crate::wire::Structure;
use std::marker::PhantomData;
use std::sync::Arc;

impl<T: Structure> DataQueue<T> {
    /// `IOSharedDataQueue::withEntries`: a driver's new queue with room for `entries` at least, and for one more if they are
    /// put in before any is taken out.
    pub fn with_entries(entries: usize) -> Result<Self> {
        const FUNCTION: &str = "IOSharedDataQueue::withEntries";
        let entry = size_of::<T>() + ENTRY_HEADER as usize;
        let size = entries.checked_add(1).and_then(|entries| entries.checked_mul(entry));
        let too_large = || match (SIZE_MAX as usize / entry).checked_sub(1) {
            Some(limit) => {
                let (given, limit) = (entries as u64, limit as u64);
                Detail::Limit { what: "entries of a data queue", given, limit }
            }
            // Not even one, and room for one more is made.
            None => {
                Detail::Limit { what: "bytes of a data queue", given: entry as u64, limit: SIZE_MAX.into() }
            }
        };
        let size = size.and_then(|size| u32::try_from(size).ok()).filter(|&size| size <= SIZE_MAX);
        let size = size.ok_or_else(|| refused(FUNCTION, too_large()))?;
        Self::make(FUNCTION, size)
    }
}

impl DataQueue<[u8]> {
    /// `IOSharedDataQueue::withCapacity`: a driver's new queue with `bytes` of room, of which each entry takes 4 more than it
    /// has.
    pub fn with_capacity(bytes: usize) -> Result<Self> {
        const FUNCTION: &str = "IOSharedDataQueue::withCapacity";
        if bytes == 0 {
            return Err(refused(FUNCTION, Detail::Text("a data queue of 0 bytes".into())));
        }
        let limit = SIZE_MAX.into();
        let too_large = || Detail::Limit { what: "bytes of a data queue", given: bytes as u64, limit };
        let size = u32::try_from(bytes).ok().filter(|&size| size <= SIZE_MAX);
        let size = size.ok_or_else(|| refused(FUNCTION, too_large()))?;
        Self::make(FUNCTION, size)
    }
}

/// The most bytes of a queue: header and appendix are within 32 bits too.
const SIZE_MAX: u32 = u32::MAX - (DATA + APPENDIX) as u32;

fn refused(function: &'static str, detail: Detail) -> Error {
    Error::new(Call::Function(function), IoReturn::BAD_ARGUMENT).with_detail(detail)
}

impl<T: ?Sized> DataQueue<T> {
    fn make(function: &'static str, size: u32) -> Result<Self> {
        let call = Call::Function(function);
        let descriptor =
            MemoryDescriptor::new(DATA + size as usize + APPENDIX).map_err(|error| error.at(call))?;
        // SAFETY: the descriptor is kept with the queue, and while there is a handle of it, its memory is mapped for reading
        // and writing. It is new, so it is all zero.
        let queue = unsafe { create(descriptor.base(), descriptor.length(), size) };
        let queue = queue.map_err(|bad| {
            Error::new(call, IoReturn::INTERNAL_ERROR).with_detail(Detail::Text(bad.to_string().into()))
        })?;
        Ok(Self::driver(queue, DriverEnd::new(descriptor, Arc::<QueueBell>::default())))
    }

    pub(super) fn driver(queue: Queue<SharedMemory>, end: DriverEnd) -> Self {
        Self { queue, side: Side::Driver(end), origin: Origin::Driver, over: false, entries: PhantomData }
    }
}

impl<T: QueueEntry + ?Sized> DataQueue<T> {
    /// The client's end of the queue of a trait's method.
    pub(crate) fn open_method(connection: &Connection, name: &'static MemoryName) -> Result<Self> {
        let mapping = connection.map_method(name, CacheMode::Default)?;
        Self::open(connection, mapping, name.memory_type, Origin::Method(name))
    }

    fn open(
        connection: &Connection,
        mapping: Mapping<[u8]>,
        memory_type: u32,
        origin: Origin,
    ) -> Result<Self> {
        let bad = |reason: String| {
            Error::new(origin.call("IOConnectMapMemory64"), IoReturn::IPC_ERROR)
                .with_detail(Detail::Text(format!("this is no data queue: {reason}").into()))
        };
        // SAFETY: the mapping is kept with the queue, and is for reading and writing. That a queue does not lie in a device's
        // memory is the driver's to see to.
        let queue =
            unsafe { attach(mapping.base(), mapping.size()) }.map_err(|fault| bad(fault.to_string()))?;
        let least = T::LAYOUT.map_or(0, |layout| layout.size()) as u64 + u64::from(ENTRY_HEADER);
        if u64::from(queue.size()) < least {
            return Err(bad(format!("its `queueSize` is {}, an entry takes {least} bytes", queue.size())));
        }
        let side = Side::Task(TaskEnd::new(connection, mapping, memory_type));
        Ok(Self { queue, side, origin, over: false, entries: PhantomData })
    }
}

impl Connection {
    /// `IOConnectMapMemory64` of a data queue that no trait describes: of entries that are a structure `T`, or of any size,
    /// `[u8]`.
    ///
    /// Memory that is too small for the size that its header states, or that states none, is an error that tells the figures.
    pub fn data_queue<T: QueueEntry + ?Sized>(&self, memory_type: u32) -> Result<DataQueue<T>> {
        let mapping = self.map_memory(memory_type, CacheMode::Default)?;
        DataQueue::open(self, mapping, memory_type, Origin::Type(memory_type))
    }
}
