//! What drivers do to the registry: planes, names, places, and trees that are wide or deep.

use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL};
use iokit_uc::interface::{Arguments, MessageType, OnClose, SERVICE_SEIZE, UserClient};
use iokit_uc::sim::{EntryId, Machine, Nub, OpenRequest, TerminateOptions};
use iokit_uc::{IoReturn, Kernel, Matching, Result, Service, Value};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const NOBODY: EntryId = EntryId(5);
const ROOT: EntryId = EntryId(0x1_0000_0100);

/// How long a test waits for what must happen before it fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn code(result: Result<()>) -> IoReturn {
    result.err().map_or(IoReturn::SUCCESS, |error| error.code())
}

#[test]
fn reg_03_a_plane_has_a_name_of_32_bytes_at_most() {
    let machine = Machine::new();
    assert!(machine.add_plane(&"p".repeat(32)).is_ok());
    for name in ["p".repeat(33), String::new(), "a:b".into(), "a\0".into()] {
        let error = machine.add_plane(&name).unwrap_err();
        assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
        assert!(error.to_string().contains(&format!("{name:?} cannot be the name of a plane")), "{error}");
    }
    // One that exists stays what it is.
    let service = machine.publish(Nub::new("Service"));
    machine.attach_in("IOPower", service, ROOT).unwrap();
    machine.add_plane("IOPower").unwrap();
    let kernel = machine.task("client").kernel();
    let found = kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, c"IOPower:/");
    assert_ne!(found, NULL);
    machine.detach_in("IOPower", service, ROOT).unwrap();
}

#[test]
fn what_cannot_be_done_to_the_registry_is_an_error_that_says_why() {
    let machine = Machine::new();
    let service = machine.publish(Nub::new("Service"));
    for (result, why) in [
        (machine.attach_in("Nowhere", service, ROOT), "no plane \"Nowhere\""),
        (machine.attach_in("IOPower", NOBODY, ROOT), "no entry 0x5"),
        (machine.attach_in("IOPower", service, NOBODY), "no entry 0x5"),
        (machine.detach_in("Nowhere", service, ROOT), "no plane \"Nowhere\""),
        (machine.detach_in("IOPower", service, NOBODY), "no entry 0x5"),
        (machine.set_name(NOBODY, "name"), "no entry 0x5"),
        (machine.set_location(NOBODY, "1"), "no entry 0x5"),
        (machine.set_name_in("Nowhere", service, "name"), "no plane \"Nowhere\""),
        (machine.set_location_in("Nowhere", service, "1"), "no plane \"Nowhere\""),
        (machine.try_attach(Nub::new("Other").plane("Nowhere")).map(drop), "no plane \"Nowhere\""),
        (machine.try_attach(Nub::new("Other").name_in("Nowhere", "a")).map(drop), "no plane \"Nowhere\""),
        (
            machine.try_attach(Nub::new("Other").provider(NOBODY)).map(drop),
            "never in this machine's registry",
        ),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.code(), IoReturn::NOT_FOUND, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    let error = machine.attach_in("IOPower", service, service).unwrap_err();
    assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().contains("is above entry"), "{error}");
    // What is not attached there is left alone.
    assert_eq!(code(machine.detach_in("IOPower", service, ROOT)), IoReturn::SUCCESS);
}

#[test]
fn reg_05_a_driver_can_rename_and_move_an_entry() {
    let machine = Machine::new();
    let service = machine.publish(Nub::new("Service"));
    let kernel = machine.task("client").kernel();
    let path = || {
        let service = Service::expect_first(&kernel, &Matching::class("Service")).unwrap();
        kernel.io_registry_entry_copy_path(service.as_raw(), c"IOService").unwrap()
    };
    assert_eq!(path(), "IOService:/Service");
    machine.set_name(service, "name").unwrap();
    machine.set_location(service, "1").unwrap();
    assert_eq!(path(), "IOService:/name@1");
    machine.set_name_in("IOService", service, "other").unwrap();
    machine.set_location_in("IOService", service, "2").unwrap();
    machine.set_location_in("IOPower", service, "3").unwrap();
    assert_eq!(path(), "IOService:/other@2");
}

#[test]
fn reg_10_a_plane_of_more_than_31_bytes_is_in_no_path() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    for (length, is_found) in [(31, true), (32, false)] {
        let plane = "p".repeat(length);
        machine.add_plane(&plane).unwrap();
        machine.attach(Nub::new("Entry").plane(&*plane).provider(ROOT));
        let found = kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, &format!("{plane}:/"));
        assert_eq!(found != NULL, is_found, "{length}");
    }
}

#[test]
fn reg_10_an_alias_of_more_than_31_bytes_is_none() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let entry = |name: &str, parent| Nub::new("Entry").name(name).plane("IODeviceTree").provider(parent);
    let tree = machine.attach(entry("device-tree", ROOT));
    let aliases = ["a".repeat(31), "a".repeat(32)];
    machine.attach(
        aliases.iter().fold(entry("aliases", tree), |nub, name| nub.property(name, Value::data(b"/soc\0"))),
    );
    machine.attach(entry("soc", tree));
    let is_found = aliases.map(|alias| {
        kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, &format!("IODeviceTree:{alias}")) != NULL
    });
    assert_eq!(is_found, [true, false]);
}

#[test]
fn reg_11_a_name_that_ends_at_a_colon_hides_a_longer_one_behind_it() {
    let kernel_of = |names: [&str; 2]| {
        let machine = Machine::new();
        for name in names {
            machine.publish(Nub::new("Service").name(name));
        }
        machine.task("client").kernel()
    };
    let find = |kernel: &Kernel| {
        kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, "IOService:/name:colon") != NULL
    };
    assert!(find(&kernel_of(["name:colon", "name"])));
    assert!(
        !find(&kernel_of(["name", "name:colon"])),
        "the first is taken, and `:colon` is left over (REG-13)"
    );
}

// ---- MT-17a ----

#[test]
fn mt_17a_a_service_that_is_named_counts_when_it_is_matched() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let hub = machine.publish(Nub::new("Hub"));
    let slice = machine.attach(Nub::new("Slice").provider(hub));
    machine.publish(Nub::new("Alias").property("IOServiceLegacyMatchingRegistryID", slice.0));
    let below_hub = Matching::class("Alias").parent(Matching::class("Hub"));
    let is_found = || Service::first(&kernel, &below_hub).unwrap().is_some();
    assert!(!is_found());
    let round = machine.start_matching(slice);
    assert!(!is_found());
    drop(round);
    assert!(is_found());
}

// ---- BQ-2 ----

#[test]
fn bq_02_a_busy_client_that_comes_off_another_provider_weighs_on_the_first_as_before() {
    let machine = Machine::new();
    let providers = [(); 3].map(|()| machine.publish(Nub::new("Provider")));
    let [first, second, third] = providers;
    let client = Nub::new("Client").provider(first).provider(second).provider(third);
    let client = machine.publish(client);
    machine.adjust_busy(client, 1).unwrap();
    let counts = || providers.map(|provider| machine.busy(provider));
    assert_eq!(counts(), [1, 0, 0]);
    machine.detach_in("IOService", client, second).unwrap();
    assert_eq!(counts(), [1, 0, 0]);
    machine.detach_in("IOService", client, first).unwrap();
    assert_eq!(counts(), [0, 0, 1], "it has a new first provider");
    machine.assert_clean();
}

// ---- BQ-1a ----

/// A machine whose clock stands still, and a provider with as many clients as it takes.
fn full() -> (Machine, EntryId, Vec<EntryId>) {
    let machine = Machine::new();
    machine.freeze_clock();
    let provider = machine.publish(Nub::new("Provider"));
    let attach = || machine.attach(Nub::new("Client").provider(provider));
    let clients = (0..1020).map(|_| attach()).collect();
    (machine, provider, clients)
}

#[test]
#[cfg_attr(miri, ignore = "a thousand entries take too long")]
fn bq_01a_a_provider_with_more_than_1019_clients_takes_no_more_after_15_seconds() {
    let (machine, provider, _) = full();
    thread::scope(|scope| {
        let attach = || machine.try_attach(Nub::new("Client").provider(provider));
        let attached = scope.spawn(attach);
        assert!(machine.wait_until_blocked(1, PATIENCE));
        machine.advance(Duration::from_secs(14));
        assert!(machine.wait_until_blocked(1, PATIENCE));
        assert!(!attached.is_finished());
        machine.advance(Duration::from_secs(1));
        let error = attached.join().unwrap().unwrap_err();
        assert_eq!(error.code(), IoReturn::NO_RESOURCES);
        assert!(error.to_string().contains("takes no more clients"), "{error}");
    });
}

#[test]
#[cfg_attr(miri, ignore = "a thousand entries take too long")]
fn bq_01a_a_client_that_goes_makes_room_for_one_that_waits() {
    let (machine, provider, clients) = full();
    thread::scope(|scope| {
        let attached = scope.spawn(|| machine.try_attach(Nub::new("Client").provider(provider)));
        assert!(machine.wait_until_blocked(1, PATIENCE));
        assert!(machine.terminate(clients[7], TerminateOptions::default()));
        assert!(attached.join().unwrap().is_ok());
    });
}

#[test]
#[cfg_attr(miri, ignore = "a thousand entries take too long")]
fn bq_01a_a_connection_is_a_client_like_others_and_other_planes_have_room() {
    struct Silent;
    impl UserClient for Silent {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
            Ok(())
        }
    }
    let machine = Machine::new();
    machine.freeze_clock();
    let provider = machine.publish(Nub::new("Provider").user_client(|_: &OpenRequest<'_>| Ok(Silent)));
    for _ in 0..1020 {
        let client = machine.attach(Nub::new("Client").provider(provider));
        machine.attach_in("IOPower", client, provider).unwrap();
    }
    machine.attach_in("IOPower", machine.attach(Nub::new("Other")), provider).unwrap();
    let kernel = machine.task("client").kernel();
    thread::scope(|scope| {
        let service = Service::expect_first(&kernel, &Matching::class("Provider")).unwrap();
        let opened = scope.spawn(move || service.open(0).map(drop));
        assert!(machine.wait_until_blocked(1, PATIENCE));
        machine.advance(Duration::from_secs(15));
        assert_eq!(opened.join().unwrap().unwrap_err().code(), IoReturn::UNSUPPORTED);
    });
}

// ---- Trees that are deep or wide ----

const MANY: usize = if cfg!(miri) { 30 } else { 10_000 };

#[test]
fn term_10_a_deep_tree_ends_without_a_deep_stack() {
    let machine = Machine::new();
    let top = machine.publish(Nub::new("Top"));
    let bottom = (1..MANY).fold(top, |provider, _| machine.attach(Nub::new("Level").provider(provider)));
    let kernel = machine.task("client").kernel();
    assert!(machine.terminate(top, TerminateOptions::default()));
    assert!([top, bottom].into_iter().all(|service| machine.is_inactive(service)));
    assert_eq!(machine.busy(ROOT), 0);
    assert_eq!(kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, c"IOService:/Top"), NULL);
    machine.assert_clean();
}

#[test]
fn reg_18_a_deep_tree_is_walked_without_a_deep_stack() {
    let machine = Machine::new();
    let top = machine.publish(Nub::new("Top"));
    (1..MANY).fold(top, |provider, _| machine.attach(Nub::new("ALevelWithALongName").provider(provider)));
    let kernel = machine.task("client").kernel();
    let top = Service::expect_first(&kernel, &Matching::class("Top")).unwrap();
    let mut iterator = NULL;
    kernel.io_registry_entry_create_iterator(top.as_raw(), c"IOService", 1, &mut iterator);
    let (mut count, mut last) = (0, NULL);
    loop {
        let next = kernel.io_iterator_next(iterator);
        if next == NULL {
            break;
        }
        // SAFETY: the reference came from the iterator, and nothing relies on it.
        unsafe { kernel.io_object_release(last) };
        (count, last) = (count + 1, next);
    }
    assert_eq!(count, MANY - 1);
    // Its path is far too long.
    assert_eq!(kernel.io_registry_entry_copy_path(last, c"IOService"), None);
    // SAFETY: as above.
    [last, iterator].into_iter().for_each(|name| unsafe {
        kernel.io_object_release(name);
    });
}

// ---- TERM-9, TERM-12 ----

/// A user client that puts its stop off.
struct Deferring {
    machine: iokit_uc::sim::WeakMachine,
    provider: EntryId,
    journal: Arc<Mutex<Vec<&'static str>>>,
}

impl Deferring {
    fn note(&self, what: &'static str) {
        self.journal.lock().unwrap().push(what);
    }

    fn provider(&self) -> (Machine, EntryId) {
        let machine = self.machine.upgrade().unwrap();
        let own = machine.id_of(self).unwrap();
        (machine, own)
    }
}

impl UserClient for Deferring {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn start(&self, provider: EntryId) -> bool {
        let (machine, own) = self.provider();
        machine.open_service(provider, own, 0)
    }

    fn message(
        &self,
        message: MessageType,
        _: EntryId,
        _: iokit_uc::interface::MessageArgument<'_>,
    ) -> Result<()> {
        if message == MessageType::SERVICE_IS_REQUESTING_CLOSE {
            self.note("asked to close");
        }
        Err(IoReturn::UNSUPPORTED.into())
    }

    fn did_terminate(&self, provider: EntryId, defer: &mut bool) {
        assert_eq!((provider, *defer), (self.provider, false));
        self.note("didTerminate");
        *defer = true;
    }

    fn stop(&self, _: EntryId) {
        self.note("stop");
    }

    fn finalize(&self) {
        self.note("finalize");
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn term_09_a_client_that_defers_is_not_asked_and_stops_when_it_has_closed() {
    let machine = Machine::new();
    let journal = Arc::<Mutex<Vec<_>>>::default();
    let (weak, notes) = (machine.downgrade(), Arc::clone(&journal));
    let service = machine.publish(Nub::new("Service").user_client(move |request: &OpenRequest<'_>| {
        let (machine, journal) = (weak.clone(), Arc::clone(&notes));
        Ok(Deferring { machine, provider: request.provider, journal })
    }));
    let kernel = machine.task("client").kernel();
    let found = Service::expect_first(&kernel, &Matching::class("Service")).unwrap();
    let connection = found.open(0).unwrap();
    let client = EntryId(service.0 + 1);
    assert!(machine.terminate(service, TerminateOptions::default()));
    let notes = || journal.lock().unwrap().clone();
    assert_eq!(notes(), ["didTerminate", "finalize"]);
    assert!(machine.busy(service) > 0);
    // Another termination comes to its end meanwhile.
    let other = machine.publish(Nub::new("Other"));
    assert!(machine.terminate(other, TerminateOptions::default()));
    assert_eq!(notes().len(), 2);
    machine.close_service(service, client, 0);
    assert_eq!(notes()[2..], ["stop"]);
    assert_eq!(machine.busy(service), 0);
    drop((connection, found));
    machine.assert_clean();
}

#[test]
fn term_12_whoever_has_a_service_open_can_be_asked_to_close_it() {
    let machine = Machine::new();
    let bus = machine.publish(Nub::new("Bus"));
    let holder = Arc::new(Mutex::new(EntryId(0)));
    let weak = machine.downgrade();
    let (own, asked) = (Arc::clone(&holder), Arc::new(Mutex::new(Vec::new())));
    let messages = Arc::clone(&asked);
    let polite = Nub::new("Polite").provider(bus).on_message(move |message, provider, _| {
        messages.lock().unwrap().push(message);
        match message {
            MessageType::SERVICE_IS_REQUESTING_CLOSE => {
                let own = *own.lock().unwrap();
                weak.upgrade().unwrap().close_service(provider, own, 0);
                Ok(())
            }
            _ => Err(IoReturn::UNSUPPORTED.into()),
        }
    });
    let polite = machine.publish(polite);
    *holder.lock().unwrap() = polite;
    let rude = machine.publish(Nub::new("Rude").provider(bus));
    assert!(machine.open_service(bus, polite, 0));
    assert!(!machine.open_service(bus, rude, 0), "nobody is asked");
    assert!(machine.open_service(bus, rude, SERVICE_SEIZE));
    let expected = [
        MessageType::SERVICE_IS_ATTEMPTING_OPEN,
        MessageType::SERVICE_IS_ATTEMPTING_OPEN,
        MessageType::SERVICE_IS_REQUESTING_CLOSE,
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
    assert!(!machine.open_service(bus, polite, SERVICE_SEIZE), "a client answers no by default");
    machine.close_service(bus, rude, 0);
    assert_eq!(asked.lock().unwrap().last(), Some(&MessageType::SERVICE_WAS_CLOSED));
}

#[test]
fn term_12_nobody_is_asked_to_close_a_service_that_goes_away() {
    let machine = Machine::new();
    let asked = Arc::new(Mutex::new(0));
    let counts = Arc::clone(&asked);
    let bus = machine.publish(Nub::new("Bus"));
    let holder = machine.publish(Nub::new("Holder").provider(bus).on_message(move |message, _, _| {
        *counts.lock().unwrap() += u32::from(message == MessageType::SERVICE_IS_REQUESTING_CLOSE);
        Err(IoReturn::UNSUPPORTED.into())
    }));
    let rude = machine.publish(Nub::new("Rude"));
    assert!(machine.open_service(bus, holder, 0));
    assert!(!machine.open_service(bus, rude, SERVICE_SEIZE));
    assert_eq!(*asked.lock().unwrap(), 1);
    assert!(machine.terminate(bus, TerminateOptions::default()));
    let before = *asked.lock().unwrap();
    assert!(!machine.open_service(bus, rude, SERVICE_SEIZE));
    assert_eq!(*asked.lock().unwrap(), before);
    machine.close_service(bus, holder, 0);
    machine.assert_clean();
}

#[test]
fn term_09_a_service_that_is_open_is_kept_until_its_client_closes() {
    let machine = Machine::new();
    let bus = machine.publish(Nub::new("Bus"));
    let device = machine.publish(Nub::new("Device").provider(bus));
    assert!(machine.open_service(bus, device, 0));
    assert!(machine.terminate(bus, TerminateOptions::default()));
    assert!(machine.busy(bus) > 0);
    machine.close_service(bus, device, 0);
    assert_eq!((machine.busy(bus), machine.busy(ROOT)), (0, 0));
}
