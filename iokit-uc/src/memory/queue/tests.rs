//! The algorithm over memory of Rust's own, where every access can be checked.

use super::*;
use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::mem::MaybeUninit;

/// Memory that checks every access, and notes them if asked.
struct Checked {
    head: Cell<u32>,
    tail: Cell<u32>,
    data: RefCell<Vec<u8>>,
    /// Runs before each access, as the other side might.
    other_side: Box<dyn Fn(&Checked)>,
    noted: RefCell<Vec<String>>,
}

impl Checked {
    fn new(size: u32) -> Self {
        Self::with_other_side(size, |_| {})
    }

    fn with_other_side(size: u32, other_side: impl Fn(&Checked) + 'static) -> Self {
        let (head, tail) = Default::default();
        let data = RefCell::new(vec![0; size as usize]);
        Self { head, tail, data, other_side: Box::new(other_side), noted: RefCell::default() }
    }

    fn index(&self, index: Index) -> &Cell<u32> {
        match index {
            Index::Head => &self.head,
            Index::Tail => &self.tail,
        }
    }

    fn note(&self, access: String) {
        (self.other_side)(self);
        self.noted.borrow_mut().push(access);
    }

    fn set(&self, head: u32, tail: u32) {
        self.head.set(head);
        self.tail.set(tail);
    }

    fn indices(&self) -> (u32, u32) {
        (self.head.get(), self.tail.get())
    }

    fn put_word(&self, offset: usize, word: u32) {
        self.data.borrow_mut()[offset..offset + 4].copy_from_slice(&word.to_ne_bytes());
    }

    fn word(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.data.borrow()[offset..offset + 4].try_into().unwrap())
    }

    fn noted(&self) -> String {
        std::mem::take(&mut *self.noted.borrow_mut()).join(", ")
    }
}

// SAFETY: `copy_out` writes each byte.
unsafe impl QueueMemory for Checked {
    fn load(&self, index: Index) -> u32 {
        self.note(format!("load {index:?}"));
        self.index(index).get()
    }

    fn load_acquire(&self, index: Index) -> u32 {
        self.note(format!("acquire {index:?}"));
        self.index(index).get()
    }

    fn store_release(&self, index: Index, value: u32) {
        self.note(format!("release {index:?}"));
        self.index(index).set(value);
    }

    fn fence(&self) {
        self.note("fence".into());
    }

    unsafe fn load_word(&self, offset: u32) -> u32 {
        self.note(format!("word at {offset}"));
        self.word(offset as usize)
    }

    unsafe fn store_word(&self, offset: u32, word: u32) {
        self.note(format!("word {word} to {offset}"));
        self.put_word(offset as usize, word);
    }

    unsafe fn copy_out(&self, offset: u32, to: &mut [MaybeUninit<u8>]) {
        self.note(format!("{} from {offset}", to.len()));
        let from = &self.data.borrow()[offset as usize..][..to.len()];
        for (to, &byte) in to.iter_mut().zip(from) {
            to.write(byte);
        }
    }

    unsafe fn copy_in(&self, offset: u32, from: &[u8]) {
        self.note(format!("{} to {offset}", from.len()));
        self.data.borrow_mut()[offset as usize..][..from.len()].copy_from_slice(from);
    }
}

fn queue(memory: Checked) -> Queue<Checked> {
    let size = memory.data.borrow().len() as u32;
    // SAFETY: there are so many bytes.
    unsafe { Queue::new(memory, size) }
}

fn bytes(entry: &Entry<'_, Checked>) -> Vec<u8> {
    let mut bytes = vec![MaybeUninit::new(0xee); entry.len()];
    assert_eq!(entry.copy_to(&mut bytes), entry.len());
    // SAFETY: each was written, here if nowhere else.
    bytes.into_iter().map(|byte| unsafe { byte.assume_init() }).collect()
}

fn dequeue(queue: &Queue<Checked>) -> Result<Option<Vec<u8>>, Corrupt> {
    let Some(entry) = queue.first()? else { return Ok(None) };
    entry.check()?;
    let bytes = bytes(&entry);
    entry.remove();
    Ok(Some(bytes))
}

/// A small generator of numbers that look random: xorshift.
#[derive(Clone)]
struct Random(Cell<u64>);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Cell::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
    }

    fn below(&self, limit: u32) -> u32 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        (state >> 16) as u32 % limit
    }
}

// ---- where entries lie ----

#[test]
fn dq_04_an_entry_is_put_at_the_tail_and_one_that_ends_at_the_size_fits() {
    let queue = queue(Checked::new(16));
    assert_eq!(queue.enqueue(&[1, 2, 3]), Ok(true));
    assert_eq!(queue.enqueue(&[4, 5, 6, 7, 8]), Ok(false));
    assert_eq!(queue.memory().indices(), (0, 16));
    assert_eq!((queue.memory().word(0), queue.memory().word(7)), (3, 5));
    assert_eq!(queue.memory().data.borrow()[11..], [4, 5, 6, 7, 8]);
    let indices = Indices { head: 0, tail: 16, size: 16 };
    assert_eq!(queue.enqueue(&[]), Err(Refused::Full(indices)), "it would begin at 0, and end at the head");
}

#[test]
fn dq_04_an_entry_that_does_not_fit_at_the_tail_goes_to_0_if_that_leaves_a_byte_before_the_head() {
    for (head, refused) in [(7, true), (8, false)] {
        let queue = queue(Checked::new(16));
        queue.memory().set(head, 10);
        let indices = Indices { head, tail: 10, size: 16 };
        let expected = if refused { Err(Refused::Full(indices)) } else { Ok(false) };
        assert_eq!(queue.enqueue(&[9, 9, 9]), expected, "{head}");
    }
}

#[test]
fn dq_04_where_there_is_room_for_a_size_at_the_tail_it_is_written_there_too() {
    for (tail, written) in [(11, 0), (12, 6), (13, 0)] {
        let queue = queue(Checked::new(16));
        queue.memory().set(11, tail);
        assert_eq!(queue.enqueue(&[9; 6]), Ok(tail == 11), "{tail}");
        assert_eq!(queue.memory().indices(), (11, 10));
        let word = if tail <= 12 { queue.memory().word(tail as usize) } else { 0 };
        assert_eq!(word, if tail == 11 { 6 } else { written }, "{tail}");
        assert_eq!(queue.memory().word(0), 6);
    }
}

#[test]
fn dq_04_a_tail_before_the_head_never_reaches_it() {
    let indices = Indices { head: 8, tail: 2, size: 16 };
    for (length, result) in [(1, Ok(false)), (2, Err(Refused::Full(indices)))] {
        let queue = queue(Checked::new(16));
        queue.memory().set(8, 2);
        assert_eq!(queue.enqueue(&[7, 7][..length]), result);
    }
}

#[test]
fn dq_04_a_size_that_no_word_holds_is_refused_before_anything_is_written() {
    // No slice is that long that could be tried.
    for (head, tail, size) in [(0, 0, 8), (u32::MAX, u32::MAX, u32::MAX), (1, 0, u32::MAX)] {
        let indices = Indices { head, tail, size };
        assert!(indices.place(u64::from(u32::MAX) + 1).is_none());
    }
}

#[test]
fn dq_05_an_entry_is_at_0_if_the_size_at_the_head_goes_past_the_end_or_has_no_room_there() {
    for head in [16, 13, 12, 10] {
        let queue = queue(Checked::new(16));
        queue.memory().set(head, 7);
        if head <= 12 {
            queue.memory().put_word(head as usize, 3 + (12 - head));
        }
        queue.memory().put_word(0, 3);
        queue.memory().data.borrow_mut()[4..7].copy_from_slice(&[5, 6, 7]);
        let taken = dequeue(&queue);
        if head == 10 {
            // Its size says that it ends at 19.
            assert_eq!(queue.memory().indices(), (7, 7));
        }
        assert_eq!((taken, queue.memory().indices()), (Ok(Some(vec![5, 6, 7])), (7, 7)), "{head}");
    }
}

#[test]
fn dq_06_an_entry_that_is_looked_at_stays() {
    let queue = queue(Checked::new(16));
    assert!(queue.first().unwrap().is_none() && !queue.data_available());
    queue.enqueue(&[1]).unwrap();
    for _ in 0..2 {
        assert_eq!(bytes(&queue.first().unwrap().unwrap()), [1]);
    }
    assert!(queue.data_available());
    queue.first().unwrap().unwrap().remove();
    assert_eq!((queue.memory().indices(), queue.data_available()), ((5, 5), false));
}

#[test]
fn an_entry_is_read_as_a_value_that_has_its_size() {
    let queue = queue(Checked::new(16));
    queue.enqueue(&[1, 2, 3]).unwrap();
    let entry = queue.first().unwrap().unwrap();
    // SAFETY: all of it has been written.
    assert_eq!(entry.read::<[u8; 3]>().map(|value| unsafe { value.assume_init() }), Some([1, 2, 3]));
    assert!(entry.read::<[u8; 2]>().is_none() && entry.read::<[u8; 4]>().is_none());
}

#[test]
fn an_entry_is_copied_as_far_as_there_is_room() {
    let queue = queue(Checked::new(16));
    queue.enqueue(&[1, 2, 3]).unwrap();
    let entry = queue.first().unwrap().unwrap();
    let mut room = [MaybeUninit::new(9); 5];
    assert_eq!(entry.copy_to(&mut room[..2]), 2);
    assert_eq!(entry.copy_to(&mut room), 3);
}

// ---- in which order ----

#[test]
fn dq_04_and_5_each_access_is_made_once_and_in_the_order_of_the_rules() {
    let queue = queue(Checked::new(40));
    queue.enqueue(&[1; 5]).unwrap();
    assert_eq!(queue.memory().noted(), "load Tail, acquire Head, word 5 to 0, 5 to 4, release Tail");
    queue.enqueue(&[2; 3]).unwrap();
    let more = "load Tail, acquire Head, word 3 to 9, 3 to 13, release Tail, fence, load Head";
    assert_eq!(queue.memory().noted(), more);
    dequeue(&queue).unwrap();
    assert_eq!(queue.memory().noted(), "load Head, acquire Tail, word at 0, 5 from 4, release Head");
    dequeue(&queue).unwrap();
    assert_eq!(queue.memory().noted(), "load Head, acquire Tail, word at 9, 3 from 13, release Head, fence");
    dequeue(&queue).unwrap();
    assert_eq!(queue.memory().noted(), "load Head, acquire Tail");

    queue.memory().set(20, 30);
    queue.enqueue(&[3; 8]).unwrap();
    let wrapped =
        "load Tail, acquire Head, word 8 to 0, 8 to 4, word 8 to 30, release Tail, fence, load Head";
    assert_eq!(queue.memory().noted(), wrapped);
    queue.memory().set(30, 12);
    dequeue(&queue).unwrap();
    let wrapped = "load Head, acquire Tail, word at 30, word at 0, 8 from 4, release Head, fence";
    assert_eq!(queue.memory().noted(), wrapped);
}

#[test]
fn dq_04_a_reader_that_empties_the_queue_meanwhile_is_found_by_the_second_look() {
    // It takes the only entry out when the second is about to be announced.
    let emptied = Checked::with_other_side(40, |memory| {
        if memory.noted.borrow().last().is_some_and(|access| access == "fence") {
            memory.head.set(9);
        }
    });
    let queue = queue(emptied);
    assert_eq!(queue.enqueue(&[1; 5]), Ok(true));
    assert_eq!(queue.enqueue(&[2; 5]), Ok(true), "the reader may not have seen it");
    assert_eq!(queue.enqueue(&[3; 5]), Ok(false), "it has not got so far");
}

// ---- what comes out is what went in ----

/// Does one thing of a few with a queue and with a list that it must be like. Small numbers put in, others take out.
fn step(queue: &Queue<Checked>, list: &mut VecDeque<Vec<u8>>, action: u32, largest: u32, stamp: u8) {
    if action > largest {
        assert_eq!(dequeue(queue), Ok(list.pop_front()));
    } else {
        let entry = vec![stamp; action as usize];
        match queue.enqueue(&entry) {
            Ok(was_empty) => {
                assert_eq!(was_empty, list.is_empty());
                list.push_back(entry);
            }
            Err(Refused::Full(_)) => {}
            Err(corrupt) => panic!("{corrupt:?}"),
        }
    }
    let (head, tail) = queue.memory().indices();
    assert!(head <= queue.size() && tail <= queue.size());
    assert_eq!(head == tail, list.is_empty());
}

#[test]
fn what_comes_out_is_what_went_in_whatever_is_done_to_small_queues() {
    let (sizes, largest) = if cfg!(miri) { (1..7, 2) } else { (1..22, 5) };
    for size in sizes {
        // Every state that a queue can come to, by one of the shortest ways there, and everything done to it then.
        let mut states = HashSet::new();
        let mut scripts = VecDeque::from([Vec::new()]);
        while let Some(script) = scripts.pop_front() {
            let (queue, mut list) = (queue(Checked::new(size)), VecDeque::new());
            for (stamp, &action) in (1..).zip(&script) {
                step(&queue, &mut list, action, largest, stamp);
            }
            let lengths: Vec<_> = list.iter().map(Vec::len).collect();
            if states.insert((queue.memory().indices(), lengths)) {
                scripts.extend((0..largest + 2).map(|action| [&script[..], &[action]].concat()));
            }
            while let Some(entry) = dequeue(&queue).unwrap() {
                assert_eq!(Some(entry), list.pop_front());
            }
            assert!(list.is_empty());
        }
    }
}

#[test]
fn what_comes_out_is_what_went_in_for_long() {
    let (queues, steps) = if cfg!(miri) { (4, 40) } else { (300, 3000) };
    for seed in 0..queues {
        let random = Random::new(seed);
        let (size, largest) = (5 + random.below(200), 1 + random.below(40));
        let (queue, mut list) = (queue(Checked::new(size)), VecDeque::new());
        for _ in 0..steps {
            // More or less of the one or the other for a while, so that it is full at times, and empty.
            let action = random.below(2 * largest);
            step(&queue, &mut list, action, largest, random.below(256) as u8);
        }
    }
}

#[test]
fn entries_of_one_size_find_as_much_room_as_with_entries_makes() {
    let sizes = [(1, 0), (1, 7), (4, 1), (16, 64)];
    for (entries, length) in sizes.into_iter().take(if cfg!(miri) { 3 } else { 4 }) {
        let queue = queue(Checked::new((entries + 1) * (length + 4)));
        let entry = vec![1; length as usize];
        // Wherever the indices are.
        for _ in 0..3 * entries {
            for _ in 0..entries {
                queue.enqueue(&entry).unwrap();
            }
            for _ in 0..entries {
                dequeue(&queue).unwrap().unwrap();
            }
            queue.enqueue(&entry).unwrap();
            dequeue(&queue).unwrap().unwrap();
        }
    }
}

// ---- the other side lies ----

#[test]
fn indices_beyond_the_size_are_errors_that_tell_them() {
    let size = 16;
    let (large, largest) = (size + 1, u32::MAX);
    for (head, tail) in [(large, 0), (0, large), (largest, 3), (3, largest), (large, large), (largest, 16)] {
        let queue = queue(Checked::new(size));
        queue.memory().set(head, tail);
        let corrupt = Corrupt { indices: Indices { head, tail, size }, entry: None };
        assert_eq!(queue.enqueue(&[1]), Err(Refused::Corrupt(corrupt)));
        if head != tail {
            assert_eq!(dequeue(&queue), Err(corrupt));
        }
        assert_eq!(queue.memory().indices(), (head, tail), "nothing is moved");
    }
}

#[test]
fn an_entry_that_claims_more_than_there_is_is_an_error_that_tells_its_size() {
    let size = 16;
    for (head, tail, claimed) in [(0, 16, 13), (0, 8, u32::MAX), (0, 8, u32::MAX - 3), (0, 8, 5), (4, 8, 9)] {
        let queue = queue(Checked::new(size));
        queue.memory().put_word(0, claimed);
        queue.memory().put_word(head as usize, claimed);
        queue.memory().set(head, tail);
        let corrupt = Corrupt { indices: Indices { head, tail, size }, entry: Some(claimed) };
        assert_eq!(dequeue(&queue), Err(corrupt), "{head} {tail} {claimed}");
        assert_eq!(queue.memory().indices(), (head, tail), "nothing is moved");
    }
}

#[test]
fn an_entry_that_goes_past_the_tail_is_one_that_the_kernel_believes_and_a_check_does_not() {
    let queue = queue(Checked::new(16));
    queue.memory().put_word(0, 9);
    queue.memory().set(0, 8);
    let entry = queue.first().unwrap().unwrap();
    assert_eq!(entry.len(), 9);
    let indices = Indices { head: 0, tail: 8, size: 16 };
    assert_eq!(entry.check(), Err(Corrupt { indices, entry: Some(9) }));
}

#[test]
fn a_queue_without_room_for_a_size_is_never_looked_into() {
    for size in 0..4 {
        let queue = queue(Checked::new(size));
        for (head, tail) in [(0, size), (size, 0), (1, 0), (0, 1), (u32::MAX, 0)] {
            queue.memory().set(head, tail);
            let _ = dequeue(&queue);
            assert!(queue.enqueue(&[]).is_err());
        }
        assert!(!queue.memory().noted().contains("at"));
    }
}

/// `Checked` panics at every access that is out of bounds.
#[test]
fn whatever_the_other_side_writes_and_whenever_no_access_is_out_of_bounds() {
    let (queues, steps) = if cfg!(miri) { (8, 30) } else { (400, 2000) };
    for seed in 0..queues {
        let random = Random::new(seed);
        let size = random.below(80);
        let other_side = random.clone();
        let memory = Checked::with_other_side(size, move |memory| {
            let random = &other_side;
            let interesting = [0, 1, 3, 4, size, size + 1, size.saturating_sub(4), u32::MAX, u32::MAX - 4];
            let word = match random.below(3) {
                0 => interesting[random.below(interesting.len() as u32) as usize],
                1 => random.below(size + 1),
                _ => random.below(u32::MAX),
            };
            match random.below(8) {
                0 => memory.head.set(word),
                1 => memory.tail.set(word),
                2 if size >= 4 => memory.put_word(random.below(size - 3) as usize, word),
                3 if size >= 4 => memory.put_word(0, word),
                _ => {}
            }
        });
        let queue = queue(memory);
        let mut taken = 0;
        for _ in 0..steps {
            match random.below(3) {
                0 => drop(queue.enqueue(&vec![7; random.below(size + 8) as usize])),
                1 => taken += usize::from(dequeue(&queue).is_ok_and(|entry| entry.is_some())),
                _ => {
                    if let Ok(Some(entry)) = queue.first() {
                        // As the C functions do, without a check.
                        bytes(&entry);
                        entry.remove();
                    }
                }
            }
            queue.memory().noted();
        }
        assert!(cfg!(miri) || size < 16 || taken > 0, "some are taken all the same");
    }
}
