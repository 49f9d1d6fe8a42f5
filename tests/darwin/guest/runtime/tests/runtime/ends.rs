//! How programs end.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use crate::{Directory, child, text};

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

#[test]
fn a_program_ends_whatever_its_other_threads_are_at() {
    assert_eq!(child(&["return while a stream is locked"]).status.code(), Some(0));
}

#[test]
fn what_is_written_reaches_its_file_if_a_strict_host_ends_the_program() {
    let directory = Directory::new();
    let file = directory.join("file");
    let program = env!("CARGO_BIN_EXE_child");
    // The host is the executable that Linux knows of this process.
    let output = Command::new("/proc/self/exe")
        .args(["--strict", program, "leave a string behind and write to"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(70), "{output:?}");
    assert_eq!(std::fs::read(file).unwrap(), b"written");
}

#[test]
fn what_is_left_is_not_said_where_nobody_listens() {
    let directory = Directory::new();
    let program = env!("CARGO_BIN_EXE_child");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = Command::new("/proc/self/exe")
        .args(["--strict", program, "leave a string behind and write to"])
        .arg(directory.join("file"))
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(70));
}
