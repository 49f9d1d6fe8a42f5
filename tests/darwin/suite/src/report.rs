//! A line a test.

use std::process::ExitCode;

/// What a test came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// With what there is to see.
    Failed(String),
    /// In one world, with the reason.
    NativeOnly(String),
    /// In no world, with the reason.
    Ignored(String),
}

/// Counts what it prints.
#[derive(Debug, Default)]
pub(crate) struct Report {
    failed: bool,
}

impl Report {
    /// Prints the line of a test.
    pub(crate) fn line(&mut self, group: &str, test: &str, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => println!("ok           {group} {test}"),
            Outcome::NativeOnly(reason) => println!("native only  {group} {test}: {reason}"),
            Outcome::Ignored(reason) => println!("ignored      {group} {test}: {reason}"),
            Outcome::Failed(output) => {
                self.failed = true;
                println!("FAILED       {group} {test}");
                output.lines().for_each(|line| println!("    | {line}"));
            }
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
