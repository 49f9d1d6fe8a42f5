//! Entries of 64 bytes, from one thread to another through a data queue, in one run: by `DataQueue`, driver and task; by the
//! algorithm of the rules written by hand, with raw pointers; and by `rtrb`, a ring buffer that has no memory layout to keep.
//!
//! All spin where there is no room or no entry. What is sent for an empty queue goes nowhere, for nobody waits.

use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{DataQueue, Result, user_client};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::hint::spin_loop;
use std::ptr::{copy_nonoverlapping, read_unaligned, write_unaligned};
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;

type Entry = [u64; 8];

const ENTRIES: usize = 1024;
const HANDED_OVER: usize = 2_000_000;
const ROUNDS: usize = 21;

/// One end of a queue.
trait Writer: Send {
    /// Whether there was room.
    fn put(&mut self, entry: &Entry) -> bool;
}

trait Reader: Send {
    fn take(&mut self) -> Option<Entry>;
}

// ---- by the library ----

#[user_client(service = "Queue")]
trait Queue {
    #[uc(queue = 0)]
    fn entries(&self) -> Result<DataQueue<Entry>>;
}

struct Driver(Mutex<DataQueue<Entry>>);

impl Queue for Driver {
    fn entries(&self) -> Result<DataQueue<Entry>> {
        self.0.lock().expect("nothing panics").share()
    }
}

impl Writer for DataQueue<Entry> {
    fn put(&mut self, entry: &Entry) -> bool {
        self.enqueue(entry).is_ok()
    }
}

impl Reader for DataQueue<Entry> {
    fn take(&mut self) -> Option<Entry> {
        self.dequeue().expect("nobody breaks it")
    }
}

/// A driver's end, and a task's.
fn library() -> (DataQueue<Entry>, DataQueue<Entry>) {
    let writer = DataQueue::with_entries(ENTRIES).expect("there is memory");
    let driver = Driver(Mutex::new(writer.share().expect("it is the driver's")));
    let machine = Machine::new();
    machine.publish(Nub::new("Queue").driver(QueueServer::new(driver)));
    let client = QueueClient::open_first(&machine.task("reader").kernel()).expect("it is published");
    let reader = client.entries().expect("it can be mapped");
    (writer, reader)
}

// ---- by hand ----

/// A queue's memory, of the size that `DataQueue` makes, and a counter of notifications.
#[derive(Clone, Copy)]
struct ByHand {
    base: *mut u8,
    size: u32,
    sent: u32,
}

// SAFETY: one thread writes and one reads, by the algorithm.
unsafe impl Send for ByHand {}

impl ByHand {
    fn layout(size: u32) -> Layout {
        Layout::from_size_align(size as usize + 48, 4096).expect("it is small")
    }

    fn new() -> Self {
        let size = ((ENTRIES + 1) * (size_of::<Entry>() + 4)) as u32;
        // SAFETY: it has a size.
        let base = unsafe { alloc_zeroed(Self::layout(size)) };
        assert!(!base.is_null());
        Self { base, size, sent: 0 }
    }

    fn free(self) {
        // SAFETY: it was allocated so, and both ends are done.
        unsafe { dealloc(self.base, Self::layout(self.size)) };
    }

    fn index(&self, offset: usize) -> &AtomicU32 {
        // SAFETY: within the header, aligned, and accessed in no other way.
        unsafe { AtomicU32::from_ptr(self.base.add(offset).cast()) }
    }

    fn data(&self, offset: u32) -> *mut u8 {
        // SAFETY: within the data.
        unsafe { self.base.add(12 + offset as usize) }
    }
}

impl Writer for ByHand {
    fn put(&mut self, entry: &Entry) -> bool {
        const LENGTH: u32 = size_of::<Entry>() as u32;
        const TAKES: u32 = LENGTH + 4;
        let size = self.size;
        let tail = self.index(8).load(Ordering::Relaxed);
        let head = self.index(4).load(Ordering::Acquire);
        if size < tail || size < head {
            return false;
        }
        let (at, next) = if tail >= head {
            if tail <= size - TAKES {
                (tail, tail + TAKES)
            } else if head > TAKES {
                if size - tail >= 4 {
                    // SAFETY: there are four bytes.
                    unsafe { write_unaligned(self.data(tail).cast(), LENGTH) };
                }
                (0, TAKES)
            } else {
                return false;
            }
        } else if head - tail > TAKES {
            (tail, tail + TAKES)
        } else {
            return false;
        };
        // SAFETY: there is room at `at`, which the reader does not look at.
        unsafe {
            write_unaligned(self.data(at).cast(), LENGTH);
            copy_nonoverlapping(entry.as_ptr().cast(), self.data(at + 4), size_of::<Entry>());
        }
        self.index(8).store(next, Ordering::Release);
        let head = if tail == head {
            head
        } else {
            fence(Ordering::SeqCst);
            self.index(4).load(Ordering::Relaxed)
        };
        if tail == head {
            self.sent += 1;
        }
        true
    }
}

impl Reader for ByHand {
    fn take(&mut self) -> Option<Entry> {
        let size = self.size;
        let head = self.index(4).load(Ordering::Relaxed);
        let tail = self.index(8).load(Ordering::Acquire);
        if head == tail {
            return None;
        }
        assert!(head <= size);
        // SAFETY: within the data, and what the writer has left there.
        let (at, length) = unsafe {
            let length =
                if size - head >= 4 { read_unaligned(self.data(head).cast::<u32>()) } else { u32::MAX };
            if size - head < 4 || length > size - head - 4 {
                (0, read_unaligned(self.data(0).cast::<u32>()))
            } else {
                (head, length)
            }
        };
        assert_eq!(length as usize, size_of::<Entry>());
        let mut entry = Entry::default();
        // SAFETY: within the data, and the writer does not write there.
        unsafe { copy_nonoverlapping(self.data(at + 4), entry.as_mut_ptr().cast(), size_of::<Entry>()) };
        let next = at + 4 + length;
        self.index(4).store(next, Ordering::Release);
        if next == tail {
            fence(Ordering::SeqCst);
        }
        Some(entry)
    }
}

// ---- by a ring buffer ----

impl Writer for rtrb::Producer<Entry> {
    fn put(&mut self, entry: &Entry) -> bool {
        self.push(*entry).is_ok()
    }
}

impl Reader for rtrb::Consumer<Entry> {
    fn take(&mut self) -> Option<Entry> {
        self.pop().ok()
    }
}

// ---- the measure ----

/// Entries as they lie somewhere in memory, before they are put in.
fn entries() -> Vec<Entry> {
    (0..ENTRIES as u64).map(|number| [number; 8]).collect()
}

/// Nanoseconds an entry, from the first that is put in to the last that is taken out.
fn hand_over(writer: &mut impl Writer, reader: &mut impl Reader) -> f64 {
    let start = Barrier::new(2);
    let nanoseconds = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let entries = entries();
            start.wait();
            for entry in entries.iter().cycle().take(HANDED_OVER) {
                while !writer.put(entry) {
                    spin_loop();
                }
            }
        });
        let entries = entries();
        start.wait();
        let started = Instant::now();
        for expected in entries.iter().cycle().take(HANDED_OVER) {
            let entry = loop {
                match reader.take() {
                    Some(entry) => break entry,
                    None => spin_loop(),
                }
            };
            assert_eq!(entry, *expected);
        }
        let elapsed = started.elapsed();
        writing.join().expect("it does not panic");
        elapsed.as_nanos()
    });
    nanoseconds as f64 / HANDED_OVER as f64
}

fn main() {
    // `cargo test --benches` asks for nothing to be measured.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let names = ["DataQueue", "by hand", "rtrb"];
    let mut figures = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        // One after the other, so that whatever else the machine does is shared by all.
        let (mut writer, mut reader) = library();
        figures[0].push(hand_over(&mut writer, &mut reader));
        let queue = ByHand::new();
        figures[1].push(hand_over(&mut queue.clone(), &mut queue.clone()));
        queue.free();
        let (mut writer, mut reader) = rtrb::RingBuffer::new(ENTRIES);
        figures[2].push(hand_over(&mut writer, &mut reader));
    }
    println!(
        "{HANDED_OVER} entries of 64 bytes, {ROUNDS} rounds; nanoseconds an entry, and throughput of that by hand"
    );
    for times in &mut figures {
        times.sort_by(f64::total_cmp);
    }
    let median = |times: &[f64]| times[ROUNDS / 2];
    let by_hand = median(&figures[1]);
    for (name, times) in names.iter().zip(&figures) {
        let (fastest, median) = (times[0], median(times));
        println!(
            "{name:>10}: fastest {fastest:6.1}, median {median:6.1}, throughput {:.2}",
            by_hand / median
        );
    }
}
