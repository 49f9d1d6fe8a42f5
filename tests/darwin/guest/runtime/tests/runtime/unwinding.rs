//! Panics, which unwind by the tables that the loader has made.

use std::backtrace::Backtrace;
use std::hint::black_box;
use std::panic::{catch_unwind, panic_any, resume_unwind};

#[test]
#[should_panic(expected = "on purpose")]
fn panics_unwind() {
    let _guard = String::from("dropped while unwinding");
    panic!("on purpose");
}

/// Keeps values in all callee-saved registers over calls, without a landing pad: the kind of frame that only Apple's
/// compact unwind information describes.
#[inline(never)]
fn descend(depth: u64, a: u64, b: u64, c: u64, d: u64) -> u64 {
    let hidden = black_box([a ^ 1, b ^ 2, c ^ 3, d ^ 4, depth]);
    if depth == 0 {
        panic_any(hidden[4]);
    }
    let below = descend(depth - 1, hidden[3], hidden[2], hidden[1], hidden[0]);
    below ^ a ^ b.rotate_left(1) ^ c.rotate_left(2) ^ d.rotate_left(3) ^ depth
}

#[test]
fn unwinding_restores_registers() {
    let [a, b, c, d, e] = black_box([11_u64, 22, 33, 44, 55]);
    for round in 0..100 {
        let depth = black_box(round % 7);
        let caught = catch_unwind(|| descend(depth, a, b, c, d));
        assert_eq!(caught.unwrap_err().downcast_ref::<u64>(), Some(&0));
        assert_eq!([a, b, c, d, e], [11, 22, 33, 44, 55]);
    }
}

#[test]
fn unwinding_drops_what_it_passes_in_order() {
    use std::cell::RefCell;
    struct Noted<'notes>(&'notes RefCell<Vec<u32>>, u32);
    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }
    #[inline(never)]
    fn descend(depth: u32, notes: &RefCell<Vec<u32>>) {
        let _noted = Noted(notes, depth);
        if depth == 3 {
            panic_any(());
        }
        descend(depth + 1, notes);
    }
    let notes = RefCell::default();
    assert!(catch_unwind(std::panic::AssertUnwindSafe(|| descend(1, &notes))).is_err());
    assert_eq!(notes.into_inner(), [3, 2, 1]);
}

#[test]
fn a_caught_panic_can_go_on() {
    let caught = catch_unwind(|| {
        let inner = catch_unwind(|| panic_any(1_u8)).unwrap_err();
        resume_unwind(inner)
    });
    assert_eq!(caught.unwrap_err().downcast_ref::<u8>(), Some(&1));
}

#[test]
fn a_panic_ends_its_thread_alone() {
    let joined = std::thread::spawn(|| panic_any("of a thread")).join();
    assert_eq!(joined.unwrap_err().downcast_ref::<&str>(), Some(&"of a thread"));
}

#[inline(never)]
fn a_function_with_a_name() -> String {
    black_box(Backtrace::force_capture().to_string())
}

#[test]
fn backtraces_name_functions_and_lines() {
    let backtrace = a_function_with_a_name();
    assert!(backtrace.contains("a_function_with_a_name"), "{backtrace}");
    assert!(backtrace.contains("unwinding.rs:"), "{backtrace}");
}

#[test]
fn tests_can_end_by_errors() -> Result<(), std::num::ParseIntError> {
    assert_eq!("12".parse::<u8>()?, 12);
    Ok(())
}
