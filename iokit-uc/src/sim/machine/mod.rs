//! A machine to test on: its kernel, what is published there, and the tasks that use it.

mod busy;
mod fault_run;
mod faults;
#[cfg(feature = "archive")]
mod load;
mod message_clients;
mod owner;
mod planes;
mod probe;
pub(super) mod register;

pub use fault_run::{FaultFailure, FaultOutcome, FaultRun, FaultSummary, Injection, RunOutcome};
pub use faults::InjectedFault;

use super::driver_work::DriverWork;
use super::failure::{failed, no_entry};
use super::keys::{ObjectKey, TaskKey};
use super::lifecycle;
use super::names::Names;
use super::nub::Nub;
use super::place::PlaneKey;
use super::policy::Policy;
use super::report::{Misuse, Report};
use super::shared::{Core, Shared, settle_now};
use super::state::{Entry, Port, PortKind, State, TaskState};
use super::task::Task;
use super::work_loop::Sleep;
use crate::error::{IoReturn, Result};
use crate::interface::{Caller, Driver, EntryId, TerminateOptions};
use crate::value::Value;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// A simulated machine.
///
/// ```
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Result, user_client};
///
/// #[user_client(service = "com_example_Adder")]
/// trait Adder {
///     /// The sum.
///     #[uc(selector = 0)]
///     fn add(&self, a: u32, b: u32) -> Result<u32>;
/// }
///
/// struct Driver;
///
/// impl Adder for Driver {
///     fn add(&self, a: u32, b: u32) -> Result<u32> {
///         Ok(a + b)
///     }
/// }
///
/// let machine = Machine::new();
/// machine.publish(Nub::new("com_example_Adder").driver(AdderServer::new(Driver)));
///
/// let adder = AdderClient::open_first(&machine.task("client").kernel())?;
/// assert_eq!(adder.add(2, 3)?, 5);
///
/// drop(adder);
/// machine.assert_clean();
/// # Ok::<(), iokit_uc::Error>(())
/// ```
///
/// Clones are handles on the same machine, and so are its tasks: whoever drops the last one waits for the future that
/// the work loop polls, if it polls one. A driver that needs a handle keeps a [`WeakMachine`], since the machine keeps the
/// driver.
#[derive(Clone)]
pub struct Machine {
    pub(super) shared: Arc<Shared>,
}

/// A handle on a [`Machine`] that does not keep it.
#[derive(Clone)]
pub struct WeakMachine {
    shared: Weak<Shared>,
    core: Arc<Core>,
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// A machine with an empty registry: the root, the platform expert, IOResources and IOUserResources.
    pub fn new() -> Self {
        Self { shared: Shared::new(State::new(), lifecycle::perform) }
    }

    /// A handle for a driver to keep.
    pub fn downgrade(&self) -> WeakMachine {
        WeakMachine { shared: Arc::downgrade(&self.shared), core: Arc::clone(self.shared.core()) }
    }

    /// `attach` and `registerService`, through the end of the first matching round: from now on the service is found.
    ///
    /// # Panics
    ///
    /// If the nub cannot be attached: see [`try_attach`](Self::try_attach).
    #[track_caller]
    pub fn publish(&self, nub: Nub) -> EntryId {
        let service = self.attach(nub);
        self.shared.match_now(service);
        service
    }

    /// `attach` alone: the service is in the registry, and not found by matching (MT-1).
    ///
    /// # Panics
    ///
    /// If the nub cannot be attached: see [`try_attach`](Self::try_attach).
    #[track_caller]
    pub fn attach(&self, nub: Nub) -> EntryId {
        self.try_attach(nub).unwrap_or_else(|error| panic!("{error}"))
    }

    /// [`attach`](Self::attach), which fails if a provider is no entry of this machine, or is inactive; if the nub names a
    /// plane that does not exist; and if a provider has more than 1019 clients and loses none in 15 seconds by the
    /// machine's clock (BQ-1a). What fails leaves nothing attached.
    pub fn try_attach(&self, nub: Nub) -> Result<EntryId> {
        let Nub { class, superclass, bundle, name, location, properties, providers, .. } = nub;
        let Nub { plane, labels, device_tree_names, hooks, .. } = nub;
        const CALL: &str = "Machine::attach";
        let mut kernel = self.shared.lock();
        let providers: Option<Vec<ObjectKey>> = match providers.as_slice() {
            [] => Some(vec![kernel.platform]),
            ids => ids.iter().map(|id| kernel.active(*id)).collect(),
        };
        let providers = providers.ok_or_else(|| {
            let detail = "a provider of the nub is inactive, or was never in this machine's registry";
            failed(CALL, IoReturn::NOT_FOUND, detail.into())
        })?;
        let plane = match &plane {
            None => PlaneKey::SERVICE,
            Some(name) => kernel.known_plane(CALL, name)?,
        };
        labels.iter().try_for_each(|(plane, ..)| kernel.known_plane(CALL, plane).map(drop))?;
        kernel.classes.define(&superclass, "IOService");
        let class = kernel.classes.define(&class, &superclass);
        if let Some(bundle) = bundle {
            kernel.classes.set_bundle(class, &bundle);
        }
        // A property is the name of what is given none (REG-5).
        let name = name.or_else(|| properties.get("IOName")?.as_str().map(str::to_owned));
        let entry = Entry {
            name: name.map(Arc::from),
            location: location.map(Arc::from),
            properties,
            device_tree_names,
            hooks: hooks.map(Box::new),
            ..Entry::default()
        };
        let service = kernel.make_entry(class, entry);
        for (plane, name, location) in &labels {
            let plane = kernel.plane(plane);
            name.iter().for_each(|name| kernel.set_name(service, plane, name));
            location.iter().for_each(|location| kernel.set_location(service, plane, location));
        }
        for &provider in &providers {
            let attached;
            (kernel, attached) = match plane {
                PlaneKey::SERVICE => kernel.attach_in_time(service, provider),
                plane => {
                    let attached = kernel.attach_in(service, provider, plane);
                    (kernel, attached)
                }
            };
            if !attached {
                providers.iter().for_each(|&provider| kernel.detach(service, provider));
                let provider = kernel.id_of(provider);
                kernel.release(service);
                let detail = format!("the provider {provider} takes no more clients (BQ-1a)");
                return Err(failed(CALL, IoReturn::NO_RESOURCES, detail));
            }
        }
        let id = kernel.id_of(service);
        // The registry's references keep the entry from now on.
        kernel.release(service);
        Ok(id)
    }

    /// `terminate`: the service and what depends on it go away. Returns false if it was gone already (TERM-4).
    ///
    /// Phase 1 is done on return: the whole tree is inactive and its ports are gone (TERM-2). What its drivers are
    /// told follows on this thread, when that is out of every driver's code, and for a user client with external
    /// methods that still run, when the last of them returns (TERM-7).
    pub fn terminate(&self, service: EntryId, options: TerminateOptions) -> bool {
        let object = self.shared.lock().entries.get(&service).copied();
        let Some(object) = object else { return false };
        let terminated = self.shared.terminate(object, options);
        if options.synchronous {
            // Also from inside a driver, which would otherwise wait for itself.
            settle_now();
            self.wait_quiet(service, SYNCHRONOUS_TERMINATE);
        }
        terminated
    }

    /// Waits until the service is not busy (BQ-1) or `timeout` has passed by the machine's clock. Returns whether it
    /// is quiet.
    pub fn wait_quiet(&self, service: EntryId, timeout: Duration) -> bool {
        let kernel = self.shared.lock();
        let Some(&service) = kernel.entries.get(&service) else { return true };
        kernel.until_quiet(service, Some(timeout)).1
    }

    /// A new task of the console's user, without entitlements.
    pub fn task(&self, name: impl Into<String>) -> Task {
        let pid = self.shared.lock().tasks.len() as u32 + 100;
        self.task_of(Caller::new(name, pid))
    }

    /// A new task with these credentials.
    pub fn task_of(&self, caller: Caller) -> Task {
        let mut kernel = self.shared.lock();
        let key = TaskKey(kernel.tasks.len());
        let port = kernel.ports.insert(Port { kind: PortKind::Task(key), senders: 1 });
        let mut names = Names::default();
        let (self_name, _) = names.add_send(port).expect("a new table has room");
        let refusals = Arc::clone(&kernel.refusals);
        let caller = Arc::new(Caller { refusals, ..caller });
        kernel.tasks.push(TaskState { caller: Arc::clone(&caller), names, self_name, alive: true });
        drop(kernel);
        Task { shared: Arc::clone(&self.shared), key, caller }
    }

    /// Makes a class known, with its superclass.
    pub fn define_class(&self, class: &str, superclass: &str) {
        let mut kernel = self.shared.lock();
        kernel.classes.define(superclass, "IOService");
        kernel.classes.define(class, superclass);
    }

    /// A class of user clients that the property `IOUserClientClass` can name (OC-2).
    pub fn define_user_client_class(&self, class: &str, make: impl Driver) {
        let mut kernel = self.shared.lock();
        kernel.classes.define(class, "IOUserClient");
        let before = kernel.user_client_classes.insert(class.into(), Arc::new(make));
        kernel.garbage.push(Box::new(before));
    }

    /// Who may open what.
    pub fn set_policy(&self, policy: impl Policy) {
        let mut kernel = self.shared.lock();
        let before = std::mem::replace(&mut kernel.policy, Arc::new(policy));
        kernel.garbage.push(Box::new(before));
    }

    /// Sets a property of an entry, as its driver would.
    pub fn set_property(
        &self,
        entry: EntryId,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<()> {
        let mut kernel = self.shared.lock();
        let object = kernel.entries.get(&entry).copied();
        let Some(entry) = object.and_then(|object| kernel.entry_mut(object)) else {
            return Err(no_entry("Machine::set_property", entry));
        };
        entry.properties.insert(key, value);
        Ok(())
    }

    /// Whether the service has been terminated, or was never there (NT-2).
    pub fn is_inactive(&self, service: EntryId) -> bool {
        let kernel = self.shared.lock();
        let entry = kernel.entries.get(&service).and_then(|&service| kernel.entry(service));
        entry.is_none_or(|entry| entry.states.inactive)
    }

    /// The service's busy count (BQ-1).
    pub fn busy(&self, service: EntryId) -> u32 {
        self.shared.lock().busy(service)
    }

    /// Stops the machine's clock, so that time passes by [`advance`](Self::advance) alone.
    pub fn freeze_clock(&self) {
        self.shared.freeze_clock();
    }

    /// Moves a frozen clock on. Whoever waits for a time that has passed by then goes on.
    ///
    /// A future that was [spawned](Self::spawn) just before may not have begun to wait by then, and waits from here on: to be
    /// sure, [wait until the work loop is idle](Self::wait_until_idle) first.
    pub fn advance(&self, time: Duration) {
        self.shared.advance_clock(time);
    }

    /// A time by the machine's clock: ready when it has passed, and when the machine is gone. It does not keep the
    /// machine.
    ///
    /// # Panics
    ///
    /// When polled, if the host has no thread left for the machine's timers.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        Sleep::new(self.shared.core().work_loop(), time)
    }

    /// Leaves a future of a driver's own to the machine's work loop, which polls the asynchronous methods too: for what
    /// drivers do later, after a [`sleep`](Self::sleep) for one. It is dropped with the machine if it is not done by then.
    /// A panic ends it, and is a [`Misuse`](super::Misuse).
    ///
    /// # Panics
    ///
    /// If the host has no thread left for the work loop.
    #[doc(alias = "IOTimerDispatchSource")]
    #[doc(alias = "IOTimerEventSource")]
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let core = self.shared.core();
        let machine = Arc::downgrade(core);
        let work = DriverWork::own(Box::pin(future), move |function| {
            if let Some(machine) = machine.upgrade() {
                machine.change(|kernel| kernel.misuses.push(Misuse::Panic(function)));
            }
        });
        // No user client's: nobody has it dropped.
        match core.work_loop().add(ObjectKey::default(), work) {
            Ok(begin) => drop(begin),
            Err(_) => panic!("the host has no thread for the work loop of a simulated machine"),
        }
    }

    /// Waits until the machine's work loop has nothing to do: every future that drivers have left there is done, or waits
    /// for something. Returns false if `timeout` passes first, by the host's clock.
    ///
    /// With it a test of what an asynchronous method does, or of what it does when time has been
    /// [moved on](Self::advance), needs no sleep.
    pub fn wait_until_idle(&self, timeout: Duration) -> bool {
        self.shared.core().work_loop().wait_until_idle(timeout)
    }

    /// Waits until at least `threads` threads wait inside this kernel: for the lock of a connection (EM-15), for an
    /// answer that nobody gives (P-6a), for a message, for a service to become quiet. The work loop that has nothing to do
    /// does not count. Returns false if `timeout` passes first, by the
    /// host's clock.
    ///
    /// With it a test of what waits for what needs no sleep.
    pub fn wait_until_blocked(&self, threads: usize, timeout: Duration) -> bool {
        self.shared.wait_until_blocked(threads, timeout)
    }

    /// What is left on the machine now, and what was done wrong on it.
    pub fn report(&self) -> Report {
        self.shared.lock().report()
    }

    /// Fails a test that leaks or misuses: for its end.
    ///
    /// # Panics
    ///
    /// If a living task holds a name or has memory mapped, a user client is attached, or something was misused.
    #[track_caller]
    pub fn assert_clean(&self) {
        let report = self.report();
        assert!(report.is_clean(), "the machine is not clean:\n{report}");
    }
}

/// How long a synchronous termination waits (TERM-1).
const SYNCHRONOUS_TERMINATE: Duration = Duration::from_secs(15);

impl WeakMachine {
    /// The machine, if there still is one.
    pub fn upgrade(&self) -> Option<Machine> {
        self.shared.upgrade().map(|shared| Machine { shared })
    }

    /// [`Machine::sleep`].
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + use<> {
        Sleep::new(self.core.work_loop(), time)
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").finish_non_exhaustive()
    }
}

impl fmt::Debug for WeakMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakMachine").finish_non_exhaustive()
    }
}
