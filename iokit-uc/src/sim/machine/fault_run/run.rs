//! The runs.

use super::Machine;
use super::candidates::Wanted;
use super::verdict::{FaultFailure, FaultOutcome, FaultSummary, Injection, RunOutcome};
use crate::error::IoReturn;
use crate::sim::fault::{Fault, Passed};
use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::Duration;

/// How [`Machine::for_each_fault`] goes.
///
/// ```
/// use iokit_uc::IoReturn;
/// use iokit_uc::sim::{FaultRun, Machine};
/// use std::time::Duration;
///
/// let summary = FaultRun::new()
///     .code(IoReturn::NOT_RESPONDING)
///     .code(IoReturn::NO_DEVICE)
///     .time_limit(Duration::from_secs(2))
///     .run(|machine: &Machine| {
///         iokit_uc::RegistryEntry::root(&machine.task("client").kernel())?.name()
///     })?;
/// assert_eq!(summary.missed(), []);
/// # Ok::<(), iokit_uc::sim::FaultFailure>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is run before `run`"]
pub struct FaultRun {
    wanted: Wanted,
    time_limit: Duration,
    at_most: usize,
    only: Option<Arc<Choice>>,
}

impl Default for FaultRun {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FaultRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, time_limit, at_most, .. } = self;
        f.debug_struct("FaultRun")
            .field("wanted", wanted)
            .field("time_limit", time_limit)
            .field("at_most", at_most)
            .finish_non_exhaustive()
    }
}

/// How long a run that hangs has to end when it has been let go of.
const GRACE: Duration = Duration::from_secs(1);

type Choice = dyn Fn(&Injection) -> bool + Send + Sync;
type Test = dyn Fn(&Machine) -> Option<String> + Send + Sync;

impl FaultRun {
    /// As [`Machine::for_each_fault`] does it: usual codes, 10 seconds, nothing that only hangs.
    pub fn new() -> Self {
        let (wanted, time_limit) = (Wanted::default(), Duration::from_secs(10));
        Self { wanted, time_limit, at_most: usize::MAX, only: None }
    }

    /// Calls and completions fail with this code, instead of one that is usual for the function; with each, if it is said
    /// more than once.
    pub fn code(mut self, code: IoReturn) -> Self {
        self.wanted.codes.push(code);
        self
    }

    /// How long a run may take by the host's clock, before it counts as one that hangs.
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.time_limit = time;
        self
    }

    /// Also drivers that do not return from a call, and completions that never come: for a program that gives up waiting.
    pub fn with_hangs(mut self) -> Self {
        self.wanted.hangs = true;
        self
    }

    /// At most so many runs with a fault. The rest is [left out](FaultSummary::left_out).
    pub fn at_most(mut self, runs: usize) -> Self {
        self.at_most = runs;
        self
    }

    /// Those alone that `wanted` says yes to.
    pub fn only(mut self, wanted: impl Fn(&Injection) -> bool + Send + Sync + 'static) -> Self {
        self.only = Some(Arc::new(wanted));
        self
    }

    /// What would be injected, one a run.
    pub fn injections<R: RunOutcome>(
        &self,
        test: impl Fn(&Machine) -> R + Send + Sync + 'static,
    ) -> Result<Vec<Injection>, FaultFailure> {
        self.find(&into_test(test)).map(|(_, injections)| injections)
    }

    /// Runs the test: see [`Machine::for_each_fault`].
    pub fn run<R: RunOutcome>(
        &self,
        test: impl Fn(&Machine) -> R + Send + Sync + 'static,
    ) -> Result<FaultSummary, FaultFailure> {
        let test = into_test(test);
        let (calls, injections) = self.find(&test)?;
        let mut summary = FaultSummary {
            calls,
            left_out: injections.len().saturating_sub(self.at_most),
            ..FaultSummary::default()
        };
        for injection in injections.into_iter().take(self.at_most) {
            match self.run_once(&test, Some(&injection)) {
                Ok(Done { hit: false, .. }) => summary.missed.push(injection),
                Ok(_) => {}
                Err(outcome) => {
                    return Err(FaultFailure::new(Some(injection), outcome, summary.runs));
                }
            }
            summary.runs += 1;
        }
        Ok(summary)
    }

    /// The run without a fault: how many calls there are, and what could come to them.
    fn find(&self, test: &Arc<Test>) -> Result<(usize, Vec<Injection>), FaultFailure> {
        let failed = |outcome| FaultFailure::new(None, outcome, 0);
        let Done { failure, calls, granted, .. } = self.run_once(test, None).map_err(failed)?;
        if let Some(error) = failure {
            return Err(failed(FaultOutcome::Failed(error)));
        }
        let last = calls.len().saturating_sub(1);
        let of_calls =
            calls.iter().enumerate().flat_map(|(number, call)| self.wanted.of_call(call, number == last));
        let refused = granted.into_iter().map(Injection::RefusedEntitlement);
        let injections = of_calls.chain(refused);
        let wanted = |injection: &Injection| self.only.as_ref().is_none_or(|only| only(injection));
        Ok((calls.len(), injections.filter(wanted).collect()))
    }

    /// One run, on a machine and a thread of its own.
    fn run_once(&self, test: &Arc<Test>, injection: Option<&Injection>) -> Result<Done, FaultOutcome> {
        let machine = Machine::new();
        let core = Arc::clone(machine.shared.core());
        core.faults().record();
        let injected = match injection {
            Some(Injection::Fault(fault)) => Some(machine.inject(Fault::clone(fault))),
            other => {
                other.inspect(|injection| injection.apply(&machine));
                None
            }
        };
        let (report, reported) = channel();
        let (test, of_thread) = (Arc::clone(test), machine.clone());
        let thread = Builder::new().name("test under faults".into()).spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(|| test(&of_thread)));
            drop((test, of_thread));
            let _ = report.send(result);
        });
        let thread = thread.map_err(|error| FaultOutcome::NoThread(error.to_string()))?;
        let result = match reported.recv_timeout(self.time_limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                let calls = core.faults().take_record();
                machine.let_go();
                if reported.recv_timeout(GRACE).is_ok() {
                    let _ = thread.join();
                }
                return Err(FaultOutcome::Hung(self.time_limit, unfinished(&calls)));
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Box::new("the thread has ended") as Box<dyn Any + Send>)
            }
        };
        let _ = thread.join();
        let failure = result.map_err(|panic| FaultOutcome::Panicked(message(&*panic)))?;
        let hit = injected.is_none_or(|fault| fault.hits() > 0);
        machine.clear_faults();
        // Threads of the program's may be about to end.
        core.wait_until(self.time_limit, |kernel| kernel.report().leaves_nothing());
        let report = machine.report();
        if !report.is_clean() {
            return Err(FaultOutcome::Unclean(report));
        }
        let calls = core.faults().take_record();
        let granted = machine.shared.lock().refusals.granted();
        drop(machine);
        if !core.wait_until(self.time_limit, |kernel| kernel.is_dismantled) {
            return Err(FaultOutcome::Kept);
        }
        Ok(Done { failure, hit, calls, granted })
    }
}

/// A run with nothing to complain of.
struct Done {
    /// The test has returned an error.
    failure: Option<String>,
    /// The fault has come to a call.
    hit: bool,
    calls: Vec<Passed>,
    /// Entitlements that were asked for.
    granted: Vec<String>,
}

impl Machine {
    /// Whatever waits in this kernel goes on, and fails.
    fn let_go(&self) {
        self.clear_faults();
        let mut kernel = self.shared.lock();
        for task in 0..kernel.tasks.len() {
            kernel.kill(crate::sim::keys::TaskKey(task));
        }
        self.shared.notify();
    }
}

fn into_test<R: RunOutcome>(test: impl Fn(&Machine) -> R + Send + Sync + 'static) -> Arc<Test> {
    Arc::new(move |machine| test(machine).failure())
}

fn unfinished(calls: &[Passed]) -> Vec<String> {
    let unfinished = calls.iter().filter(|call| !call.has_ended);
    unfinished.map(|call| call.point.to_string()).collect()
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
