//! Imports that nothing stands in for, and the listing of imports.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use crate::text;

/// Runs the host itself, which is the executable that Linux knows of this process.
fn host(arguments: &[&str]) -> Output {
    Command::new("/proc/self/exe").args(arguments).output().unwrap()
}

#[test]
fn a_missing_function_names_itself_when_it_is_called() {
    let program = env!("CARGO_BIN_EXE_missing_function");
    let output = Command::new(program).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "before after\n"));
    let output = Command::new(program).arg("call").output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGABRT));
    let message = text(&output.stderr);
    assert!(
        message.starts_with("darwin-host: no_such_function called from missing_function::main+0x"),
        "{message}"
    );
    assert!(message.ends_with(": it has no stand-in\n"), "{message}");
}

#[test]
fn a_call_belongs_to_the_function_that_ends_with_it() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_missing_function")).arg("call at the end").output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGABRT));
    let message = text(&output.stderr);
    assert!(message.contains("no_such_function called from ends_with_a_call+0x"), "{message}");
}

// A pointer to what the program can do without, which only C has a word for.
std::arch::global_asm!(
    ".weak_reference _no_such_function_but_weak",
    ".section __DATA,__data",
    ".globl _pointer_to_weak",
    ".p2align 3",
    "_pointer_to_weak: .quad _no_such_function_but_weak",
    ".text",
);

#[test]
fn what_a_program_can_do_without_is_null() {
    unsafe extern "C" {
        static pointer_to_weak: usize;
    }
    // SAFETY: the pointer is defined above.
    assert_eq!(unsafe { (&raw const pointer_to_weak).read_volatile() }, 0);
}

#[test]
fn missing_variables_are_named_at_load() {
    let program = env!("CARGO_BIN_EXE_missing_variable");
    let output = Command::new(program).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(126), ""));
    let names = "needs variables that have no stand-in: another_missing_variable, no_such_variable";
    assert_eq!(text(&output.stderr), format!("darwin-host: {program}: {names}\n"));
}

#[test]
fn imports_are_listed_with_their_kinds() {
    let listed =
        |program| text(&host(&["--imports", program]).stdout).lines().map(String::from).collect::<Vec<_>>();
    let function = listed(env!("CARGO_BIN_EXE_missing_function"));
    assert!(function.contains(&"no_such_function function missing".into()), "{function:?}");
    assert!(function.contains(&"write function".into()), "{function:?}");
    assert!(function.is_sorted());
    let variable = listed(env!("CARGO_BIN_EXE_missing_variable"));
    assert!(variable.contains(&"no_such_variable variable missing".into()), "{variable:?}");
}

#[test]
fn exports_are_listed() {
    let output = host(&["--exports"]);
    let exports: Vec<_> = text(&output.stdout).lines().collect();
    assert!(
        exports.contains(&"printf") && exports.contains(&"dlsym") && exports.contains(&"_dispatch_main_q")
    );
}

#[test]
fn lists_that_nobody_reads_are_no_panic() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let host = Command::new("/proc/self/exe").arg("--exports").stdout(full).stderr(Stdio::piped()).spawn();
    let output = host.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(126));
    assert_eq!(text(&output.stderr), "darwin-host: No space left on device (os error 28)\n");
}

#[test]
fn a_command_line_that_says_nothing_is_explained() {
    let output = host(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("darwin-host: which program?\nusage: darwin-host "));
}
