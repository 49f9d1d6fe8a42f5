//! What is said of a program that faults or misuses a function before it ends.

use std::os::unix::process::ExitStatusExt;

use crate::{child, text};

/// The signal that ends the program, and what it says.
fn end(how: &str) -> (Option<i32>, String) {
    let output = child(&[how]);
    assert_eq!(text(&output.stdout), "");
    (output.status.signal(), text(&output.stderr).to_owned())
}

#[test]
fn an_access_to_nothing_is_reported_with_its_place() {
    let (signal, message) = end("null");
    assert_eq!(signal, Some(libc::SIGSEGV), "{message}");
    assert!(message.starts_with("darwin-host: no such access to 0x10, at child::main+0x"), "{message}");
}

#[test]
fn a_division_by_zero_is_reported_with_its_place() {
    let (signal, message) = end("divide");
    assert_eq!(signal, Some(libc::SIGFPE), "{message}");
    assert!(message.starts_with("darwin-host: a division by zero"), "{message}");
    assert!(message.contains("at child::main+0x"), "{message}");
}

#[test]
fn a_stack_that_overflows_is_reported() {
    for how in ["overflow", "overflow in a thread"] {
        let (signal, message) = end(how);
        assert!(signal.is_some(), "{message}");
        assert!(message.contains("darwin-host: the stack has overflowed, at "), "{message}");
    }
}

#[test]
fn misuse_of_dispatch_objects_is_reported_with_its_place() {
    let cases = [
        ("release twice", "dispatch_release", "has been released already"),
        ("use after release", "dispatch_async_f", "has been released already"),
        ("another kind", "dispatch_semaphore_wait", "is a dispatch queue, not a dispatch semaphore"),
        ("release in use", "dispatch_release", "the semaphore is in use: its value is 0, and was 1 at first"),
        ("wait for itself", "dispatch_sync_f", "waits for the queue whose work this thread does"),
        ("leave an empty group", "dispatch_group_leave", "the group has no members"),
        ("resume", "dispatch_resume", "the queue is not suspended"),
        ("lock twice", "os_unfair_lock_lock", "this thread holds the lock already"),
    ];
    for (how, function, what) in cases {
        let (signal, message) = end(how);
        assert_eq!(signal, Some(libc::SIGABRT), "{message}");
        assert!(message.starts_with(&format!("darwin-host: {function} called from child::")), "{message}");
        assert!(message.ends_with(&format!("{what}\n")), "{message}");
    }
}
