//! Data queues: DQ-1 … DQ-7, DQ-10. The functions of the C library (DQ-8, DQ-9, DQ-11, DQ-12) have tests in C.

use crate::mapped::{Mapped, map};
use crate::raw::open;
use crate::releasing::mach_port_mod_refs;
use crate::steps::close;
use crate::world::World;
use iokit_uc::backend::{Backend, NULL, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use iokit_uc_machines::data_queues::{ENTRY, OF_ANY_SIZE, OF_ONE_SIZE};
use std::time::Duration;

/// The driver's queue of one memory type, mapped.
struct Queue {
    world: World,
    kernel: Kernel,
    connect: PortName,
    memory_type: u32,
    memory: Mapped,
}

const QUEUE_SIZE: u64 = 0;
const HEAD: u64 = 4;
const TAIL: u64 = 8;
const DATA: u64 = 12;

/// What a command answers if there is no entry.
const NOTHING: u64 = u64::MAX;

/// What a command answers for an error.
fn error(code: IoReturn) -> u64 {
    u64::from(code.code()) << 32
}

impl Queue {
    fn map(memory_type: u32) -> Self {
        let world = World::boot("data_queues");
        let kernel = world.kernel();
        let connect = open(&kernel, "Queues");
        let memory = map(&kernel, connect, memory_type);
        Self { world, kernel, connect, memory_type, memory }
    }

    fn enqueue(&self, length: u64, byte: u64) -> u64 {
        self.world.command("enqueue", &[self.memory_type.into(), length, byte])
    }

    fn dequeue(&self) -> u64 {
        self.world.command("dequeue", &[self.memory_type.into()])
    }

    fn word(&self, offset: u64) -> u64 {
        u32::from_ne_bytes([0, 1, 2, 3].map(|byte| self.memory.read(offset + byte) as u8)).into()
    }

    fn set_word(&self, offset: u64, word: u32) {
        for (offset, byte) in (offset..).zip(word.to_ne_bytes()) {
            self.memory.write(offset, byte);
        }
    }

    fn indices(&self) -> (u64, u64) {
        (self.word(HEAD), self.word(TAIL))
    }

    fn set_indices(&self, head: u32, tail: u32) {
        self.set_word(HEAD, head);
        self.set_word(TAIL, tail);
    }

    fn end(self) {
        close(&self.kernel, self.connect);
    }
}

#[test]
fn dq_01_an_entry_is_its_size_and_its_bytes_without_padding() {
    let queue = Queue::map(OF_ANY_SIZE);
    assert_eq!(queue.enqueue(3, 7), 1);
    assert_eq!(queue.enqueue(1, 9), 0);
    assert_eq!((queue.word(QUEUE_SIZE), queue.indices()), (40, (0, 12)));
    assert_eq!((queue.word(DATA), queue.word(DATA + 7)), (3, 1));
    let bytes = |at: u64, count: u64| (at..at + count).map(|at| queue.memory.read(at)).collect::<Vec<_>>();
    assert_eq!((bytes(DATA + 4, 3), bytes(DATA + 11, 2)), (vec![7; 3], vec![9, 0]));
    queue.end();
}

#[test]
fn dq_02_the_size_is_that_of_the_data_and_48_bytes_more() {
    for (memory_type, data) in [(OF_ONE_SIZE, 5 * (ENTRY as u64 + 4)), (OF_ANY_SIZE, 40)] {
        let queue = Queue::map(memory_type);
        assert_eq!((queue.word(QUEUE_SIZE), queue.memory.size), (data, data + 48));
        for offset in HEAD..queue.memory.size {
            assert_eq!(queue.memory.read(offset), 0, "{offset}");
        }
        queue.end();
    }
}

#[test]
fn dq_03_offsets_run_on_when_the_queue_is_empty() {
    let queue = Queue::map(OF_ONE_SIZE);
    let takes = ENTRY as u64 + 4;
    for round in 1..=5 {
        assert_eq!((queue.enqueue(ENTRY as u64, round), queue.dequeue()), (1, ENTRY as u64));
        assert_eq!(queue.indices(), (takes * round, takes * round));
    }
    // The last one ended at the size.
    assert_eq!((queue.word(TAIL), queue.enqueue(ENTRY as u64, 6)), (queue.word(QUEUE_SIZE), 1));
    assert_eq!(queue.indices(), (5 * takes, takes));
    queue.end();
}

#[test]
fn dq_04_an_entry_that_does_not_fit_at_the_tail_is_at_0_and_its_size_in_both_places() {
    let queue = Queue::map(OF_ANY_SIZE);
    queue.set_indices(20, 36);
    assert_eq!(queue.enqueue(5, 8), 0);
    assert_eq!((queue.indices(), queue.word(DATA), queue.word(DATA + 36)), ((20, 9), 5, 5));
    // Without room for a size there.
    queue.set_word(DATA + 36, 0);
    queue.set_indices(20, 37);
    assert_eq!(queue.enqueue(6, 8), 0);
    assert_eq!((queue.indices(), queue.word(DATA), queue.word(DATA + 36)), ((20, 10), 6, 0));
    queue.end();
}

#[test]
fn dq_04_the_tail_never_reaches_the_head_from_behind() {
    for (head, tail, length, fits) in
        [(10, 30, 7, false), (10, 30, 6, true), (10, 30, 5, true), (12, 4, 4, false), (12, 4, 3, true)]
    {
        let queue = Queue::map(OF_ANY_SIZE);
        queue.set_indices(head, tail);
        // At the tail there are ten bytes, of which an entry of six takes all.
        let expected = if fits { 0 } else { error(IoReturn::OVERRUN) };
        assert_eq!(queue.enqueue(length, 1), expected, "{head} {tail} {length}");
        if !fits {
            assert_eq!(queue.indices(), (head.into(), tail.into()));
        }
        queue.end();
    }
}

#[test]
fn dq_04_indices_beyond_the_size_are_refused() {
    let queue = Queue::map(OF_ANY_SIZE);
    for (head, tail) in [(41, 0), (0, 41), (u32::MAX, u32::MAX)] {
        queue.set_indices(head, tail);
        assert_eq!(queue.enqueue(1, 1), error(IoReturn::UNDERRUN));
        assert_eq!(queue.indices(), (head.into(), tail.into()));
    }
    queue.end();
}

#[test]
fn dq_05_what_a_task_puts_in_the_driver_takes_out() {
    let queue = Queue::map(OF_ANY_SIZE);
    assert_eq!(queue.dequeue(), NOTHING);
    queue.set_word(DATA, 6);
    queue.set_word(TAIL, 10);
    assert_eq!((queue.dequeue(), queue.indices(), queue.dequeue()), (6, (10, 10), NOTHING));
    // Its size at the head goes past the end, or there is no room for one: it is at 0.
    for head in [30, 37, 40] {
        queue.set_word(DATA, 3);
        if head == 30 {
            queue.set_word(DATA + 30, 7);
        }
        queue.set_indices(head, 7);
        assert_eq!((queue.dequeue(), queue.indices()), (3, (7, 7)), "{head}");
    }
    queue.end();
}

#[test]
fn dq_05_an_index_or_a_size_that_lies_is_an_error_and_moves_nothing() {
    let queue = Queue::map(OF_ANY_SIZE);
    for (head, tail, size) in [(41, 0, 1), (u32::MAX, 5, 1), (0, 5, 37), (0, 5, u32::MAX), (0, 41, 1)] {
        queue.set_word(DATA, size);
        queue.set_indices(head, tail);
        assert_eq!(queue.dequeue(), error(IoReturn::ERROR), "{head} {tail} {size}");
        assert_eq!(queue.indices(), (head.into(), tail.into()));
    }
    queue.end();
}

#[test]
fn dq_06_an_entry_that_is_looked_at_stays() {
    let queue = Queue::map(OF_ANY_SIZE);
    let peek = || queue.world.command("peek", &[queue.memory_type.into()]);
    assert_eq!(peek(), NOTHING);
    queue.enqueue(5, 1);
    assert_eq!((peek(), peek(), queue.indices()), (5, 5, (0, 9)));
    queue.set_word(HEAD, 41);
    assert_eq!(peek(), error(IoReturn::ERROR));
    queue.end();
}

#[test]
fn dq_07_the_kernel_keeps_its_own_copy_of_the_size() {
    let queue = Queue::map(OF_ANY_SIZE);
    queue.set_word(QUEUE_SIZE, u32::MAX);
    assert_eq!((queue.enqueue(36, 1), queue.enqueue(0, 1)), (1, error(IoReturn::OVERRUN)));
    queue.set_word(QUEUE_SIZE, 0);
    assert_eq!((queue.dequeue(), queue.indices()), (36, (40, 40)));
    queue.end();
}

/// A queue whose driver has a port of the test's.
fn with_port() -> (Queue, PortName) {
    let queue = Queue::map(OF_ANY_SIZE);
    let mut port = NULL;
    assert_eq!(queue.kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    let code = queue.kernel.io_connect_set_notification_port(queue.connect, OF_ANY_SIZE, port, 0);
    assert_eq!(code, IoReturn::SUCCESS);
    (queue, port)
}

fn receive(kernel: &Kernel, port: PortName) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    let code = kernel.mach_msg_receive(port, &mut message, 8192, Some(Duration::ZERO));
    code.is_success().then_some(message)
}

fn end_with(queue: Queue, port: PortName) {
    let code = queue.kernel.io_connect_set_notification_port(queue.connect, OF_ANY_SIZE, NULL, 0);
    assert_eq!(code, IoReturn::SUCCESS);
    assert_eq!(mach_port_mod_refs(&queue.kernel, port, PortRight::Receive, -1), IoReturn::SUCCESS);
    queue.end();
}

#[test]
fn dq_10_an_entry_into_an_empty_queue_sends_a_header_and_no_other_does() {
    let (queue, port) = with_port();
    for _ in 0..2 {
        assert_eq!((queue.enqueue(1, 1), queue.enqueue(1, 2)), (1, 0));
        let words = [17 << 8, 24, NULL, port, NULL, 0].map(u32::to_ne_bytes).concat();
        assert_eq!(receive(&queue.kernel, port), Some(words));
        assert_eq!(receive(&queue.kernel, port), None);
        // Not yet empty.
        queue.dequeue();
        assert_eq!((queue.enqueue(1, 3), receive(&queue.kernel, port)), (0, None));
        assert_eq!((queue.dequeue(), queue.dequeue(), queue.dequeue()), (1, 1, NOTHING));
    }
    end_with(queue, port);
}

#[test]
fn dq_10_a_notification_that_finds_the_port_full_is_dropped_and_the_entry_is_there() {
    let (queue, port) = with_port();
    let sent = (1..).take_while(|&id| queue.kernel.mach_msg_send_empty(port, id).is_success()).count();
    assert!(sent > 0);
    assert_eq!((queue.enqueue(4, 1), queue.indices()), (1, (0, 8)));
    let received: Vec<_> = std::iter::from_fn(|| receive(&queue.kernel, port)).collect();
    assert_eq!(received.len(), sent);
    assert!(received.iter().all(|message| message[20..24] != [0; 4]), "none of them is the queue's");
    end_with(queue, port);
}

#[test]
fn dq_10_a_receiver_that_is_gone_is_not_noticed() {
    let (queue, port) = with_port();
    assert_eq!(mach_port_mod_refs(&queue.kernel, port, PortRight::Receive, -1), IoReturn::SUCCESS);
    assert_eq!((queue.enqueue(4, 1), queue.indices()), (1, (0, 8)));
    let code = queue.kernel.io_connect_set_notification_port(queue.connect, OF_ANY_SIZE, NULL, 0);
    assert_eq!(code, IoReturn::SUCCESS);
    queue.end();
}

#[test]
fn dq_10_a_task_that_waits_hears_of_an_entry() {
    let world = World::boot("data_queues");
    let service = Service::expect_first(&world.kernel(), &Matching::class("Queues")).unwrap();
    let connection = service.open(0).unwrap();
    let mut queue = connection.data_queue::<[u8]>(OF_ANY_SIZE).unwrap();
    let type_ = u64::from(OF_ANY_SIZE);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| queue.wait());
        assert_eq!(world.command("enqueue", &[type_, 3, 5]), 1);
        assert_eq!(waiting.join().unwrap(), Some(Ok(vec![5; 3])));
    });
    // The other direction.
    assert_eq!((queue.enqueue(&[1; 9]), world.command("dequeue", &[type_])), (Ok(true), 9));
}
