//! Injecting faults.

use super::Machine;
use crate::sim::Task;
use crate::sim::fault::{Armed, Fault, FilteredTask};
use crate::sim::shared::Core;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

impl Machine {
    /// From now on the fault comes to the calls that programs make of this machine, by a task's
    /// [`kernel`](crate::sim::Task::kernel), as far as its filters let them through. Of several that come to one call each
    /// does its part; if more than one fails it, the first that was injected.
    ///
    /// It stays when the handle is dropped: until it is [lifted](InjectedFault::lift), or [all are](Self::clear_faults).
    ///
    /// ```
    /// use iokit_uc::sim::{Fault, Machine, Nub};
    /// use iokit_uc::{ErrorKind, IoReturn, Result, user_client};
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
    /// /// What is to be tested: it tries again where that may help.
    /// fn brighten(lamp: &LampClient) -> Result<u32> {
    ///     match lamp.set_brightness(80) {
    ///         Err(error) if error.kind() == ErrorKind::Busy => lamp.set_brightness(80),
    ///         result => result,
    ///     }
    /// }
    ///
    /// let machine = Machine::new();
    /// machine.publish(Nub::new("com_example_Lamp").driver(LampServer::new(Driver)));
    /// let lamp = LampClient::open_first(&machine.task("client").kernel())?;
    ///
    /// let busy = machine.inject(Fault::fail(IoReturn::BUSY).selector(0).nth(1));
    /// assert_eq!(brighten(&lamp)?, 80);
    /// assert_eq!(busy.hits(), 1);
    ///
    /// machine.inject(Fault::fail(IoReturn::NO_POWER).selector(0));
    /// assert_eq!(brighten(&lamp).unwrap_err().kind(), ErrorKind::NotReady);
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    pub fn inject(&self, fault: Fault) -> InjectedFault {
        let core = self.shared.core();
        InjectedFault { armed: core.faults().inject(fault), core: Arc::clone(core) }
    }

    /// Lifts all faults, and lets go of whom they hang. No entitlement is refused any more.
    pub fn clear_faults(&self) {
        self.shared.core().faults().lift_all();
        self.shared.core().notify_of_faults();
        self.shared.lock().refusals.clear();
    }

    /// From now on no task has the entitlement, whatever its [`Caller`](crate::interface::Caller) says: what asks for it is
    /// refused, as a Mac refuses a program that is not signed with it.
    pub fn refuse_entitlement(&self, entitlement: impl Into<String>) {
        self.shared.lock().refusals.add(entitlement.into());
    }
}

impl Fault {
    /// Calls of this task.
    pub fn task(mut self, task: &Task) -> Self {
        self.filter.task = Some(FilteredTask { id: task.id(), name: task.caller.name.clone() });
        self
    }
}

/// A fault of a machine, which has been injected.
#[derive(Clone)]
pub struct InjectedFault {
    armed: Arc<Armed>,
    core: Arc<Core>,
}

impl InjectedFault {
    /// The fault.
    pub fn fault(&self) -> &Fault {
        &self.armed.fault
    }

    /// To how many calls it has come.
    pub fn hits(&self) -> u64 {
        self.armed.hits()
    }

    /// Waits until it has come to so many calls. Returns false if `timeout` passes first, by the host's clock.
    pub fn wait_for_hits(&self, hits: u64, timeout: Duration) -> bool {
        self.core.wait_until(timeout, |_| self.hits() >= hits)
    }

    /// It comes to no call any more, and lets go of whom it hangs or delays.
    pub fn lift(&self) {
        self.armed.lift();
        self.core.faults().forget_lifted();
        self.core.notify_of_faults();
    }
}

impl fmt::Debug for InjectedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectedFault")
            .field("fault", &format_args!("{}", self.armed.fault))
            .field("hits", &self.hits())
            .finish()
    }
}
