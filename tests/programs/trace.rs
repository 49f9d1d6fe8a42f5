//! The program that records and shows.

use super::trace::PROGRAM;
use std::fs;
use std::path::PathBuf;

every_example!("record", "/nowhere/at/all.trace");

/// A file of a test's own, which goes with it.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("iokit-uc-{}-{name}.trace", std::process::id())))
    }

    fn name(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn record(name: &str) -> Temporary {
    let file = Temporary::new(name);
    let (code, out, complaints) = run(&["record", file.name()]);
    assert_eq!((code, &*complaints), (0, ""));
    assert!(out.contains(" keys read: ") && out.contains(" calls in "), "{out}");
    file
}

#[test]
fn what_was_recorded_is_shown_with_names_and_values() {
    let file = record("shown");
    let (code, out, complaints) = run(&["show", file.name()]);
    assert_eq!((code, &*complaints), (0, ""));
    assert!(out.contains("matching={\"IOProviderClass\": \"AppleSMC\"}"), "{out}");
    assert!(
        out.lines().any(|line| line.contains("AppleSmc::handle_ypc_event(request: SmcParam { ")),
        "{out}"
    );
    assert!(!out.contains("IOConnectCallStructMethod(") && !out.contains("IOConnectCallMethod("), "{out}");
}

#[test]
fn two_recordings_of_one_program_differ_in_nothing_but_time() {
    let (before, after) = (record("before"), record("after"));
    let (code, out, _) = run(&["diff", before.name(), after.name()]);
    assert_eq!(code, 0, "{out}");
    assert!(out.starts_with("no difference in "), "{out}");
    let text = fs::read_to_string(after.name()).unwrap();
    let changed: Vec<&str> = text.lines().filter(|line| !line.contains(" mach_task_self")).collect();
    fs::write(after.name(), changed.join("\n") + "\n").unwrap();
    let (code, out, complaints) = run(&["diff", before.name(), after.name()]);
    assert_eq!(code, 1);
    assert!(out.lines().all(|line| line.starts_with("- ") && line.contains("mach_task_self")), "{out}");
    assert!(complaints.ends_with(" differences\n") || complaints.ends_with(" difference\n"), "{complaints}");
}

#[test]
fn what_is_redacted_is_a_trace_again() {
    let file = record("redacted");
    let (code, out, complaints) = run(&["redact", file.name()]);
    assert_eq!((code, &*complaints), (0, ""));
    fs::write(file.name(), out).unwrap();
    assert_eq!(run(&["show", file.name()]).0, 0);
}

#[test]
fn a_mistaken_command_line_says_what_is_wrong() {
    for (arguments, complaint) in [
        (&[][..], "no command"),
        (&["replay"], "unknown command `replay`"),
        (&["show"], "`show` wants a file"),
        (&["diff", "one"], "`diff` wants two files"),
    ] {
        let (code, out, complaints) = run(arguments);
        assert_eq!((code, &*out), (2, ""));
        assert!(complaints.starts_with(&format!("error: {complaint}\n\nusage: trace ")), "{complaints}");
    }
    let (code, _, complaints) = run(&["show", "/nowhere/at/all.trace"]);
    assert_eq!(code, 1);
    assert!(complaints.starts_with("error: /nowhere/at/all.trace: it cannot be read: "), "{complaints}");
}
