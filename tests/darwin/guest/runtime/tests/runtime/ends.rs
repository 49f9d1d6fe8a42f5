//! How programs end.

use std::os::unix::process::ExitStatusExt;

use crate::{child, text};

#[test]
fn a_program_that_returns_has_succeeded() {
    assert_eq!(child(&["return"]).status.code(), Some(0));
}

#[test]
fn a_program_exits_with_its_status() {
    assert_eq!(child(&["exit", "42"]).status.code(), Some(42));
    assert_eq!(child(&["exit", "256"]).status.code(), Some(0));
}

#[test]
fn a_panic_of_main_has_the_status_101() {
    let output = child(&["panic"]);
    assert_eq!(output.status.code(), Some(101));
    assert!(text(&output.stderr).contains("on purpose"));
}

#[test]
fn a_program_can_abort() {
    assert_eq!(child(&["abort"]).status.signal(), Some(libc::SIGABRT));
}

#[test]
fn what_was_registered_runs_at_exit() {
    assert_eq!(text(&child(&["atexit"]).stdout), "main ends\nat exit\n");
}
