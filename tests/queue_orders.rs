//! The algorithm of data queues in all orders of two threads' accesses that loom tries, with every value that a load may
//! give there.
//!
//! What runs is the code of the library, over memory of loom's. Each order and fence of the rules is needed: a weaker one is
//! found.

use iokit_uc::memory::queue::{Index, Queue, QueueMemory, Refused};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use loom::thread;
use std::mem::MaybeUninit;

/// What is weaker than the rules have it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Weakness {
    None,
    /// The writer's load of the head, and the reader's of the tail.
    RelaxedLoad(Index),
    RelaxedStore(Index),
    /// The writer's, or the reader's.
    NoFence(Side),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Writer,
    Reader,
}

/// Memory of loom's. Of a byte of the data, loom tells if both sides access it at once.
struct Modelled {
    head: AtomicU32,
    tail: AtomicU32,
    data: Vec<UnsafeCell<u8>>,
}

/// One side's view of it.
struct View {
    memory: Arc<Modelled>,
    side: Side,
    weakness: Weakness,
}

impl View {
    fn index(&self, index: Index) -> &AtomicU32 {
        match index {
            Index::Head => &self.memory.head,
            Index::Tail => &self.memory.tail,
        }
    }
}

// SAFETY: `copy_out` writes each byte.
unsafe impl QueueMemory for View {
    fn load(&self, index: Index) -> u32 {
        self.index(index).load(Ordering::Relaxed)
    }

    fn load_acquire(&self, index: Index) -> u32 {
        let order =
            if self.weakness == Weakness::RelaxedLoad(index) { Ordering::Relaxed } else { Ordering::Acquire };
        self.index(index).load(order)
    }

    fn store_release(&self, index: Index, value: u32) {
        let order = if self.weakness == Weakness::RelaxedStore(index) {
            Ordering::Relaxed
        } else {
            Ordering::Release
        };
        self.index(index).store(value, order);
    }

    fn fence(&self) {
        if self.weakness != Weakness::NoFence(self.side) {
            fence(Ordering::SeqCst);
        }
    }

    unsafe fn load_word(&self, offset: u32) -> u32 {
        let mut bytes = [MaybeUninit::uninit(); 4];
        // SAFETY: the caller's promise.
        unsafe { self.copy_out(offset, &mut bytes) };
        // SAFETY: all of it has been written.
        u32::from_ne_bytes(bytes.map(|byte| unsafe { byte.assume_init() }))
    }

    unsafe fn store_word(&self, offset: u32, word: u32) {
        // SAFETY: the caller's promise.
        unsafe { self.copy_in(offset, &word.to_ne_bytes()) };
    }

    unsafe fn copy_out(&self, offset: u32, to: &mut [MaybeUninit<u8>]) {
        let from = &self.memory.data[offset as usize..][..to.len()];
        for (to, from) in to.iter_mut().zip(from) {
            // SAFETY: loom has checked that nobody writes.
            to.write(from.with(|byte| unsafe { *byte }));
        }
    }

    unsafe fn copy_in(&self, offset: u32, from: &[u8]) {
        let to = &self.memory.data[offset as usize..][..from.len()];
        for (to, &from) in to.iter().zip(from) {
            // SAFETY: loom has checked that nobody else accesses it.
            to.with_mut(|byte| unsafe { *byte = from });
        }
    }
}

/// A queue of `size` bytes with both indices at `start`, from both sides.
fn queue(size: u32, start: u32, weakness: Weakness) -> [Queue<View>; 2] {
    let memory = Arc::new(Modelled {
        head: AtomicU32::new(start),
        tail: AtomicU32::new(start),
        data: (0..size).map(|_| UnsafeCell::new(0)).collect(),
    });
    [Side::Writer, Side::Reader].map(|side| {
        let view = View { memory: Arc::clone(&memory), side, weakness };
        // SAFETY: there are so many bytes.
        unsafe { Queue::new(view, size) }
    })
}

fn dequeue(queue: &Queue<View>) -> Option<Vec<u8>> {
    let entry = queue.first().expect("nobody has broken it")?;
    entry.check().expect("nobody has broken it");
    let mut bytes = vec![MaybeUninit::new(0xee); entry.len()];
    entry.copy_to(&mut bytes);
    entry.remove();
    // SAFETY: each has been written.
    Some(bytes.into_iter().map(|byte| unsafe { byte.assume_init() }).collect())
}

type Entries = &'static [&'static [u8]];

/// Hands entries over where there is so little room that one side has to wait for the other at times. Of three, the second
/// begins at 0 anew, and the third overwrites the first: it must wait until that has been read.
fn hand_over_in_little_room(weakness: Weakness) {
    const ENTRIES: Entries = &[&[1], &[2], &[3]];
    loom::model(move || {
        let [writer, reader] = queue(11, 6, weakness);
        let writing = thread::spawn(move || {
            for entry in ENTRIES {
                while let Err(refused) = writer.enqueue(entry) {
                    assert!(matches!(refused, Refused::Full(_)), "{refused:?}");
                    thread::yield_now();
                }
            }
        });
        for entry in ENTRIES {
            let taken = loop {
                match dequeue(&reader) {
                    Some(taken) => break taken,
                    None => thread::yield_now(),
                }
            };
            assert_eq!(taken, *entry);
        }
        writing.join().unwrap();
        assert_eq!(dequeue(&reader), None);
    });
}

/// A writer that sends a message when `enqueue` says so, and a reader that sleeps when it finds nothing, until there is one.
/// Who receives a message sees what was written before it was sent, and no more.
fn wake(size: u32, start: u32, weakness: Weakness, entries: Entries) {
    loom::model(move || {
        let [writer, reader] = queue(size, start, weakness);
        let message = Arc::new(AtomicBool::new(false));
        let writing = thread::spawn({
            let message = Arc::clone(&message);
            move || {
                for entry in entries {
                    if writer.enqueue(entry).expect("there is room for all") {
                        message.swap(true, Ordering::Release);
                    }
                }
            }
        });
        let mut expected = entries.iter();
        let mut drain = || {
            while let Some(entry) = dequeue(&reader) {
                assert_eq!(entry, *expected.next().unwrap());
            }
            expected.len()
        };
        let mut left = drain();
        while message.swap(false, Ordering::AcqRel) {
            left = drain();
        }
        // It sleeps. What is sent to it from now on is there when the writer has done all.
        writing.join().unwrap();
        if message.load(Ordering::Acquire) {
            left = drain();
        }
        assert_eq!(left, 0, "the reader sleeps over an entry");
    });
}

#[test]
fn what_is_handed_over_arrives_whole() {
    hand_over_in_little_room(Weakness::None);
}

#[test]
fn the_reader_sleeps_over_no_entry() {
    wake(20, 0, Weakness::None, &[&[1], &[2]]);
    wake(20, 0, Weakness::None, &[&[], &[1, 2, 3], &[]]);
    // The second begins at 0 anew, with room for a size at the tail and without.
    wake(15, 6, Weakness::None, &[&[1], &[2]]);
    wake(11, 6, Weakness::None, &[&[1], &[2]]);
}

#[test]
#[should_panic = "Causality violation"]
fn a_tail_that_is_stored_too_early_lets_the_reader_see_half_an_entry() {
    hand_over_in_little_room(Weakness::RelaxedStore(Index::Tail));
}

#[test]
#[should_panic = "Causality violation"]
fn a_tail_that_is_loaded_too_late_lets_the_reader_see_half_an_entry() {
    hand_over_in_little_room(Weakness::RelaxedLoad(Index::Tail));
}

#[test]
#[should_panic = "Causality violation"]
fn a_head_that_is_stored_too_early_lets_the_writer_overwrite_what_is_being_read() {
    hand_over_in_little_room(Weakness::RelaxedStore(Index::Head));
}

#[test]
#[should_panic = "Causality violation"]
fn a_head_that_is_loaded_too_late_lets_the_writer_overwrite_what_is_being_read() {
    hand_over_in_little_room(Weakness::RelaxedLoad(Index::Head));
}

#[test]
#[should_panic = "the reader sleeps over an entry"]
fn without_the_writer_s_fence_the_reader_sleeps_over_an_entry() {
    wake(20, 0, Weakness::NoFence(Side::Writer), &[&[1], &[2]]);
}

#[test]
#[should_panic = "the reader sleeps over an entry"]
fn without_the_reader_s_fence_the_reader_sleeps_over_an_entry() {
    wake(20, 0, Weakness::NoFence(Side::Reader), &[&[1], &[2]]);
}
