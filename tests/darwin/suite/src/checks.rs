//! What is right or wrong by itself.

use crate::process::{self, End};
use crate::report::{Outcome, Report};
use crate::test_program::TestProgram;
use std::process::Command;

/// Runs the tests of programs.
pub(crate) fn tests(programs: impl Iterator<Item = TestProgram>) -> Report {
    let mut report = Report::default();
    for program in programs {
        match program.run() {
            Ok(outcomes) => {
                outcomes.iter().for_each(|(test, outcome)| report.line(program.name(), test, outcome));
            }
            Err(error) => report.line(program.name(), "(the list of tests)", &Outcome::Failed(error)),
        }
    }
    report
}

/// Runs a command that has to succeed.
pub(crate) fn passes(label: &str, command: &[&str]) -> Report {
    let outcome = match process::run(Command::new(command[0]).args(&command[1..])) {
        Ok(finished) if finished.end == End::Exited(0) => Outcome::Passed,
        Ok(finished) => Outcome::Failed(finished.to_text()),
        Err(error) => Outcome::Failed(format!("{}: {error}", command[0])),
    };
    let mut report = Report::default();
    report.line("run", label, &outcome);
    report
}
