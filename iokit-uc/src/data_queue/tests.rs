//! The driver's own handles, with no kernel between them.

use super::*;
use crate::error::ErrorKind;
use crate::mapping::Mapping;
use crate::memory::queue::{APPENDIX, DATA, HEAD, TAIL};
use futures_core::stream::{FusedStream, Stream};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

type Event = [u32; 3];

fn pair(entries: usize) -> (DataQueue<Event>, DataQueue<Event>) {
    let queue = DataQueue::with_entries(entries).unwrap();
    let other = queue.share().unwrap();
    (queue, other)
}

/// The memory of a queue, to be broken.
fn memory<T: ?Sized>(queue: &DataQueue<T>) -> Mapping<[u8]> {
    Mapping::of(queue.descriptor().unwrap()).unwrap()
}

fn put_word(memory: &mut Mapping<[u8]>, offset: usize, word: u32) {
    memory.slice_mut().write(offset, &word).unwrap();
}

fn poll<T: QueueEntry + ?Sized>(queue: &mut DataQueue<T>, waker: &Waker) -> Poll<Option<Result<T::Item>>> {
    Pin::new(queue).poll_next(&mut Context::from_waker(waker))
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn dq_02_a_queue_has_room_for_one_entry_more_and_an_appendix_after_it() {
    let queue = DataQueue::<Event>::with_entries(5).unwrap();
    assert_eq!(queue.capacity(), 6 * (12 + 4));
    let length = queue.descriptor().unwrap().length();
    assert_eq!(length, DATA + 96 + APPENDIX);
    assert_eq!(length, 96 + 48);
    let bytes = memory(&queue).slice().to_vec();
    assert_eq!(bytes[..4], 96u32.to_ne_bytes());
    assert!(bytes[4..].iter().all(|&byte| byte == 0));
    assert_eq!(DataQueue::with_capacity(96).unwrap().descriptor().unwrap().length(), length);
}

#[test]
fn sizes_that_no_queue_has_are_errors_that_tell_them() {
    let none = DataQueue::with_capacity(0).unwrap_err();
    assert_eq!(none.code(), IoReturn::BAD_ARGUMENT);
    assert!(none.to_string().contains("a data queue of 0 bytes"), "{none}");
    for entries in [u32::MAX as usize / 16, usize::MAX / 16, usize::MAX] {
        let error = DataQueue::<Event>::with_entries(entries).unwrap_err();
        let limit = u64::from(u32::MAX - 48) / 16 - 1;
        let detail = Detail::Limit { what: "entries of a data queue", given: entries as u64, limit };
        assert_eq!((error.code(), error.detail()), (IoReturn::BAD_ARGUMENT, Some(&detail)));
    }
    let error = DataQueue::<[u8; 1 << 32]>::with_entries(0).unwrap_err();
    assert!(error.to_string().contains("4294967300 bytes of a data queue, at most 4294967247"), "{error}");
    let error = DataQueue::with_capacity(u32::MAX as usize).unwrap_err();
    assert!(error.to_string().contains("4294967295 bytes of a data queue, at most 4294967247"), "{error}");
}

#[test]
fn entries_come_out_in_the_order_in_which_they_went_in() {
    let (mut writer, mut reader) = pair(3);
    for round in 0..20 {
        assert_eq!(reader.dequeue(), Ok(None));
        for index in 0..3 {
            assert_eq!(writer.enqueue(&[round, index, 7]), Ok(index == 0));
        }
        assert_eq!((reader.peek(), reader.next_size()), (Ok(Some([round, 0, 7])), Ok(Some(12))));
        assert_eq!(reader.dequeue(), Ok(Some([round, 0, 7])));
        assert_eq!(reader.skip(), Ok(true));
        assert_eq!(reader.dequeue(), Ok(Some([round, 2, 7])));
        assert_eq!((reader.skip(), reader.next_size(), reader.peek()), (Ok(false), Ok(None), Ok(None)));
    }
}

#[test]
fn entries_of_any_size_come_out_as_they_went_in() {
    let mut writer = DataQueue::with_capacity(64).unwrap();
    let mut reader = writer.share().unwrap();
    let mut taken = vec![1, 2];
    assert_eq!((reader.dequeue_into(&mut taken), taken.len()), (Ok(false), 2));
    for length in (0..30).chain([60]) {
        let entry: Vec<u8> = (0..length).collect();
        // Two of which the second is the first to begin anywhere, aligned or not.
        let fits = writer.enqueue(&entry).is_ok();
        assert!(fits || length > 28, "{length}");
        if fits {
            assert_eq!(reader.next_size(), Ok(Some(entry.len())));
            assert_eq!((reader.dequeue_into(&mut taken), &taken), (Ok(true), &entry));
        }
        writer.enqueue(&[9]).unwrap();
        assert_eq!(reader.dequeue(), Ok(Some(vec![9])));
    }
}

#[test]
fn a_full_queue_is_an_error_that_tells_its_figures() {
    let (mut writer, mut reader) = pair(1);
    writer.enqueue(&[1; 3]).unwrap();
    writer.enqueue(&[2; 3]).unwrap();
    let error = writer.enqueue(&[3; 3]).unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::OVERRUN, ErrorKind::Overrun));
    assert_eq!(error.detail(), Some(&Detail::QueueFull { entry: 12, size: 32, head: 0, tail: 32 }));
    assert_eq!(error.call(), Call::Function("IODataQueueEnqueue"));
    assert_eq!((reader.dequeue(), reader.dequeue()), (Ok(Some([1; 3])), Ok(Some([2; 3]))));
    assert_eq!(writer.enqueue(&[3; 3]), Ok(true));
    assert_eq!(reader.dequeue(), Ok(Some([3; 3])));
}

#[test]
fn an_entry_that_lies_in_no_piece_that_is_left_finds_no_room_though_the_queue_is_empty() {
    let mut queue = DataQueue::with_capacity(20).unwrap();
    queue.enqueue(&[1; 6]).unwrap();
    assert_eq!(queue.dequeue(), Ok(Some(vec![1; 6])));
    let error = queue.enqueue(&[2; 7]).unwrap_err();
    assert_eq!(error.detail(), Some(&Detail::QueueFull { entry: 7, size: 20, head: 10, tail: 10 }));
    assert_eq!(queue.enqueue(&[2; 6]), Ok(true));
}

#[test]
fn an_entry_of_another_size_is_an_error_with_both_and_others_follow() {
    let mut writer = DataQueue::with_capacity(100).unwrap();
    let mut reader = DataQueue::<Event>::driver(
        writer.queue.clone(),
        match &writer.side {
            Side::Driver(driver) => driver.share(),
            Side::Task(_) => unreachable!(),
        },
    );
    for length in [11, 12, 0, 13, 12] {
        writer.enqueue(&vec![1; length]).unwrap();
    }
    let mut sizes = Vec::new();
    for _ in 0..5 {
        assert_eq!(reader.peek().is_ok(), reader.next_size() == Ok(Some(12)));
        sizes.push(match reader.wait().unwrap() {
            Ok(event) => event.len() as u64 * 4,
            Err(error) => match error.detail() {
                Some(&Detail::Entry { expected: 12, actual }) if error.kind() == ErrorKind::InvalidReply => {
                    actual
                }
                _ => panic!("{error}"),
            },
        });
    }
    assert_eq!(sizes, [11, 12, 0, 13, 12]);
    assert_eq!(reader.dequeue(), Ok(None));
}

#[test]
fn a_broken_queue_is_one_error_with_its_figures_and_then_the_end() {
    let size = 4 * 16;
    for (head, tail, entry) in [(size + 1, 0, None), (0, u32::MAX, None), (0, 16, Some(13))] {
        let (mut writer, mut reader) = pair(3);
        writer.enqueue(&[0; 3]).unwrap();
        let mut memory = memory(&reader);
        put_word(&mut memory, HEAD, head);
        put_word(&mut memory, TAIL, tail);
        if let Some(entry) = entry {
            put_word(&mut memory, DATA + head as usize, entry);
        }
        let detail = Detail::QueueCorrupt { size, head, tail, entry };
        for error in
            [reader.dequeue().unwrap_err(), reader.next_size().unwrap_err(), reader.peek().unwrap_err()]
        {
            assert_eq!((error.code(), error.detail()), (IoReturn::ERROR, Some(&detail)));
        }
        assert!(!reader.is_terminated());
        let error = reader.wait().unwrap().unwrap_err();
        assert_eq!((error.code(), error.detail()), (IoReturn::ERROR, Some(&detail)));
        assert!(reader.is_terminated());
        assert_eq!((reader.wait(), poll(&mut reader, Waker::noop())), (None, Poll::Ready(None)));
        assert_eq!(reader.wait_timeout(Duration::MAX), Poll::Ready(None));
        if entry.is_none() {
            let error = writer.enqueue(&[0; 3]).unwrap_err();
            assert_eq!((error.code(), error.detail()), (IoReturn::UNDERRUN, Some(&detail)));
        }
    }
}

#[test]
fn nobody_is_believed_who_changes_the_size() {
    let (mut writer, mut reader) = pair(3);
    put_word(&mut memory(&reader), 0, u32::MAX);
    for round in 0..20 {
        writer.enqueue(&[round; 3]).unwrap();
        assert_eq!(reader.dequeue(), Ok(Some([round; 3])));
    }
}

#[test]
fn a_thread_waits_for_each_entry_and_for_the_end() {
    let (mut writer, reader) = pair(4);
    let count = if cfg!(miri) { 50 } else { 20_000 };
    thread::scope(|scope| {
        let reading = scope.spawn(|| reader.into_iter().collect::<Result<Vec<_>>>().unwrap());
        for number in 0..count {
            while let Err(error) = writer.enqueue(&[number, !number, 1]) {
                assert_eq!(error.code(), IoReturn::OVERRUN);
                thread::yield_now();
            }
        }
        drop(writer);
        let expected: Vec<Event> = (0..count).map(|number| [number, !number, 1]).collect();
        assert!(reading.join().unwrap() == expected);
    });
}

#[test]
fn a_wait_ends_with_its_time() {
    let (mut writer, mut reader) = pair(4);
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert_eq!(reader.wait_timeout(timeout), Poll::Pending);
    }
    writer.enqueue(&[1; 3]).unwrap();
    assert_eq!(reader.wait_timeout(Duration::ZERO), Poll::Ready(Some(Ok([1; 3]))));
    drop(writer);
    assert_eq!((reader.wait_timeout(Duration::MAX), reader.wait()), (Poll::Ready(None), None));
}

#[test]
fn whoever_polls_is_woken_by_an_entry_into_an_empty_queue_and_by_the_end() {
    let (mut writer, mut reader) = pair(4);
    let counter = Arc::<Counter>::default();
    let waker = Arc::clone(&counter).into();
    let woken = || counter.0.load(Ordering::Relaxed);
    assert_eq!(poll(&mut reader, &waker), Poll::Pending);
    writer.enqueue(&[1; 3]).unwrap();
    writer.enqueue(&[2; 3]).unwrap();
    assert_eq!(woken(), 1);
    assert_eq!(poll(&mut reader, &waker), Poll::Ready(Some(Ok([1; 3]))));
    assert_eq!(poll(&mut reader, &waker), Poll::Ready(Some(Ok([2; 3]))));
    assert_eq!(poll(&mut reader, &waker), Poll::Pending);
    let third = writer.share().unwrap();
    drop(writer);
    assert_eq!(woken(), 1);
    drop(third);
    assert_eq!((woken(), reader.is_terminated()), (2, false));
    assert_eq!((poll(&mut reader, &waker), reader.is_terminated()), (Poll::Ready(None), true));
}

#[test]
fn a_driver_is_told_by_a_method_of_what_a_task_has_put_in() {
    let (task, mut reader) = pair(4);
    let driver = reader.share().unwrap();
    // As a task does, which the bell knows nothing of.
    thread::scope(|scope| {
        let reading = scope.spawn(|| reader.wait());
        task.queue.enqueue(bytemuck::bytes_of(&[5u32; 3])).unwrap();
        driver.notify();
        assert_eq!(reading.join().unwrap(), Some(Ok([5; 3])));
    });
}

#[test]
fn it_can_go_anywhere_whatever_it_carries() {
    fn anywhere<T: Send + Sync + Unpin + std::panic::UnwindSafe + std::panic::RefUnwindSafe + 'static>() {}
    anywhere::<DataQueue<Event>>();
    anywhere::<DataQueue<[u8]>>();
}
