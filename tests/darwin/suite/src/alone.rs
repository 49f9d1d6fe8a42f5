//! Test programs by themselves.

use crate::report::{Outcome, Report};
use crate::test_program::TestProgram;

/// Runs all tests of the programs.
pub(crate) fn run(programs: impl Iterator<Item = TestProgram>) -> Report {
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
