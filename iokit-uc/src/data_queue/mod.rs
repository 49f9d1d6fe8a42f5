//! Data queues: entries that a driver and a task pass each other through mapped memory.

mod end;
mod entry;
mod make;
#[cfg(test)]
mod tests;
mod wait;

pub use entry::QueueEntry;
pub use wait::{DataQueueIntoIter, DataQueueIter};

use crate::error::{Call, Detail, Error, IoReturn, MemoryName, Result};
use crate::interface::{QueueBell, SendRight};
use crate::memory::MemoryDescriptor;
use crate::memory::queue::{Corrupt, Entry, Queue, Refused, SharedMemory};
use end::Side;
use entry::Misfit;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// `IODataQueueMemory`: entries that a driver and a task pass each other through mapped memory, first in, first out, without
/// a call of the kernel for each.
///
/// `T` is a [`Structure`](crate::Structure), which every entry is; or `[u8]`, if they have any size. A driver
/// [makes](Self::with_entries) a queue and puts entries in, and returns [another handle](Self::share) from its method
/// with `#[uc(queue = …)]`; the task maps it by that method, or by [`Connection::data_queue`](crate::Connection::data_queue), and
/// takes them out. The other direction is a queue into which the task puts and from which the driver takes.
///
/// [`dequeue`](Self::dequeue) waits for nothing. For who waits, it is a stream for any executor, and for none an iterator
/// that blocks: an item is an error if an entry has another size than `T`, and others follow. The stream ends
///
/// - with `kIOReturnError`, when one side has broken the queue: nothing can be told of it any more;
/// - when the service is terminated, with `kIOReturnNoDevice`; when the connection is closed or its
///   [`NotificationPort`](crate::NotificationPort) dropped, with `kIOReturnAborted`: what lies in the queue comes before that;
/// - without an error on a driver's own handle, when it is the last and nobody is left to put anything in.
///
/// It is an `IntoIterator` and not an `Iterator`, whose methods have the names of a stream's.
///
/// One thread puts entries in at a time, and one takes them out. Where several handles do the same, entries are lost or
/// garbled, as they are when the other side is hostile: that is an error or a wrong entry, and no byte is accessed outside of
/// the queue.
///
/// ```
/// use iokit_uc::{DataQueue, Result};
///
/// let mut driver = DataQueue::<[u32; 2]>::with_entries(16)?;
/// let mut events = driver.share()?;
/// driver.enqueue(&[1, 2])?;
/// driver.enqueue(&[3, 4])?;
/// drop(driver);
/// let all: Result<Vec<_>> = events.into_iter().collect();
/// assert_eq!(all?, [[1, 2], [3, 4]]);
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[doc(alias = "IODataQueue")]
#[doc(alias = "IOSharedDataQueue")]
#[doc(alias = "IODataQueueMemory")]
#[must_use = "a task that drops it hears of no entries"]
pub struct DataQueue<T: ?Sized> {
    queue: Queue<SharedMemory>,
    side: Side,
    origin: Origin,
    /// Whether nobody need wait any more.
    over: bool,
    entries: PhantomData<fn(&T)>,
}

/// What errors name.
#[derive(Clone, Copy)]
enum Origin {
    Driver,
    Method(&'static MemoryName),
    Type(u32),
}

impl Origin {
    fn call(self, function: &'static str) -> Call {
        match self {
            Self::Driver => Call::Function(function),
            Self::Method(name) => Call::Memory(name),
            Self::Type(memory_type) => Call::MemoryType { function, memory_type },
        }
    }
}

/// Why no entry could be taken out. It is small, so that what makes an error of it is out of the way of entries.
#[derive(Clone, Copy)]
enum Fault {
    /// There is nothing that could follow.
    Corrupt(Corrupt),
    Misfit(Misfit),
}

fn corrupt(Corrupt { indices, entry }: Corrupt) -> Detail {
    Detail::QueueCorrupt { size: indices.size, head: indices.head, tail: indices.tail, entry }
}

impl<T: ?Sized> DataQueue<T> {
    /// The memory, if it is the driver's own handle.
    pub fn descriptor(&self) -> Option<&MemoryDescriptor> {
        match &self.side {
            Side::Driver(driver) => Some(&driver.descriptor),
            Side::Task(_) => None,
        }
    }

    pub(crate) fn bell(&self) -> Option<&Arc<QueueBell>> {
        match &self.side {
            Side::Driver(driver) => Some(&driver.bell),
            Side::Task(_) => None,
        }
    }

    /// Another handle of the driver's own, to return from its method: what one puts in the other takes out. A task's end has
    /// none, `kIOReturnUnsupported`.
    pub fn share(&self) -> Result<Self> {
        let Side::Driver(driver) = &self.side else {
            let detail = Detail::Text("a task maps a data queue once for each handle".into());
            return Err(Error::new(self.call("DataQueue::share"), IoReturn::UNSUPPORTED).with_detail(detail));
        };
        Ok(Self::driver(self.queue.clone(), driver.share()))
    }

    /// `setNotificationPort`, on the driver's side: where those that wait are told; every handle of the driver's has it. For a
    /// user client written by hand, in its
    /// [`register_notification_port`](crate::interface::UserClient::register_notification_port); a task's end has none.
    pub fn set_notification_port(&self, port: Option<SendRight>) {
        if let Some(bell) = self.bell() {
            bell.set_port(port);
        }
    }

    /// `sendDataAvailableNotification`, on the driver's side: tells whoever waits that there may be entries. It is done by
    /// [`enqueue`](Self::enqueue); a driver does so when a task tells it by a method that it has put something in, for a thread
    /// of its own that waits. A task's end tells nobody.
    #[doc(alias = "sendDataAvailableNotification")]
    pub fn notify(&self) {
        if let Some(bell) = self.bell() {
            bell.ring();
        }
    }

    /// `queueSize`: how many bytes of entries it has room for at most, of which each takes 4 more than it has.
    #[doc(alias = "queueSize")]
    pub fn capacity(&self) -> usize {
        self.queue.size() as usize
    }

    fn call(&self, function: &'static str) -> Call {
        self.origin.call(function)
    }

    /// The entry at the head, if the other side has left it whole.
    #[inline(always)]
    fn first(&self) -> Result<Option<Entry<'_, SharedMemory>>, Fault> {
        let Some(entry) = self.queue.first().map_err(Fault::Corrupt)? else { return Ok(None) };
        entry.check().map_err(Fault::Corrupt)?;
        Ok(Some(entry))
    }

    /// Does something with the entry at the head, and takes it out, but for want of memory.
    #[inline(always)]
    fn take_by(
        &self,
        read: impl FnOnce(&Entry<'_, SharedMemory>) -> Result<(), Misfit>,
    ) -> Result<bool, Fault> {
        let Some(entry) = self.first()? else { return Ok(false) };
        let read = read(&entry);
        if !matches!(read, Err(Misfit::NoMemory)) {
            entry.remove();
        }
        read.map_err(Fault::Misfit)?;
        Ok(true)
    }

    #[cold]
    #[inline(never)]
    fn failed(&self, fault: Fault) -> Error {
        let call = self.call("IODataQueueDequeue");
        match fault {
            Fault::Corrupt(fault) => Error::new(call, IoReturn::ERROR).with_detail(corrupt(fault)),
            Fault::Misfit(Misfit::NoMemory) => Error::new(call, IoReturn::NO_MEMORY),
            Fault::Misfit(Misfit::Size { expected, actual }) => Error::new(call, IoReturn::IPC_ERROR)
                .with_detail(Detail::Entry { expected: expected as u64, actual: actual as u64 }),
        }
    }

    /// The last that it gives.
    fn end_with(&mut self, error: Error) -> Error {
        self.over = true;
        error
    }

    /// The size in bytes of the next entry; `None` if there is none.
    pub fn next_size(&self) -> Result<Option<usize>> {
        match self.first() {
            Ok(first) => Ok(first.map(|entry| entry.len())),
            Err(fault) => Err(self.failed(fault)),
        }
    }

    /// Takes the next entry out without looking at it. Whether there was one.
    pub fn skip(&mut self) -> Result<bool> {
        self.take_by(|_| Ok(())).map_err(|fault| self.failed(fault))
    }
}

impl<T: QueueEntry + ?Sized> DataQueue<T> {
    /// `IODataQueueEnqueue`: puts an entry in. Returns whether the queue was empty.
    ///
    /// On the driver's side whoever waits is told then. On the task's nobody is: if the driver waits for entries, it has to be
    /// told by a method of its.
    ///
    /// Fails with `kIOReturnOverrun` if there is no room, and with `kIOReturnUnderrun` if one side has broken the queue. An
    /// entry lies in one piece, so that one of more than half of the queue's size may find no room though the queue is empty.
    #[doc(alias = "IODataQueueEnqueue")]
    #[inline]
    pub fn enqueue(&mut self, entry: &T) -> Result<bool> {
        let bytes = entry.bytes();
        let was_empty = self.queue.enqueue(bytes).map_err(|refused| self.refused(bytes.len(), refused))?;
        if was_empty {
            self.notify();
        }
        Ok(was_empty)
    }

    #[cold]
    fn refused(&self, entry: usize, refused: Refused) -> Error {
        let (code, detail) = match refused {
            Refused::Full(indices) => {
                let (size, head, tail) = (indices.size, indices.head, indices.tail);
                (IoReturn::OVERRUN, Detail::QueueFull { entry: entry as u64, size, head, tail })
            }
            Refused::Corrupt(fault) => (IoReturn::UNDERRUN, corrupt(fault)),
        };
        Error::new(self.call("IODataQueueEnqueue"), code).with_detail(detail)
    }

    /// `IODataQueueDequeue`: takes the next entry out; `None` if there is none.
    ///
    /// Fails with `kIOReturnError` if one side has broken the queue, and with an error of kind
    /// [`InvalidReply`](crate::ErrorKind::InvalidReply) if the entry has another size than `T`; that is taken out, and others
    /// may follow.
    #[doc(alias = "IODataQueueDequeue")]
    // Always, or the item and an error would share a place in memory, through which all items go.
    #[inline(always)]
    pub fn dequeue(&mut self) -> Result<Option<T::Item>> {
        let mut item = None;
        let taken = self.take_by(|entry| T::read(entry).map(|read| item = Some(read)));
        match taken {
            Ok(_) => Ok(item),
            Err(fault) => Err(self.failed(fault)),
        }
    }

    /// `IODataQueuePeek`: the next entry, which stays; `None` if there is none. Fails as [`dequeue`](Self::dequeue) does.
    #[doc(alias = "IODataQueuePeek")]
    pub fn peek(&self) -> Result<Option<T::Item>> {
        let read = |entry: Entry<'_, SharedMemory>| T::read(&entry).map_err(Fault::Misfit);
        self.first().and_then(|first| first.map(read).transpose()).map_err(|fault| self.failed(fault))
    }
}

impl DataQueue<[u8]> {
    /// Takes the next entry out, in place of what is in `bytes`, which is the room that it needs, or grows. Whether there was
    /// one; if there was none, `bytes` is as it was.
    pub fn dequeue_into(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        self.take_by(|entry| entry::read_into(entry, bytes)).map_err(|fault| self.failed(fault))
    }
}

impl<T: ?Sized> fmt::Debug for DataQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("DataQueue");
        shown.field("capacity", &self.capacity());
        match &self.side {
            Side::Driver(_) => shown.field("owner", &"driver"),
            Side::Task(task) => shown.field("mapping", task.mapping()),
        };
        shown.finish()
    }
}
