//! Running a test under every single fault in turn.

mod candidates;
mod run;
mod verdict;

pub use run::FaultRun;
pub use verdict::{FaultFailure, FaultOutcome, FaultSummary, Injection, RunOutcome};

use super::Machine;

impl Machine {
    /// Runs a test under every single fault that could come to it, each time on a new machine and a thread of its own, and
    /// tells of the first one that makes it panic, hang, or leave something behind.
    ///
    /// A first run without faults finds the calls that the test makes. From then on each run has one fault, in the order of
    /// the calls: the call fails; what it returns is cut short; the service goes away before, during or after it; the task
    /// is killed; there is no room for the port's name; the data queue that was mapped is damaged; the completion fails, or
    /// comes twice; an entitlement that was asked for is refused. See [`FaultRun`] for a say in it, also for faults that
    /// make calls hang.
    ///
    /// `test` publishes its drivers itself, makes its tasks, and does what a program does. It is to hand on errors, which
    /// are what faults are expected to make: a panic is a finding. When it is done it has released everything: what
    /// [`report`](Machine::report) finds is one too, and so is a handle that is still kept somewhere.
    ///
    /// Who calls from one thread makes the same calls each time, and so the same runs; where threads race, a fault may find
    /// that its call is not made: [`FaultSummary::missed`].
    ///
    /// ```
    /// use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::{Kernel, Result, user_client};
    ///
    /// #[user_client(service = "com_example_Lamp")]
    /// trait Lamp {
    ///     /// The brightness now.
    ///     #[uc(selector = 0)]
    ///     fn set_brightness(&self, percent: u32) -> Result<u32>;
    /// }
    ///
    /// struct Driver;
    ///
    /// impl Lamp for Driver {
    ///     fn set_brightness(&self, percent: u32) -> Result<u32> {
    ///         Ok(percent.min(100))
    ///     }
    /// }
    ///
    /// /// What is to be tested.
    /// fn light_up(kernel: &Kernel) -> Result<u32> {
    ///     LampClient::open_first(kernel)?.set_brightness(80)
    /// }
    ///
    /// let summary = Machine::for_each_fault(|machine| {
    ///     machine.publish(Nub::new("com_example_Lamp").driver(LampServer::new(Driver)));
    ///     light_up(&machine.task("client").kernel())
    /// })?;
    /// println!("{summary}");
    /// # Ok::<(), iokit_uc::sim::FaultFailure>(())
    /// ```
    pub fn for_each_fault<R: RunOutcome>(
        test: impl Fn(&Machine) -> R + Send + Sync + 'static,
    ) -> Result<FaultSummary, FaultFailure> {
        FaultRun::new().run(test)
    }
}
