//! What runs come to.

use super::Machine;
use crate::sim::fault::Fault;
use crate::sim::report::Report;
use std::fmt;
use std::time::Duration;

/// What one run has that the others have not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Injection {
    /// A fault: [`Machine::inject`].
    Fault(Fault),
    /// [`Machine::refuse_entitlement`].
    RefusedEntitlement(String),
}

impl Injection {
    /// Does it to a machine: for a test of this one alone.
    pub fn apply(&self, machine: &Machine) {
        match self {
            Self::Fault(fault) => drop(machine.inject(fault.clone())),
            Self::RefusedEntitlement(entitlement) => machine.refuse_entitlement(entitlement),
        }
    }
}

/// The line that does it.
impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "machine.inject({fault});"),
            Self::RefusedEntitlement(entitlement) => {
                write!(f, "machine.refuse_entitlement({entitlement:?});")
            }
        }
    }
}

/// What a test returns that runs under faults: nothing, or a result.
pub trait RunOutcome {
    /// Why it has failed, if it has. That is expected under a fault, and an error without one.
    fn failure(self) -> Option<String>;
}

impl RunOutcome for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<T, E: fmt::Display> RunOutcome for Result<T, E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

/// Every fault in turn, and nothing to complain of.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FaultSummary {
    pub(super) calls: usize,
    pub(super) runs: usize,
    pub(super) missed: Vec<Injection>,
    pub(super) left_out: usize,
}

impl FaultSummary {
    /// How many calls the test makes without a fault.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// How many runs there were, each with another fault.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// The faults whose call was not made when its turn came: the test does not make the same calls each time.
    pub fn missed(&self) -> &[Injection] {
        &self.missed
    }

    /// How many faults were left out, by [`FaultRun::at_most`](super::FaultRun::at_most).
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl fmt::Display for FaultSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, runs, missed, left_out } = self;
        write!(f, "{calls} calls, {runs} runs with a fault each")?;
        if !missed.is_empty() {
            write!(f, ", {} of which found no call to come to", missed.len())?;
        }
        if *left_out > 0 {
            write!(f, ", {left_out} more left out")?;
        }
        Ok(())
    }
}

/// The first run that something is wrong with.
///
/// `Debug` writes what `Display` does: a test that returns it shows it so.
#[derive(Clone, PartialEq)]
pub struct FaultFailure(Box<Failure>);

#[derive(Clone, PartialEq)]
struct Failure {
    injection: Option<Injection>,
    outcome: FaultOutcome,
    /// Runs before it.
    runs: usize,
}

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultOutcome {
    /// The test fails without any fault, with this error.
    Failed(String),
    /// It panics, with this message.
    Panicked(String),
    /// It is not done after this time. Calls that have not returned by then, by the names of their functions in C.
    Hung(Duration, Vec<String>),
    /// What is left on the machine afterwards, or was done wrong on it.
    Unclean(Report),
    /// Something keeps the machine: a handle that was forgotten, or a thread that has one.
    Kept,
    /// The host has no thread for the run.
    NoThread(String),
}

impl FaultFailure {
    pub(super) fn new(injection: Option<Injection>, outcome: FaultOutcome, runs: usize) -> Self {
        Self(Box::new(Failure { injection, outcome, runs }))
    }

    /// What did it; none if it happens without a fault too.
    pub fn injection(&self) -> Option<&Injection> {
        self.0.injection.as_ref()
    }

    /// What came of it.
    pub fn outcome(&self) -> &FaultOutcome {
        &self.0.outcome
    }

    /// How many runs with other faults there were before, with nothing to complain of.
    pub fn runs(&self) -> usize {
        self.0.runs
    }
}

impl fmt::Display for FaultFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { injection, outcome, .. } = &*self.0;
        match injection {
            Some(injection) => write!(f, "under one fault the test {outcome}\n    {injection}"),
            None => write!(f, "without any fault the test {outcome}"),
        }
    }
}

impl fmt::Debug for FaultFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for FaultFailure {}

impl fmt::Display for FaultOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "fails: {error}"),
            Self::Panicked(message) => write!(f, "panics: {message}"),
            Self::Hung(time, calls) if calls.is_empty() => {
                write!(f, "is not done after {time:?}, and is in no call")
            }
            Self::Hung(time, calls) => write!(f, "is not done after {time:?}, in {}", calls.join(", ")),
            Self::Unclean(report) => {
                write!(f, "leaves the machine unclean:\n{}", report.to_string().trim_end())
            }
            Self::Kept => f.write_str("keeps a handle of the machine, or leaves a thread that does"),
            Self::NoThread(error) => write!(f, "cannot be run: {error}"),
        }
    }
}
