//! Thread-local variables.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::hint::black_box;
use std::sync::mpsc;
use std::thread;

use crate::{child, text};

#[test]
fn every_thread_has_its_own() {
    thread_local!(static NUMBER: Cell<u32> = const { Cell::new(7) });
    NUMBER.set(8);
    let there = thread::spawn(|| NUMBER.replace(9)).join().unwrap();
    assert_eq!((there, NUMBER.get()), (7, 8));
}

#[test]
fn they_are_aligned_as_their_types_ask() {
    #[repr(align(64))]
    struct Aligned(Cell<u8>);
    thread_local!(static ALIGNED: Aligned = const { Aligned(Cell::new(5)) });
    let address = || ALIGNED.with(|aligned| (&raw const *aligned).addr() % 64 + usize::from(aligned.0.get()));
    assert_eq!((address(), thread::spawn(address).join().unwrap()), (5, 5));
}

#[test]
fn pointers_in_their_first_values_are_bound() {
    thread_local!(static GET: Cell<unsafe extern "C" fn() -> i32> = const { Cell::new(libc::getpid) });
    // SAFETY: has no preconditions.
    let id = thread::spawn(|| unsafe { GET.get()() }).join().unwrap();
    assert_eq!(id.unsigned_abs(), std::process::id());
}

#[test]
fn floats_survive_accesses() {
    thread_local!(static SCALE: Cell<f64> = const { Cell::new(0.5) });
    let handle = thread::spawn(|| {
        let mut sums = black_box([1.0_f64, 2.0, 3.0, 4.0]);
        for step in 0..1000 {
            let x = f64::from(step);
            let scale = SCALE.get();
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum += x * scale + index as f64;
            }
            SCALE.set(scale + 0.0);
        }
        sums
    });
    let half_sum = 999.0 * 1000.0 / 4.0;
    let expected = [1.0, 1002.0, 2003.0, 3004.0].map(|extra| half_sum + extra);
    assert_eq!(handle.join().unwrap(), expected);
}

struct Reporter(mpsc::Sender<u32>);

impl Drop for Reporter {
    fn drop(&mut self) {
        self.0.send(42).unwrap();
    }
}

#[test]
fn they_are_dropped_at_the_end_of_a_thread() {
    thread_local!(static REPORTER: RefCell<Option<Reporter>> = const { RefCell::new(None) });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || REPORTER.set(Some(Reporter(sender)))).join().unwrap();
    assert_eq!(receiver.recv(), Ok(42));
}

#[test]
fn they_can_be_made_while_others_are_dropped() {
    thread_local!(static FIRST: RefCell<Option<Late>> = const { RefCell::new(None) });
    thread_local!(static LATE: RefCell<Option<Reporter>> = const { RefCell::new(None) });
    struct Late(Option<mpsc::Sender<u32>>);
    impl Drop for Late {
        fn drop(&mut self) {
            LATE.set(self.0.take().map(Reporter));
        }
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || FIRST.set(Some(Late(Some(sender))))).join().unwrap();
    assert_eq!(receiver.recv(), Ok(42));
}

#[test]
fn destructors_run_in_the_opposite_order_of_their_registration() {
    unsafe extern "C" {
        fn _tlv_atexit(destructor: extern "C" fn(*mut c_void), object: *mut c_void);
    }
    struct Note(mpsc::Sender<u32>, u32);
    extern "C" fn destroy(note: *mut c_void) {
        // SAFETY: one of those below, which is destroyed once.
        let Note(sender, number) = *unsafe { Box::from_raw(note.cast::<Note>()) };
        sender.send(number).unwrap();
    }
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        for number in [1, 2, 3] {
            // SAFETY: the destructor is made for its object.
            unsafe { _tlv_atexit(destroy, Box::into_raw(Box::new(Note(sender.clone(), number))).cast()) };
        }
    });
    thread.join().unwrap();
    assert!(receiver.iter().eq([3, 2, 1]));
}

#[test]
fn those_of_the_main_thread_are_dropped_after_main() {
    let output = child(&["return with thread-locals"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "dropped after main\n"));
}

#[test]
fn those_of_the_thread_that_exits_are_dropped() {
    let output = child(&["exit with thread-locals"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), "dropped at exit\n"));
    let output = child(&["exit from a thread"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(4), "dropped of the thread that exits\n"));
}
