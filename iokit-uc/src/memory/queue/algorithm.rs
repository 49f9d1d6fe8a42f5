//! How entries are put in and taken out.

use super::layout::ENTRY_HEADER;
use std::mem::MaybeUninit;

/// An index of a queue: a byte offset into its data, from 0 to its size inclusive (DQ-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Where the next entry is taken out. The reader alone moves it.
    Head,
    /// Where the next entry is put in. The writer alone moves it.
    Tail,
}

/// The memory of a queue, and the orders in which it is accessed. Any thread or device may change it at any time.
///
/// # Safety
///
/// [`copy_out`](Self::copy_out) writes all of `to`: those that call it take it for initialized.
pub unsafe trait QueueMemory {
    /// Loads an index, in no order.
    fn load(&self, index: Index) -> u32;

    /// Loads an index; what this thread accesses later is accessed after it.
    fn load_acquire(&self, index: Index) -> u32;

    /// Stores an index; what this thread has accessed before is accessed before it.
    fn store_release(&self, index: Index, value: u32);

    /// What this thread has accessed before is accessed before what it accesses later, stores before loads among them.
    fn fence(&self);

    /// Loads a word of the data, which may lie at any offset.
    ///
    /// # Safety
    ///
    /// `offset + 4` is at most the number of bytes of data.
    unsafe fn load_word(&self, offset: u32) -> u32;

    /// Stores a word into the data, at any offset.
    ///
    /// # Safety
    ///
    /// `offset + 4` is at most the number of bytes of data.
    unsafe fn store_word(&self, offset: u32, word: u32);

    /// Copies out of the data.
    ///
    /// # Safety
    ///
    /// `offset + to.len()` is at most the number of bytes of data.
    unsafe fn copy_out(&self, offset: u32, to: &mut [MaybeUninit<u8>]);

    /// Copies the bytes of a `T` out of the data, and writes all of them.
    ///
    /// # Safety
    ///
    /// `offset + size_of::<T>()` is at most the number of bytes of data.
    unsafe fn read<T>(&self, offset: u32) -> MaybeUninit<T> {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: they are the bytes of `value`, which need not be initialized.
        let bytes = unsafe { std::slice::from_raw_parts_mut(value.as_mut_ptr().cast(), size_of::<T>()) };
        // SAFETY: the caller's promise.
        unsafe { self.copy_out(offset, bytes) };
        value
    }

    /// Copies into the data.
    ///
    /// # Safety
    ///
    /// `offset + from.len()` is at most the number of bytes of data.
    unsafe fn copy_in(&self, offset: u32, from: &[u8]);
}

/// A queue: memory, and a copy of its size that nobody else can change (DQ-7).
///
/// One thread puts entries in at a time, and one takes them out. Where more do, entries are lost or garbled; no byte is
/// accessed outside of the data even then.
#[derive(Clone, Debug)]
pub struct Queue<M> {
    memory: M,
    size: u32,
}

/// The indices of a queue as they were loaded, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indices {
    /// Where the next entry is taken out.
    pub head: u32,
    /// Where the next entry is put in.
    pub tail: u32,
    /// The bytes of data.
    pub size: u32,
}

/// What lies in a queue contradicts itself: one side has broken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt {
    /// The indices.
    pub indices: Indices,
    /// The number of bytes that the entry at the head claims to have, if the indices alone are in order.
    pub entry: Option<u32>,
}

/// Why an entry was not put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no room for it now, or never will be.
    Full(Indices),
    /// The queue is broken.
    Corrupt(Corrupt),
}

/// Where an entry goes.
pub(super) struct Place {
    at: u32,
    next: u32,
    /// It begins anew at 0, though there are bytes left at the tail.
    wraps: bool,
}

impl Indices {
    /// The place of an entry of `length` bytes with its header (DQ-4). Both indices are within the size.
    #[inline(always)]
    pub(super) fn place(&self, length: u64) -> Option<Place> {
        let [head, tail, size] = [self.head, self.tail, self.size].map(u64::from);
        let (at, wraps) = if tail < head {
            (head - tail > length).then_some((tail, false))?
        } else if tail + length <= size {
            (tail, false)
        } else {
            (head > length).then_some((0, true))?
        };
        // Both are within the size, which has 32 bits.
        Some(Place { at: at as u32, next: (at + length) as u32, wraps })
    }

    fn corrupt(self, entry: Option<u32>) -> Corrupt {
        Corrupt { indices: self, entry }
    }
}

impl<M: QueueMemory> Queue<M> {
    /// A queue over `memory`.
    ///
    /// # Safety
    ///
    /// `memory` has `size` bytes of data, for as long as the queue or a clone of it is used.
    pub unsafe fn new(memory: M, size: u32) -> Self {
        Self { memory, size }
    }

    /// The bytes of data.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The memory.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// Puts an entry in (DQ-4). Returns whether the queue was empty, so that whoever waits for entries has to be told.
    ///
    /// It is told rightly: either this finds the reader's index at the old tail, or the reader, which looks again after it
    /// has moved its index there, finds the new tail. Each stores its own index before it loads the other's, with a fence
    /// between.
    #[inline(always)]
    pub fn enqueue(&self, entry: &[u8]) -> Result<bool, Refused> {
        let tail = self.memory.load(Index::Tail);
        let head = self.memory.load_acquire(Index::Head);
        let indices = Indices { head, tail, size: self.size };
        let length = entry.len() as u64 + u64::from(ENTRY_HEADER);
        if length > u64::from(u32::MAX) {
            return Err(Refused::Full(indices));
        }
        if tail > self.size || head > self.size {
            return Err(Refused::Corrupt(indices.corrupt(None)));
        }
        let Place { at, next, wraps } = indices.place(length).ok_or(Refused::Full(indices))?;
        let bytes = length as u32 - ENTRY_HEADER;
        // SAFETY: `place` finds `length` bytes at `at`, of which the first four are the header.
        unsafe {
            self.memory.store_word(at, bytes);
            self.memory.copy_in(at + ENTRY_HEADER, entry);
        }
        if wraps && self.size - tail >= ENTRY_HEADER {
            // By this word, which has more bytes than are left, the reader knows that the entry is at 0.
            // SAFETY: there are four bytes from `tail` to the size.
            unsafe { self.memory.store_word(tail, bytes) };
        }
        self.memory.store_release(Index::Tail, next);
        if tail == head {
            return Ok(true);
        }
        self.memory.fence();
        Ok(self.memory.load(Index::Head) == tail)
    }

    /// Whether the indices differ.
    #[inline]
    pub fn data_available(&self) -> bool {
        self.memory.load(Index::Head) != self.memory.load(Index::Tail)
    }

    /// The entry at the head, which stays there; none if the queue is empty (DQ-5, DQ-6).
    ///
    /// It looks at what the kernel looks at. See [`Entry::check`] for what it does not.
    #[inline(always)]
    pub fn first(&self) -> Result<Option<Entry<'_, M>>, Corrupt> {
        let head = self.memory.load(Index::Head);
        let tail = self.memory.load_acquire(Index::Tail);
        let indices = Indices { head, tail, size: self.size };
        if head == tail {
            return Ok(None);
        }
        if head > self.size {
            return Err(indices.corrupt(None));
        }
        let left = self.size - head;
        if left >= ENTRY_HEADER {
            // SAFETY: there are four bytes from `head` to the size.
            let length = unsafe { self.memory.load_word(head) };
            if length <= left - ENTRY_HEADER {
                let start = head + ENTRY_HEADER;
                return Ok(Some(Entry { queue: self, indices, start, length, wrapped: false }));
            }
        }
        if self.size < ENTRY_HEADER {
            return Err(indices.corrupt(None));
        }
        // SAFETY: there are four bytes.
        let length = unsafe { self.memory.load_word(0) };
        if length > self.size - ENTRY_HEADER {
            return Err(indices.corrupt(Some(length)));
        }
        Ok(Some(Entry { queue: self, indices, start: ENTRY_HEADER, length, wrapped: true }))
    }
}

/// An entry at the head of a queue.
#[derive(Debug)]
pub struct Entry<'q, M> {
    queue: &'q Queue<M>,
    indices: Indices,
    /// `start + length` is at most the queue's size.
    start: u32,
    length: u32,
    wrapped: bool,
}

impl<M: QueueMemory> Entry<'_, M> {
    /// How many bytes it has.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "an entry without bytes is one, too")]
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Where its header begins in the data.
    pub fn offset(&self) -> u32 {
        self.start - ENTRY_HEADER
    }

    fn next(&self) -> u32 {
        self.start + self.length
    }

    /// Whether it ends where there is data: at the tail at the latest. An entry that goes beyond would set the head past the
    /// tail, and from there on what is taken out would be anything.
    #[inline(always)]
    pub fn check(&self) -> Result<(), Corrupt> {
        let Indices { head, tail, size } = self.indices;
        if tail > size {
            return Err(self.indices.corrupt(None));
        }
        let goes_round = tail < head;
        let fits = match (self.wrapped, goes_round) {
            (true, false) => false,
            (false, true) => true,
            (true, true) | (false, false) => self.next() <= tail,
        };
        if fits { Ok(()) } else { Err(self.indices.corrupt(Some(self.length))) }
    }

    /// Copies the first bytes of it, as many as `to` has, or all if that has more. Returns how many, which are initialized then.
    #[inline(always)]
    pub fn copy_to(&self, to: &mut [MaybeUninit<u8>]) -> usize {
        let length = to.len().min(self.length as usize);
        // SAFETY: `start + length` is at most the queue's size.
        unsafe { self.queue.memory.copy_out(self.start, &mut to[..length]) };
        length
    }

    /// The bytes of it, all of which are written, if it has as many as a `T`.
    #[inline(always)]
    pub fn read<T>(&self) -> Option<MaybeUninit<T>> {
        // SAFETY: `start + length` is at most the queue's size, and `length` is that of a `T`.
        (self.len() == size_of::<T>()).then(|| unsafe { self.queue.memory.read(self.start) })
    }

    /// Takes it out.
    #[inline(always)]
    pub fn remove(self) {
        let next = self.next();
        self.queue.memory.store_release(Index::Head, next);
        if next == self.indices.tail {
            // Before the tail is looked at again: see `enqueue`.
            self.queue.memory.fence();
        }
    }
}
