//! Other programs: those of Linux, and those for macOS in a host of their own.

use std::io::{ErrorKind, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use crate::{Directory, child, text};

#[test]
fn a_programs_output_is_read() {
    let output = Command::new("echo").args(["one", "two"]).output().unwrap();
    assert_eq!((output.status.success(), text(&output.stdout)), (true, "one two\n"));
}

#[test]
fn a_programs_input_is_written() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_child"))
        .arg("copy")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"through a pipe").unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), "through a pipe");
}

#[test]
fn a_missing_program_is_not_found() {
    assert_eq!(Command::new("/no/such/program").spawn().unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(Command::new("no-such-program").spawn().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_program_gets_its_environment_and_directory() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_child"));
    let output = command.arg("environment").env("COLOUR", "blue").output().unwrap();
    assert_eq!(text(&output.stdout), "blue\n");
    let directory = Directory::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_child"));
    let output = command.arg("directory").current_dir(&directory.0).output().unwrap();
    assert_eq!(text(&output.stdout), format!("{}\n", directory.0.canonicalize().unwrap().display()));
}

#[test]
fn a_program_gets_its_name() {
    let output = child(&["name"]);
    assert_eq!(text(&output.stdout), concat!(env!("CARGO_BIN_EXE_child"), "\n"));
}

#[test]
fn signals_that_end_programs_have_macos_numbers() {
    for signal in [libc::SIGTERM, libc::SIGUSR1, libc::SIGSEGV, libc::SIGBUS] {
        assert_eq!(child(&["signal", &signal.to_string()]).status.signal(), Some(signal));
    }
}

#[test]
fn a_program_can_be_killed() {
    let mut sleeping = Command::new("sleep").arg("1000").spawn().unwrap();
    assert!(sleeping.try_wait().unwrap().is_none());
    sleeping.kill().unwrap();
    assert_eq!(sleeping.wait().unwrap().signal(), Some(libc::SIGKILL));
}

#[test]
fn a_forked_process_can_execute_a_program_for_macos() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_child"));
    command.args(["exit", "9"]);
    // SAFETY: the closure calls nothing that is not safe after a fork.
    unsafe { command.pre_exec(|| Ok(())) };
    assert_eq!(command.status().unwrap().code(), Some(9));
}

#[test]
fn standard_output_opened_by_its_path_is_not_truncated() {
    let directory = Directory::new();
    let file = std::fs::File::create(directory.join("output")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_child"));
    assert!(command.arg("standard output twice").stdout(file).status().unwrap().success());
    assert_eq!(std::fs::read_to_string(directory.join("output")).unwrap(), "first second third\n");
}
