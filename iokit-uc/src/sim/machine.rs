//! A machine to test on: its kernel, what is published there, and the tasks that use it.

use super::class::Classes;
use super::names::Names;
use super::registry::FIRST_ENTRY;
use super::report::{Misuse, Report};
use super::state::{Entry, NubDriver, ObjectKey, Port, PortKind, State, States, TaskKey, TaskState, Work};
use super::thread;
use crate::backend::PortName;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::interface::{Caller, Driver, EntryId, OpenRequest, TerminateOptions, UserClient};
use crate::kernel::Kernel;
use crate::value::{Dictionary, Value};
use slotmap::SlotMap;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

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
/// Clones are handles on the same machine. A driver that needs one keeps a [`WeakMachine`], since the machine keeps
/// the driver.
#[derive(Clone)]
pub struct Machine {
    shared: Arc<Shared>,
}

/// A handle on a [`Machine`] that does not keep it.
#[derive(Clone)]
pub struct WeakMachine {
    shared: Weak<Shared>,
}

/// A task of a [`Machine`]: a process with a name table of its own.
#[derive(Clone)]
pub struct Task {
    pub(super) shared: Arc<Shared>,
    pub(super) key: TaskKey,
}

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Told when a thread begins to wait for `changed`.
    blocked: Condvar,
}

/// The kernel's state, locked. Giving up the lock does what has been put off meanwhile.
pub(super) struct Locked<'a> {
    shared: &'a Arc<Shared>,
    state: Option<MutexGuard<'a, State>>,
}

impl Shared {
    pub(super) fn lock(self: &Arc<Self>) -> Locked<'_> {
        // No driver runs under this lock, so a poisoned one still guards a whole state.
        Locked { shared: self, state: Some(self.state.lock().unwrap_or_else(PoisonError::into_inner)) }
    }

    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Does what has been put off, now or when this thread is out of every driver.
    #[cold]
    pub(super) fn settle(self: &Arc<Self>) {
        if thread::is_in_driver() {
            return thread::settle_later(self);
        }
        self.settle_now();
        thread::settle_pending();
    }

    fn settle_now(self: &Arc<Self>) {
        thread::settling(|| {
            loop {
                let mut kernel = self.lock();
                let garbage = std::mem::take(&mut kernel.garbage);
                let work = kernel.work.pop_front();
                if garbage.is_empty() && work.is_none() {
                    return;
                }
                kernel.unlock();
                for item in garbage {
                    if thread::in_driver(std::ptr::null(), || drop(item)).is_err() {
                        self.lock().misuses.push(Misuse::Panic("drop"));
                    }
                }
                match work {
                    Some(Work::ClientDied(client)) => self.client_died(&client),
                    Some(Work::Terminate(termination)) => self.finish_termination(termination),
                    None => {}
                }
            }
        });
        self.notify();
    }
}

impl<'a> Locked<'a> {
    /// Waits until something has changed.
    pub(super) fn wait(mut self) -> Self {
        self.begin_to_wait();
        if let Some(state) = self.state.take() {
            self.state = Some(self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
        }
        self.blocked -= 1;
        self
    }

    /// Waits until something has changed or `timeout` has passed by the machine's clock. Gives back what is left.
    pub(super) fn wait_timeout(mut self, timeout: Duration) -> (Self, Duration) {
        let (began, frozen) = (Instant::now(), self.frozen);
        self.begin_to_wait();
        let Some(state) = self.state.take() else { return (self, timeout) };
        self.state = Some(match frozen {
            Some(_) => self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            None => {
                self.shared.changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
            }
        });
        self.blocked -= 1;
        let passed = match (frozen, self.frozen) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => began.elapsed(),
        };
        (self, timeout.saturating_sub(passed))
    }

    fn begin_to_wait(&mut self) {
        self.blocked += 1;
        self.shared.blocked.notify_all();
    }

    fn unlock(mut self) {
        self.state = None;
    }
}

impl Deref for Locked<'_> {
    type Target = State;
    #[inline]
    fn deref(&self) -> &State {
        self.state.as_ref().expect("only `unlock` and `drop` take the guard, and both take the whole")
    }
}

impl DerefMut for Locked<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State {
        self.state.as_mut().expect("only `unlock` and `drop` take the guard, and both take the whole")
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(state) = self.state.take() else { return };
        let is_settled = state.work.is_empty() && state.garbage.is_empty();
        drop(state);
        if !is_settled {
            self.shared.settle();
        }
    }
}

/// The decisions of the mandatory access control and of the sandbox. Allows everything unless overridden.
pub trait Policy: Send + Sync + 'static {
    /// Whether `caller` may open a service of this class (OC-1).
    fn allows_service_open(&self, caller: &Caller, class: &str, connection_type: u32) -> bool {
        let _ = (caller, class, connection_type);
        true
    }

    /// Whether `caller` may have a user client of this class (OC-6).
    fn allows_client_open(&self, caller: &Caller, class: &str, connection_type: u32) -> bool {
        let _ = (caller, class, connection_type);
        true
    }

    /// The filter that a new connection's calls go through, if any (OC-6). An error refuses the open, but for
    /// `kIOReturnUnsupported`, which means that there is no filter.
    fn filter(&self, caller: &Caller, class: &str, connection_type: u32) -> Result<Option<Filter>, IoReturn> {
        let _ = (caller, class, connection_type);
        Ok(None)
    }
}

/// Judges one call of a connection: success lets it through, any other code is the call's result (EM-11, EM-32).
pub type Filter = Arc<dyn Fn(FilteredCall) -> IoReturn + Send + Sync>;

/// A call that a [`Filter`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilteredCall {
    /// An external method.
    Method {
        /// Its selector.
        selector: u32,
        /// Whether a wake port comes with it.
        is_async: bool,
    },
    /// A trap.
    Trap {
        /// Its index.
        index: u32,
    },
}

struct AllowAll;

impl Policy for AllowAll {}

/// A service to be published: a nub, which drivers and tasks can find.
#[derive(Clone)]
pub struct Nub {
    class: String,
    superclass: String,
    bundle: Option<String>,
    name: Option<String>,
    properties: Dictionary,
    providers: Vec<EntryId>,
    driver: NubDriver,
    device_tree_names: bool,
}

impl Nub {
    /// A service of `class`, which is made a subclass of `IOService` if the machine does not know it.
    pub fn new(class: impl Into<String>) -> Self {
        Self {
            class: class.into(),
            superclass: "IOService".into(),
            bundle: None,
            name: None,
            properties: Dictionary::default(),
            providers: Vec::new(),
            driver: NubDriver::Default,
            device_tree_names: false,
        }
    }

    /// The class's superclass, which is made a subclass of `IOService` if the machine does not know it.
    #[must_use]
    pub fn superclass(mut self, superclass: impl Into<String>) -> Self {
        self.superclass = superclass.into();
        self
    }

    /// The identifier of the kernel extension that the class is from (RC-9).
    #[must_use]
    pub fn bundle(mut self, bundle: impl Into<String>) -> Self {
        self.bundle = Some(bundle.into());
        self
    }

    /// The entry's name; the class's name without one (REG-5).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A property.
    #[must_use]
    pub fn property(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.properties.insert(key, value);
        self
    }

    /// What the service is attached to; the machine itself unless set. A second provider is added to the first.
    #[must_use]
    pub fn provider(mut self, provider: EntryId) -> Self {
        self.providers.push(provider);
        self
    }

    /// Makes user clients when tasks open the service: `newUserClient`. Without a driver the property
    /// `IOUserClientClass` decides (OC-2).
    #[must_use]
    pub fn driver(mut self, driver: impl Driver) -> Self {
        self.driver = NubDriver::Long(Arc::new(driver));
        self
    }

    /// The old `newUserClient` with four arguments: an error of it is not passed on, but lets the property
    /// `IOUserClientClass` decide (OC-2).
    #[must_use]
    pub fn short_driver(mut self, driver: impl Driver) -> Self {
        self.driver = NubDriver::Short(Arc::new(driver));
        self
    }

    /// Compares names as nubs of the device tree do: with the strings in the properties `name`, `compatible`,
    /// `device_type` and `model` too (MT-9).
    #[must_use]
    pub fn device_tree_names(mut self) -> Self {
        self.device_tree_names = true;
        self
    }
}

impl fmt::Debug for Nub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { class, superclass, name, properties, .. } = self;
        f.debug_struct("Nub")
            .field("class", class)
            .field("superclass", superclass)
            .field("name", name)
            .field("properties", properties)
            .finish_non_exhaustive()
    }
}

/// A matching round that has begun: drivers are being looked for (NT-3). Ends when dropped.
#[must_use = "the round ends when this is dropped"]
#[derive(Debug)]
pub struct MatchingRound {
    machine: Machine,
    service: EntryId,
}

impl Drop for MatchingRound {
    fn drop(&mut self) {
        let mut kernel = self.machine.shared.lock();
        if let Some(&service) = kernel.entries.get(&self.service) {
            kernel.finish_round(service);
        }
        drop(kernel);
        self.machine.shared.notify();
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Machine {
    /// A machine with an empty registry: the root, the platform expert and IOResources.
    pub fn new() -> Self {
        let mut state = State {
            classes: Classes::new(),
            objects: SlotMap::with_key(),
            ports: SlotMap::with_key(),
            tasks: Vec::new(),
            entries: HashMap::new(),
            next_entry: FIRST_ENTRY,
            root: ObjectKey::default(),
            platform: ObjectKey::default(),
            resources: ObjectKey::default(),
            user_client_classes: HashMap::new(),
            policy: Arc::new(AllowAll),
            misuses: Vec::new(),
            frozen: None,
            blocked: 0,
            work: VecDeque::new(),
            parked: Vec::new(),
            garbage: Vec::new(),
        };
        state.root = state.add_entry("IORegistryEntry", "OSObject", "Root", None);
        state.platform =
            state.add_entry("IOPlatformExpertDevice", "IOService", "Simulated1,1", Some(state.root));
        state.resources = state.add_entry("IOResources", "IOService", "IOResources", Some(state.platform));
        for service in [state.platform, state.resources] {
            if state.start_round(service).is_ok() {
                state.finish_round(service);
            }
        }
        Self { shared: Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), blocked: Condvar::new() }) }
    }

    /// A handle for a driver to keep.
    pub fn downgrade(&self) -> WeakMachine {
        WeakMachine { shared: Arc::downgrade(&self.shared) }
    }

    /// `attach` and `registerService`, through the end of the first matching round: from now on the service is found.
    ///
    /// # Panics
    ///
    /// If a provider is no entry of this machine, or is inactive.
    pub fn publish(&self, nub: Nub) -> EntryId {
        let service = self.attach(nub);
        drop(self.start_matching(service));
        service
    }

    /// `attach` alone: the service is in the registry, and not found by matching (MT-1).
    ///
    /// # Panics
    ///
    /// If a provider is no entry of this machine, or is inactive.
    pub fn attach(&self, nub: Nub) -> EntryId {
        let Nub { class, superclass, bundle, name, properties, providers, driver, device_tree_names } = nub;
        let mut kernel = self.shared.lock();
        let providers: Vec<ObjectKey> = match providers.as_slice() {
            [] => vec![kernel.platform],
            ids => ids
                .iter()
                .map(|id| *kernel.entries.get(id).expect("the provider is in the registry"))
                .collect(),
        };
        kernel.classes.define(&superclass, "IOService");
        let class = kernel.classes.define(&class, &superclass);
        if let Some(bundle) = bundle {
            kernel.classes.set_bundle(class, &bundle);
        }
        let entry = Entry { name, properties, driver, device_tree_names, ..Entry::default() };
        let service = kernel.make_entry(class, entry);
        let attached = providers.into_iter().all(|provider| kernel.attach(service, provider));
        let id = kernel.id_of(service);
        // The registry's references keep the entry from now on.
        kernel.release(service);
        drop(kernel);
        assert!(attached, "the provider is inactive");
        id
    }

    /// The start of `registerService`: the service is registered, and drivers are being looked for until the round is
    /// dropped (NT-3). Until the first round has ended the service is not found (MT-2). Nothing happens to a service
    /// that is inactive (TERM-3).
    pub fn start_matching(&self, service: EntryId) -> MatchingRound {
        let mut kernel = self.shared.lock();
        let found = kernel.entries.get(&service).copied();
        let begun = found.is_some_and(|service| kernel.start_round(service).is_ok());
        // A round that has not begun has nothing to end.
        let service = if begun { service } else { EntryId(0) };
        MatchingRound { machine: self.clone(), service }
    }

    /// `terminate`: the service and what depends on it go away. Returns false if it was gone already (TERM-4).
    ///
    /// Phase 1 is done on return: the whole tree is inactive and its ports are gone (TERM-2). What its drivers are
    /// told follows on this thread, when that is out of every driver's code, and for a user client with external
    /// methods that still run, when the last of them returns (TERM-7).
    pub fn terminate(&self, service: EntryId, options: TerminateOptions) -> bool {
        let mut kernel = self.shared.lock();
        let Some(object) = kernel.entries.get(&service).copied() else { return false };
        let terminated = kernel.terminate(object);
        drop(kernel);
        if options.synchronous {
            // Also from inside a driver, which would otherwise wait for itself.
            self.shared.settle_now();
            self.wait_quiet(service, SYNCHRONOUS_TERMINATE);
        }
        terminated
    }

    /// Waits until the service is not busy (BQ-1) or `timeout` has passed by the machine's clock. Returns whether it
    /// is quiet.
    pub fn wait_quiet(&self, service: EntryId, timeout: Duration) -> bool {
        let mut left = timeout;
        let mut kernel = self.shared.lock();
        while kernel.busy(service) > 0 {
            if left.is_zero() {
                return false;
            }
            (kernel, left) = kernel.wait_timeout(left);
        }
        true
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
        let (self_name, _) = names.add_send(port);
        kernel.tasks.push(TaskState { caller: Arc::new(caller), names, self_name, alive: true });
        drop(kernel);
        Task { shared: Arc::clone(&self.shared), key }
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
        kernel.user_client_classes.insert(class.into(), Arc::new(make));
    }

    /// Who may open what.
    pub fn set_policy(&self, policy: impl Policy) {
        self.shared.lock().policy = Arc::new(policy);
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
            return Err(no_entry(entry));
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
        self.shared.lock().frozen.get_or_insert(Duration::ZERO);
    }

    /// Moves a frozen clock on. Whoever waits for a time that has passed by then goes on.
    pub fn advance(&self, time: Duration) {
        let mut kernel = self.shared.lock();
        if let Some(now) = &mut kernel.frozen {
            *now += time;
        }
        drop(kernel);
        self.shared.notify();
    }

    /// Waits until at least `threads` threads wait inside this kernel: for the lock of a connection (EM-15), for an
    /// answer that nobody gives (P-6a), for a service to become quiet. Returns false if `timeout` passes first, by the
    /// host's clock.
    ///
    /// With it a test of what waits for what needs no sleep.
    pub fn wait_until_blocked(&self, threads: usize, timeout: Duration) -> bool {
        let kernel = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.shared.blocked.wait_timeout_while(kernel, timeout, |kernel| kernel.blocked < threads);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// What is left on the machine now, and what was done wrong on it.
    pub fn report(&self) -> Report {
        self.shared.lock().report()
    }

    /// Fails a test that leaks or misuses: for its end.
    ///
    /// # Panics
    ///
    /// If a living task holds a name, a user client is attached, or something was misused.
    #[track_caller]
    pub fn assert_clean(&self) {
        let report = self.report();
        assert!(report.is_clean(), "the machine is not clean:\n{report}");
    }
}

/// How long a synchronous termination waits (TERM-1).
const SYNCHRONOUS_TERMINATE: Duration = Duration::from_secs(15);

fn no_entry(entry: EntryId) -> Error {
    Error::new(Call::Function("Machine::set_property"), IoReturn::NOT_FOUND)
        .with_detail(Detail::Text(format!("no entry {entry} is in the registry").into()))
}

impl State {
    fn add_entry(
        &mut self,
        class: &str,
        superclass: &str,
        name: &str,
        parent: Option<ObjectKey>,
    ) -> ObjectKey {
        let class = self.classes.define(class, superclass);
        let entry = Entry { name: Some(name.into()), states: States::default(), ..Entry::default() };
        let object = self.make_entry(class, entry);
        match parent {
            Some(parent) => {
                self.attach(object, parent);
            }
            None => {
                self.number(object);
            }
        }
        object
    }

    fn busy(&self, service: EntryId) -> u32 {
        self.entries.get(&service).and_then(|&service| self.entry(service)).map_or(0, |entry| entry.busy)
    }
}

impl WeakMachine {
    /// The machine, if there still is one.
    pub fn upgrade(&self) -> Option<Machine> {
        self.shared.upgrade().map(|shared| Machine { shared })
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

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.caller().name).finish_non_exhaustive()
    }
}

impl Task {
    /// The I/O Kit that this task sees.
    pub fn kernel(&self) -> Kernel {
        Kernel::simulated(self.clone())
    }

    /// The task's credentials.
    pub fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.shared.lock().task(self.key).caller)
    }

    /// The task exits: all its rights go back, and what only it had opened is closed (RC-10). Its calls fail from now
    /// on with `MACH_SEND_INVALID_DEST`; those that run return to nobody.
    pub fn kill(&self) {
        self.shared.lock().kill(self.key);
        self.shared.notify();
    }

    /// Sends a copy of a send right to another task, in a message, and returns its name there.
    /// `MACH_SEND_INVALID_RIGHT` for a connection, which cannot leave its task (P-4a), and for a name without a send
    /// right.
    pub fn send_right_to(&self, name: PortName, other: &Task) -> Result<PortName> {
        let call = Call::Function("mach_msg");
        let mut kernel = self.shared.lock();
        let port = match kernel.send_argument(self.key, name) {
            Ok(Some(port)) if !matches!(kernel.ports[port].kind, PortKind::Connect(_)) => port,
            _ => return Err(Error::new(call, IoReturn::MACH_SEND_INVALID_RIGHT)),
        };
        Ok(kernel.give_send(other.key, port))
    }

    /// How many send rights there are to the port that `name` denotes, in all tasks and in drivers' hands; 0 for any
    /// other name.
    pub fn send_rights(&self, name: PortName) -> u32 {
        let kernel = self.shared.lock();
        match kernel.task(self.key).names.get(name) {
            Some(super::names::Right::Port { port, .. }) => kernel.ports[port].senders,
            _ => 0,
        }
    }

    /// How many messages wait at the port that `name` is the receive right of.
    pub fn queued_messages(&self, name: PortName) -> usize {
        let kernel = self.shared.lock();
        match kernel.receive_argument(self.key, name) {
            Ok(Some(port)) => match kernel.ports[port].kind {
                PortKind::Queue { messages } => messages,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// Waits until a message waits at the port that `name` is the receive right of.
    pub fn wait_for_message(&self, name: PortName) {
        let mut kernel = self.shared.lock();
        while let Ok(Some(port)) = kernel.receive_argument(self.key, name)
            && matches!(kernel.ports[port].kind, PortKind::Queue { messages: 0 })
        {
            kernel = kernel.wait();
        }
    }
}

/// The default `newUserClient` makes what the property names, so a class must make something (OC-2).
pub(super) fn make_client(
    driver: &dyn Driver,
    request: &OpenRequest<'_>,
) -> (IoReturn, Option<Arc<dyn UserClient>>) {
    let mut client = None;
    let code = thread::run_driver(|| driver.new_user_client(request, &mut client));
    (code, client)
}
