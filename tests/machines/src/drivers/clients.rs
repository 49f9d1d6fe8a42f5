//! User clients that differ in how they are opened and closed, and note down what happens to them.
//!
//! A service's class says what is special about it. User clients note what the kernel tells them as `function class`;
//! the ones behind `Shared` are one object.

use super::callers::ENTITLEMENT;
use super::journal::{Gates, Journal};
use crate::Scene;
use crate::clients::{TERMINATION, selector};
use iokit_uc::interface::{Arguments, AsyncReference, Driver, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, EntryId, Filter, Machine, Nub, Policy, TerminateOptions, WeakMachine};
use iokit_uc::{IoReturn, Result, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// How a user client behaves; by default as most do: it terminates when it is closed.
#[derive(Clone)]
struct Character {
    classes: &'static [&'static str],
    properties: Vec<(&'static str, Value)>,
    passes_init: bool,
    starts: bool,
    on_close: OnClose,
    panics_on_close: bool,
    /// Overrides `clientDied`, and does not call `clientClose` there.
    overrides_died: bool,
    service: Service,
    accepts_clients: bool,
}

/// What `getService` answers.
#[derive(Clone, Copy)]
enum Service {
    None,
    Provider,
    NoEntry,
}

impl Default for Character {
    fn default() -> Self {
        Self {
            classes: &["IOUserClient"],
            properties: Vec::new(),
            passes_init: true,
            starts: true,
            on_close: OnClose::Terminate,
            panics_on_close: false,
            overrides_died: false,
            service: Service::None,
            accepts_clients: false,
        }
    }
}

/// The user client of one connection.
struct Witness {
    name: String,
    character: Character,
    journal: Journal,
    provider: EntryId,
    connection_type: u32,
    references: Mutex<Vec<AsyncReference>>,
    gates: Gates,
    machine: WeakMachine,
}

impl Witness {
    fn note(&self, function: &str) {
        self.journal.note(format!("{function} {}", self.name));
    }

    fn references(&self) -> std::sync::MutexGuard<'_, Vec<AsyncReference>> {
        self.references.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes scalars, as many as there is room for.
fn answer(arguments: &mut Arguments<'_>, scalars: &[u64]) {
    for (slot, &scalar) in arguments.scalar_output().iter_mut().zip(scalars) {
        *slot = scalar;
    }
}

fn code_of(result: std::result::Result<(), IoReturn>) -> u64 {
    result.err().unwrap_or(IoReturn::SUCCESS).code().into()
}

impl UserClient for Witness {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        let reference = arguments.async_reference();
        match selector {
            selector::CONNECTION_TYPE => answer(arguments, &[self.connection_type.into()]),
            selector::KEEP_REFERENCE
            | selector::KEEP_REFERENCE_AND_FAIL
            | selector::KEEP_REFERENCE_AND_PANIC => {
                if let Some(reference) = reference {
                    let words = reference.words();
                    answer(arguments, &[words[0], *words.last().unwrap_or(&0), words.len() as u64]);
                    self.references().push(reference);
                }
                match selector {
                    selector::KEEP_REFERENCE_AND_FAIL => return Err(IoReturn::BUSY.into()),
                    selector::KEEP_REFERENCE_AND_PANIC => panic!("told to panic"),
                    _ => {}
                }
            }
            selector::DROP_REFERENCES => {
                let dropped = std::mem::take(&mut *self.references());
                answer(arguments, &[dropped.iter().filter(|reference| reference.is_dead()).count() as u64]);
            }
            selector::PRIVILEGES => {
                let caller = arguments.caller().clone();
                let codes = ["root", "local", "console", "foreground", "sideways"]
                    .map(|privilege| code_of(caller.require_named(privilege)));
                answer(arguments, &codes);
            }
            selector::WAIT => {
                self.gates.wait(arguments.scalar_input()[0]);
                answer(arguments, &[99]);
            }
            selector::WAIT_FOR_TERMINATION => {
                self.gates.wait(TERMINATION);
                answer(arguments, &[99]);
            }
            selector::TERMINATE => {
                let &[id, synchronous] = arguments.scalar_input() else {
                    return Err(IoReturn::BAD_ARGUMENT.into());
                };
                let machine = self.machine.upgrade().ok_or(IoReturn::OFFLINE)?;
                machine.terminate(EntryId(id), TerminateOptions { synchronous: synchronous == 1 });
                answer(arguments, &[self.journal.count("finalize")]);
            }
            _ => return Err(IoReturn::UNSUPPORTED.into()),
        }
        Ok(())
    }

    fn external_trap(&self, index: u32, _: [usize; 6]) -> Option<Result<()>> {
        self.gates.wait(index.into());
        Some(Ok(()))
    }

    fn class(&self) -> &'static [&'static str] {
        self.character.classes
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        self.character.properties.clone()
    }

    fn init_with_task(&self, _: &OpenRequest<'_>) -> bool {
        self.note("initWithTask");
        self.character.passes_init
    }

    fn start(&self, provider: EntryId) -> bool {
        assert_eq!(provider, self.provider);
        self.note("start");
        self.character.starts
    }

    fn client_close(&self) -> OnClose {
        self.note("clientClose");
        assert!(!self.character.panics_on_close, "told to panic");
        self.character.on_close
    }

    fn client_died(&self, closed: bool) -> OnClose {
        if self.character.overrides_died {
            self.note(if closed { "clientDied(closed)" } else { "clientDied" });
            return OnClose::Terminate;
        }
        if closed { OnClose::Stay } else { self.client_close() }
    }

    fn get_service(&self) -> Option<EntryId> {
        match self.character.service {
            Service::None => None,
            Service::Provider => Some(self.provider),
            Service::NoEntry => Some(EntryId(1)),
        }
    }

    fn connect_client(&self, client: &Arc<dyn UserClient>) -> Result<()> {
        if !self.character.accepts_clients {
            return Err(IoReturn::UNSUPPORTED.into());
        }
        let client: &dyn std::any::Any = &**client;
        let name = client.downcast_ref::<Self>().map_or("stranger", |client| client.name.as_str());
        self.note(&format!("connectClient({name})"));
        Ok(())
    }

    fn will_terminate(&self, _: EntryId) {
        self.note("willTerminate");
        self.gates.open(TERMINATION);
    }

    fn did_terminate(&self, _: EntryId, _: &mut bool) {
        self.note("didTerminate");
    }

    fn stop(&self, provider: EntryId) {
        assert_eq!(provider, self.provider);
        self.note("stop");
    }

    fn finalize(&self) {
        self.note("finalize");
    }
}

/// `newUserClient`: makes user clients of one character.
struct Maker {
    name: String,
    character: Character,
    journal: Journal,
    gates: Gates,
    machine: WeakMachine,
    way: Way,
}

/// What `newUserClient` does instead of making a user client and returning success.
enum Way {
    Make,
    Fail,
    MakeAndFail,
    MakeNothing,
    Panic,
    /// Terminates the service that is being opened with type 1, and goes on.
    TerminateProvider,
    /// Hands out one user client to everybody.
    HandOut(Mutex<Option<Arc<dyn UserClient>>>),
}

impl Maker {
    fn make(&self, request: &OpenRequest<'_>) -> Arc<dyn UserClient> {
        Arc::new(Witness {
            name: self.name.clone(),
            character: self.character.clone(),
            journal: self.journal.clone(),
            provider: request.provider,
            connection_type: request.connection_type,
            references: Mutex::default(),
            gates: self.gates.clone(),
            machine: self.machine.clone(),
        })
    }
}

impl Driver for Maker {
    fn new_user_client(
        &self,
        request: &OpenRequest<'_>,
        client: &mut Option<Arc<dyn UserClient>>,
    ) -> Result<()> {
        self.journal.note(format!("newUserClient {}", self.name));
        match &self.way {
            Way::Make => *client = Some(self.make(request)),
            Way::Fail => return Err(IoReturn::BUSY.into()),
            Way::MakeAndFail => {
                *client = Some(self.make(request));
                return Err(IoReturn::BUSY.into());
            }
            Way::MakeNothing => {}
            Way::Panic => panic!("told to panic"),
            Way::TerminateProvider => {
                if request.connection_type == 1
                    && let Some(machine) = self.machine.upgrade()
                {
                    machine.terminate(request.provider, TerminateOptions::default());
                }
                *client = Some(self.make(request));
            }
            Way::HandOut(only) => {
                let mut only = only.lock().unwrap_or_else(PoisonError::into_inner);
                *client = Some(Arc::clone(only.get_or_insert_with(|| self.make(request))));
            }
        }
        Ok(())
    }
}

/// A machine being furnished with services of one user client each.
struct Furnisher {
    machine: Machine,
    journal: Journal,
    gates: Gates,
    /// The one service to publish, instead of all.
    only: Option<String>,
}

impl Furnisher {
    fn new(scene: &mut Scene) -> Self {
        let journal = Journal::of(scene);
        let gates = Gates::of(scene);
        Self { machine: scene.machine.clone(), journal, gates, only: scene.only.clone() }
    }

    fn maker(&self, name: &str, way: Way, character: Character) -> Maker {
        let machine = self.machine.downgrade();
        Maker {
            name: name.into(),
            character,
            journal: self.journal.clone(),
            gates: self.gates.clone(),
            machine,
            way,
        }
    }

    /// Publishes a service `name`, the user clients of which have this character.
    fn service(&self, name: &str, character: Character) {
        self.odd_service(name, Way::Make, character);
    }

    /// Publishes a service `name` with its own `newUserClient`.
    fn odd_service(&self, name: &str, way: Way, character: Character) {
        self.publish(name, |nub| nub.driver(self.maker(name, way, character)));
    }

    /// Publishes a service `name`, unless the machine is to have another one alone.
    fn publish(&self, name: &str, furnish: impl FnOnce(Nub) -> Nub) {
        if self.only.as_deref().is_none_or(|only| only == name) {
            self.machine.publish(furnish(Nub::new(name)));
        }
    }
}

const DEFAULT_LOCKING: &str = "IOUserClientDefaultLocking";
const SET_PROPERTIES_LOCKING: &str = "IOUserClientDefaultLockingSetProperties";
const SINGLE_THREAD_LOCKING: &str = "IOUserClientDefaultLockingSingleThreadExternalMethod";
const ENTITLEMENTS: &str = "IOUserClientEntitlements";

/// `openings`: a service for each way in which `IOServiceOpen` can end.
pub(crate) fn openings(scene: &mut Scene) {
    let furnisher = Furnisher::new(scene);
    let machine = &furnisher.machine;
    let plain = Character::default;

    // OC-1.
    furnisher.service("Plain", plain());
    furnisher.odd_service("Busy", Way::Fail, plain());
    furnisher.odd_service("BusyAndLeaking", Way::MakeAndFail, plain());
    furnisher.odd_service("Nothing", Way::MakeNothing, plain());
    furnisher.odd_service("Panicking", Way::Panic, plain());
    furnisher.service("NoUserClient", Character { classes: &["IOService"], ..plain() });

    // OC-2.
    furnisher.service("RefusesInit", Character { passes_init: false, starts: false, ..plain() });
    furnisher.service("RefusesStart", Character { starts: false, ..plain() });
    furnisher.odd_service("Vanishing", Way::TerminateProvider, Character { starts: false, ..plain() });
    let maker = |name, way| furnisher.maker(name, way, plain());
    let named = |nub: Nub| nub.property("IOUserClientClass", "NamedUserClient");
    machine.define_user_client_class("NamedUserClient", maker("NamedUserClient", Way::Make));
    furnisher.publish("Driverless", |nub| nub);
    furnisher.publish("Named", named);
    furnisher.publish("NamedBusy", |nub| named(nub).driver(maker("NamedBusy", Way::Fail)));
    furnisher.publish("NamedShortBusy", |nub| named(nub).short_driver(maker("NamedShortBusy", Way::Fail)));
    furnisher.publish("Short", |nub| nub.short_driver(maker("Short", Way::Make)));
    furnisher.publish("ShortBusy", |nub| nub.short_driver(maker("ShortBusy", Way::Fail)));
    for (name, class) in
        [("NamedUnknown", "NoSuchClass"), ("NamedService", "IOService"), ("NamedAbstract", "IOUserClient")]
    {
        furnisher.publish(name, |nub| nub.property("IOUserClientClass", class));
    }
    furnisher.publish("NamedNumber", |nub| nub.property("IOUserClientClass", 5u32));
    let for_users = Value::dictionary([("IOUserClientClass", "NamedUserClient")]);
    furnisher.publish("NamedForUsers", |nub| nub.property("IOUserServiceProperties", for_users));

    // OC-4, OC-5.
    let stated = |keys: &[(&'static str, Value)]| Character { properties: keys.to_vec(), ..plain() };
    furnisher.service("Partial", stated(&[(SET_PROPERTIES_LOCKING, true.into())]));
    let locking: [(&'static str, Value); 3] = [
        (DEFAULT_LOCKING, true.into()),
        (SET_PROPERTIES_LOCKING, true.into()),
        (SINGLE_THREAD_LOCKING, true.into()),
    ];
    let modern = |properties: Vec<(&'static str, Value)>| Character {
        classes: &["IOUserClient2022", "IOUserClient"],
        properties,
        ..plain()
    };
    let entitled = |value: Value| [locking.to_vec(), vec![(ENTITLEMENTS, value)]].concat();
    furnisher.service("Modern", modern(entitled(false.into())));
    for (missing, name) in
        ["ModernWithoutDefault", "ModernWithoutSetProperties", "ModernWithoutSingleThread"].iter().enumerate()
    {
        let mut properties = entitled(false.into());
        properties.remove(missing);
        furnisher.service(name, modern(properties));
    }
    furnisher.service("ModernWithoutAnything", modern(Vec::new()));
    furnisher.service("ModernWithoutLocking", modern(vec![(ENTITLEMENTS, false.into())]));
    furnisher.service("ModernWithoutEntitlement", modern(locking.to_vec()));
    furnisher.service("ModernWithTrue", modern(entitled(true.into())));
    furnisher.service("ModernWithNumber", modern(entitled(0u32.into())));
    furnisher.service("ModernEntitled", modern(entitled(ENTITLEMENT.into())));
    furnisher.service("ClassicEntitled", stated(&[(ENTITLEMENTS, ENTITLEMENT.into())]));
    furnisher.service("ClassicWithFalse", stated(&[(ENTITLEMENTS, false.into())]));

    // OC-1, OC-6.
    furnisher.odd_service("Denied", Way::Fail, plain());
    let of_class = |classes| Character { classes, ..plain() };
    furnisher.service("DeniedClient", of_class(&["DeniedUserClient", "IOUserClient"]));
    furnisher.service(
        "DeniedEntitledClient",
        Character {
            properties: vec![(ENTITLEMENTS, ENTITLEMENT.into())],
            ..of_class(&["DeniedUserClient", "IOUserClient"])
        },
    );
    furnisher.service("FilterRefuses", of_class(&["RefusedUserClient", "IOUserClient"]));
    furnisher.service("FilterIsAbsent", of_class(&["UnfilteredUserClient", "IOUserClient"]));
    furnisher.service("Filtered", of_class(&["FilteredUserClient", "IOUserClient"]));
    machine.set_policy(Sandbox);
}

/// Refuses by the names of classes.
struct Sandbox;

impl Policy for Sandbox {
    fn allows_service_open(&self, _: &Caller, class: &str, connection_type: u32) -> bool {
        class != "Denied" || connection_type == 1
    }

    fn allows_client_open(&self, _: &Caller, class: &str, connection_type: u32) -> bool {
        class != "DeniedUserClient" || connection_type == 1
    }

    fn filter(
        &self,
        _: &Caller,
        class: &str,
        connection_type: u32,
    ) -> std::result::Result<Option<Filter>, IoReturn> {
        match (class, connection_type) {
            ("RefusedUserClient", 0) => Err(IoReturn::OFFLINE),
            ("UnfilteredUserClient", _) => Err(IoReturn::UNSUPPORTED),
            ("FilteredUserClient", _) => Ok(Some(Arc::new(|_| IoReturn::NOT_READY))),
            _ => Ok(None),
        }
    }
}

/// `closings`: a service for each way in which a connection is used besides calls, and can end.
pub(crate) fn closings(scene: &mut Scene) {
    let furnisher = Furnisher::new(scene);
    let terminating = Character::default;
    let staying = || Character { on_close: OnClose::Stay, ..Character::default() };

    furnisher.service("Staying", staying());
    furnisher.service("Terminating", terminating());
    furnisher.service("Panicking", Character { panics_on_close: true, ..terminating() });
    furnisher.service("Mourning", Character { overrides_died: true, ..staying() });
    furnisher.service("Pointing", Character { service: Service::Provider, ..terminating() });
    furnisher.service("PointingNowhere", Character { service: Service::NoEntry, ..terminating() });
    furnisher.service("Joining", Character { accepts_clients: true, ..terminating() });
    for (name, value) in [("Shared", true), ("SharedByFalse", false)] {
        let properties = vec![("IOUserClientSharedInstance", value.into())];
        furnisher.odd_service(name, Way::HandOut(Mutex::default()), Character { properties, ..staying() });
    }
    furnisher.odd_service("Reused", Way::HandOut(Mutex::default()), staying());
}

/// `tree`: services that depend on each other, each with user clients that note what they are told.
///
/// `Bus` > `Device` > `Leaf`, `Bus` > `Twin`; `Bridge` has two providers, `Bus` and `Hub`. `Vanishing` is terminated when it is opened with
/// type 1.
pub(crate) fn tree(scene: &mut Scene) {
    let furnisher = Furnisher::new(scene);
    let machine = &furnisher.machine;
    let nub = |name| Nub::new(name).driver(furnisher.maker(name, Way::Make, Character::default()));
    let bus = machine.publish(nub("Bus"));
    let hub = machine.publish(nub("Hub"));
    let device = machine.publish(nub("Device").provider(bus));
    machine.publish(nub("Leaf").provider(device));
    machine.publish(nub("Bridge").provider(bus).provider(hub));
    machine.publish(nub("Twin").provider(bus));
    furnisher.odd_service("Vanishing", Way::TerminateProvider, Character::default());
}
