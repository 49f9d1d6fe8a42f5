//! The machine as a user's tests see it: publish, open from several tasks, kill a task, terminate, count what leaked.

use crate::releasing::{io_object_release, io_service_close, mach_port_mod_refs};
use crate::steps::UNKNOWN;
use iokit_uc::backend::{Backend, NULL, PortRight};
use iokit_uc::interface::{Arguments, OnClose, UserClient};
use iokit_uc::sim::{Caller, EntryId, Machine, Misuse, Nub, OpenRequest, Policy, Report, TerminateOptions};
use iokit_uc::{Connection, ErrorKind, IoReturn, Kernel, Matching, Result, Service, Value};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// A driver that counts calls and closes over all its connections.
#[derive(Default)]
struct Counter {
    calls: AtomicU64,
    closes: AtomicU64,
}

struct Connected {
    counter: Arc<Counter>,
    on_close: OnClose,
}

impl UserClient for Connected {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        if selector != 0 {
            return Err(IoReturn::UNSUPPORTED.into());
        }
        let calls = self.counter.calls.fetch_add(1, Ordering::Relaxed) + 1;
        arguments.scalar_output()[0] = calls;
        Ok(())
    }

    fn class(&self) -> &'static [&'static str] {
        &["com_example_CounterUserClient", "IOUserClient"]
    }

    fn client_close(&self) -> OnClose {
        self.counter.closes.fetch_add(1, Ordering::Relaxed);
        self.on_close
    }
}

const CLASS: &str = "com_example_Counter";

/// A machine with a counter.
fn machine(on_close: OnClose) -> (Machine, EntryId, Arc<Counter>) {
    let machine = Machine::new();
    let counter = Arc::new(Counter::default());
    let driver = Arc::clone(&counter);
    let id = machine.publish(
        Nub::new(CLASS)
            .driver(move |_: &OpenRequest<'_>| Ok(Connected { counter: Arc::clone(&driver), on_close })),
    );
    (machine, id, counter)
}

fn find(kernel: &Kernel) -> Service {
    Service::expect_first(kernel, &Matching::class(CLASS)).unwrap()
}

fn count(connection: &Connection) -> Result<u64> {
    Ok(connection.call(0).scalar_capacity(1).send()?.scalars()[0])
}

// ---- publishing ----

#[test]
fn what_is_published_is_found_and_opened_by_any_task() {
    let (machine, id, counter) = machine(OnClose::Terminate);
    let connections = ["one", "two"].map(|name| {
        let kernel = machine.task(name).kernel();
        assert_eq!(find(&kernel).id().unwrap(), id.0);
        find(&kernel).open(0).unwrap()
    });
    assert_eq!(connections.each_ref().map(|connection| count(connection).unwrap()), [1, 2]);
    drop(connections);
    assert_eq!(counter.closes.load(Ordering::Relaxed), 2);
    machine.assert_clean();
}

#[test]
fn a_service_of_a_machine_is_not_on_another() {
    let (_, _, _) = machine(OnClose::Terminate);
    let kernel = Machine::new().task("client").kernel();
    assert!(Service::first(&kernel, &Matching::class(CLASS)).unwrap().is_none());
}

#[test]
fn a_service_has_the_class_name_and_properties_of_its_nub() {
    let machine = Machine::default();
    let provider = machine.publish(Nub::new("com_example_Bus"));
    let nub =
        Nub::new("com_example_Device").superclass("com_example_Base").name("device0").provider(provider);
    let id = machine.publish(nub.property("Colour", "green"));
    let kernel = machine.task("client").kernel();
    let service = Service::expect_first(&kernel, &Matching::name("device0")).unwrap();
    assert_eq!(service.id().unwrap(), id.0);
    assert_eq!(service.class().unwrap(), "com_example_Device");
    assert!(service.conforms_to("com_example_Base").unwrap());

    let colour = || kernel.io_registry_entry_create_cf_property(service.as_raw(), c"Colour");
    assert_eq!(colour(), Some("green".into()));
    machine.set_property(id, "Colour", "red").unwrap();
    assert_eq!(colour(), Some("red".into()));
    drop(service);
    assert!(machine.terminate(provider, TerminateOptions::default()), "its provider takes it along");
    assert!(machine.is_inactive(id));
}

#[test]
fn a_property_of_no_entry_cannot_be_set() {
    let error = Machine::new().set_property(EntryId(5), "Colour", "red").unwrap_err();
    assert_eq!(error.code(), IoReturn::NOT_FOUND);
    assert!(error.to_string().contains("no entry 0x5 is in the registry"), "{error}");
}

#[test]
#[should_panic(expected = "never in this machine's registry")]
fn a_service_cannot_be_attached_to_nothing() {
    Machine::new().publish(Nub::new(CLASS).provider(EntryId(5)));
}

#[test]
#[should_panic(expected = "a provider of the nub is inactive")]
fn a_service_cannot_be_attached_to_one_that_is_gone() {
    let machine = Machine::new();
    let bus = machine.publish(Nub::new("com_example_Bus"));
    // A matching round keeps it in the registry.
    let _round = machine.start_matching(bus);
    machine.terminate(bus, TerminateOptions::default());
    machine.publish(Nub::new(CLASS).provider(bus));
}

#[test]
fn a_service_that_is_attached_alone_appears_when_matching_has_ended() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    let is_found = || Service::first(&kernel, &Matching::class(CLASS)).unwrap().is_some();
    let id = machine.attach(Nub::new(CLASS));
    assert!(!is_found());
    let round = machine.start_matching(id);
    assert!(!is_found());
    assert_eq!(machine.busy(id), 1);
    drop(round);
    assert!(is_found());
    assert_eq!(machine.busy(id), 0);
}

// ---- tasks ----

#[test]
fn a_task_has_the_credentials_that_it_is_given() {
    let machine = Machine::new();
    let (first, second) = (machine.task("first").caller(), machine.task("second").caller());
    assert_eq!((first.name.as_str(), second.name.as_str()), ("first", "second"));
    assert_ne!(first.pid, second.pid);
    assert_ne!(first.pid, 0, "that is the kernel's own");
    assert_eq!((first.uid, first.console_user, first.entitlements.len()), (501, true, 0));
    let mut root = Caller::new("launchd", 1);
    root.uid = 0;
    assert_eq!(*machine.task_of(root.clone()).caller(), root);
}

#[test]
fn killing_a_task_closes_what_it_had_open_and_nothing_else() {
    let (machine, _, counter) = machine(OnClose::Terminate);
    let (victim, other) = (machine.task("victim"), machine.task("other"));
    let held = find(&victim.kernel());
    let (doomed, kept) = (held.open(0).unwrap(), find(&other.kernel()).open(0).unwrap());
    victim.kill();
    assert_eq!(counter.closes.load(Ordering::Relaxed), 1);
    assert_eq!(count(&doomed).unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(count(&kept).unwrap(), 1);

    // The dead task's handles are nobody's any more: dropping them is no mistake.
    drop((held, doomed, kept));
    machine.assert_clean();
}

#[test]
fn a_task_that_is_dead_gets_nothing() {
    let (machine, _, _) = machine(OnClose::Terminate);
    let task = machine.task("victim");
    let other = machine.task("other");
    let kernel = task.kernel();
    task.kill();
    task.kill();
    let first = Service::first(&kernel, &Matching::class(CLASS));
    assert_eq!(first.unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
    let all = Service::all(&kernel, &Matching::class(CLASS));
    assert_eq!(all.unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
    let mut name = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(io_object_release(&kernel, UNKNOWN), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(io_service_close(&kernel, UNKNOWN), IoReturn::MACH_SEND_INVALID_DEST);

    let service = find(&other.kernel());
    assert_eq!(other.send_right_to(service.as_raw(), &task).unwrap(), NULL);
    assert_eq!(other.send_rights(service.as_raw()), 1);
    drop(service);
    machine.assert_clean();
}

#[test]
fn a_call_of_a_task_that_is_killed_meanwhile_comes_to_its_end() {
    let (entered, has_entered) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let released = std::sync::Mutex::new(released);
    let machine = Machine::new();
    let wait = Arc::new(move || {
        entered.send(()).unwrap();
        released.lock().unwrap().recv().unwrap();
    });
    machine.publish(Nub::new(CLASS).driver(move |_: &OpenRequest<'_>| Ok(Waiting(wait.clone()))));
    let task = machine.task("victim");
    let connection = find(&task.kernel()).open(0).unwrap();
    thread::scope(|scope| {
        let caller = scope.spawn(|| connection.call(0).send().map(|_| ()));
        has_entered.recv().unwrap();
        // The connection is closed when the method has returned, and nobody waits for that.
        task.kill();
        assert_eq!(machine.report().user_clients.len(), 1);
        release.send(()).unwrap();
        assert!(caller.join().unwrap().is_ok());
    });
    drop(connection);
    machine.assert_clean();
}

struct Waiting(Arc<dyn Fn() + Send + Sync>);

impl UserClient for Waiting {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        (self.0)();
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

#[test]
fn a_caller_that_waits_for_an_answer_that_nobody_gives_ends_with_its_task() {
    let machine = Machine::new();
    let (task, owner) = (machine.task("victim"), machine.task("owner"));
    let mut port = NULL;
    owner.kernel().mach_port_allocate(PortRight::Receive, &mut port);
    owner.kernel().mach_port_insert_right(port);
    let name = owner.send_right_to(port, &task).unwrap();
    thread::scope(|scope| {
        let caller = scope.spawn(|| task.kernel().io_registry_entry_get_registry_entry_id(name, &mut 0));
        owner.wait_for_message(port);
        assert_eq!((owner.queued_messages(port), task.queued_messages(name)), (1, 0));
        task.kill();
        assert!(!caller.join().unwrap().is_success());
    });
    owner.kill();
}

#[test]
fn rights_are_counted_in_all_tasks() {
    let (machine, _, _) = machine(OnClose::Terminate);
    let (one, two) = (machine.task("one"), machine.task("two"));
    let service = find(&one.kernel());
    assert_eq!(one.send_rights(service.as_raw()), 1);
    let copy = service.clone();
    assert_eq!(one.send_rights(service.as_raw()), 1, "one right with two references");
    let other = find(&two.kernel());
    assert_eq!(one.send_rights(service.as_raw()), 2);
    assert_eq!((one.send_rights(UNKNOWN), one.send_rights(NULL)), (0, 0));
    drop((service, copy, other));
}

// ---- policy ----

struct NoGuests;

impl Policy for NoGuests {
    fn allows_service_open(&self, caller: &Caller, class: &str, _: u32) -> bool {
        caller.name != "guest" || class != CLASS
    }
}

#[test]
fn a_policy_can_refuse_a_task() {
    let (machine, _, _) = machine(OnClose::Terminate);
    machine.set_policy(NoGuests);
    let guest = find(&machine.task("guest").kernel());
    let error = guest.open(0).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotPermitted, IoReturn::NOT_PERMITTED));
    find(&machine.task("user").kernel()).open(0).unwrap();
}

// ---- terminating ----

#[test]
fn a_service_can_be_unplugged_and_plugged_in_again() {
    let (machine, id, counter) = machine(OnClose::Terminate);
    let kernel = machine.task("client").kernel();
    let connection = find(&kernel).open(0).unwrap();
    assert!(!machine.is_inactive(id));

    assert!(machine.terminate(id, TerminateOptions::default()));
    assert!(machine.is_inactive(id));
    assert!(!machine.terminate(id, TerminateOptions::default()), "it is gone");
    assert!(Service::first(&kernel, &Matching::class(CLASS)).unwrap().is_none());
    assert_eq!(count(&connection).unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(counter.closes.load(Ordering::Relaxed), 0);
    drop(connection);

    let again = machine.publish(Nub::new(CLASS));
    assert_ne!(again, id);
    assert_eq!(find(&kernel).id().unwrap(), again.0);
    machine.assert_clean();
}

#[test]
fn what_was_never_there_is_inactive_quiet_and_not_to_be_terminated() {
    let machine = Machine::new();
    let nothing = EntryId(5);
    assert!(machine.is_inactive(nothing));
    assert_eq!(machine.busy(nothing), 0);
    assert!(machine.wait_quiet(nothing, Duration::ZERO));
    assert!(!machine.terminate(nothing, TerminateOptions { synchronous: true }));
    drop(machine.start_matching(nothing));
}

#[test]
fn waiting_for_quiet_ends_with_the_round_or_the_time() {
    let machine = Machine::new();
    let id = machine.attach(Nub::new(CLASS));
    machine.freeze_clock();
    let round = machine.start_matching(id);
    assert!(!machine.wait_quiet(id, Duration::ZERO));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| machine.wait_quiet(id, Duration::from_secs(2)));
        assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
        machine.advance(Duration::from_secs(2));
        assert!(!waiter.join().unwrap());

        let waiter = scope.spawn(|| machine.wait_quiet(id, Duration::from_secs(2)));
        assert!(machine.wait_until_blocked(1, Duration::from_secs(60)));
        machine.advance(Duration::from_secs(1));
        drop(round);
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn waiting_for_quiet_follows_the_hosts_clock_unless_it_is_frozen() {
    let machine = Machine::new();
    let id = machine.attach(Nub::new(CLASS));
    let round = machine.start_matching(id);
    assert!(!machine.wait_quiet(id, Duration::from_millis(1)));
    // Without a frozen clock there is nothing to move on.
    machine.advance(Duration::from_secs(100));
    assert!(!machine.wait_quiet(id, Duration::from_millis(1)));
    drop(round);
    assert!(machine.wait_quiet(id, Duration::from_millis(1)));
}

#[test]
fn a_machine_goes_though_a_driver_keeps_a_weak_handle_on_it() {
    let machine = Machine::new();
    let weak = machine.downgrade();
    let driver = Arc::new(());
    let held = (weak.clone(), Arc::clone(&driver));
    machine.publish(Nub::new(CLASS).driver(move |_: &OpenRequest<'_>| {
        let _ = &held;
        Err::<Connected, _>(IoReturn::BUSY.into())
    }));
    let again = weak.upgrade().unwrap();
    drop(machine);
    assert!(weak.upgrade().is_some(), "a clone is the same machine");
    drop(again);
    assert!(weak.upgrade().is_none());
    assert_eq!(Arc::strong_count(&driver), 1, "and its drivers go with it");
}

// ---- reports ----

#[test]
fn a_clean_machine_has_nothing_to_report() {
    let (machine, _, _) = machine(OnClose::Terminate);
    let task = machine.task("client");
    drop(find(&task.kernel()).open(0).unwrap());
    let report = machine.report();
    assert!(report.is_clean());
    assert_eq!(report, Report::default());
    assert_eq!(report.to_string(), "");
    machine.assert_clean();
}

/// The lines of a report, with names of ports left out.
fn lines(machine: &Machine) -> Vec<String> {
    let report = machine.report();
    assert_eq!(
        report.is_clean(),
        report.leaks.is_empty() && report.user_clients.is_empty() && report.misuses.is_empty()
    );
    let text = report
        .leaks
        .iter()
        .fold(report.to_string(), |text, leak| text.replace(&format!("{:#x}", leak.name), "NAME"));
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_name_of_a_living_task_is_a_leak_with_its_references() {
    let (machine, id, _) = machine(OnClose::Terminate);
    let (task, dying) = (machine.task("client"), machine.task("dying"));
    let kernel = task.kernel();
    let service = find(&kernel);
    let copy = service.clone();
    // It keeps a handle on what it was opened on: the third.
    let connection = service.open(0).unwrap();
    let mut receive = NULL;
    kernel.mach_port_allocate(PortRight::Receive, &mut receive);
    let root = kernel.io_registry_get_root_entry(NULL);
    dying.kernel().io_registry_get_root_entry(NULL);

    let leak = machine.report().leaks.into_iter().find(|leak| leak.name == service.as_raw()).unwrap();
    assert_eq!((leak.task.as_str(), leak.what.as_str(), leak.references), ("client", CLASS, 3));
    dying.kill();
    assert_eq!(
        lines(&machine),
        [
            "task client holds NAME (com_example_Counter, 3 references)",
            "task client holds NAME (connection to com_example_CounterUserClient, 1 references)",
            "task client holds NAME (receive right, 0 references)",
            "task client holds NAME (IORegistryEntry, 1 references)",
            "a user client is attached: com_example_CounterUserClient",
        ]
    );

    machine.terminate(id, TerminateOptions::default());
    drop(copy);
    assert_eq!(
        lines(&machine),
        [
            "task client holds NAME (dead name, 2 references)",
            "task client holds NAME (dead name, 1 references)",
            "task client holds NAME (receive right, 0 references)",
            "task client holds NAME (IORegistryEntry, 1 references)",
        ]
    );
    drop((service, connection));
    io_object_release(&kernel, root);
    mach_port_mod_refs(&kernel, receive, PortRight::Receive, -1);
    machine.assert_clean();
}

#[test]
fn rights_to_the_ports_of_tasks_are_leaks_too() {
    let machine = Machine::new();
    let (client, other) = (machine.task("client"), machine.task("other"));
    let mut port = NULL;
    other.kernel().mach_port_allocate(PortRight::Receive, &mut port);
    other.kernel().mach_port_insert_right(port);
    other.send_right_to(port, &client).unwrap();
    other.send_right_to(other.kernel().mach_task_self(), &client).unwrap();
    assert_eq!(
        lines(&machine),
        [
            "task client holds NAME (send right, 1 references)",
            "task client holds NAME (task, 1 references)",
            "task other holds NAME (receive right, 1 references)",
        ]
    );
    client.kill();
    other.kill();
    machine.assert_clean();
}

#[test]
fn a_user_client_that_outlives_its_connection_is_reported() {
    let (machine, id, _) = machine(OnClose::Stay);
    drop(find(&machine.task("client").kernel()).open(0).unwrap());
    assert_eq!(lines(&machine), ["a user client is attached: com_example_CounterUserClient"]);
    assert_eq!(machine.report().user_clients, ["com_example_CounterUserClient"]);
    machine.terminate(id, TerminateOptions::default());
    machine.assert_clean();
}

#[test]
fn a_misuse_is_reported_in_words() {
    let machine = Machine::new();
    let kernel = machine.task("client").kernel();
    io_object_release(&kernel, UNKNOWN);
    kernel.io_object_retain(UNKNOWN);
    let misuse = |function| Misuse::InvalidName { task: "client".into(), function, name: UNKNOWN };
    assert_eq!(machine.report().misuses, [misuse("IOObjectRelease"), misuse("IOObjectRetain")]);
    assert_eq!(
        lines(&machine),
        [
            "task client passed IOObjectRelease the name 0xffff03, which it does not have",
            "task client passed IOObjectRetain the name 0xffff03, which it does not have",
        ]
    );
}

#[test]
#[should_panic(expected = "the machine is not clean:\ntask client holds 0x")]
fn a_leak_fails_the_check_at_the_end() {
    let machine = Machine::new();
    machine.task("client").kernel().io_registry_get_root_entry(NULL);
    machine.assert_clean();
}

/// A user client that panics wherever it is told of something, and when it is dropped.
struct Panicking;

impl UserClient for Panicking {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        panic!("in external_method")
    }

    fn start(&self, _: EntryId) -> bool {
        true
    }

    fn client_died(&self, _: bool) -> OnClose {
        panic!("in client_died")
    }

    fn will_terminate(&self, _: EntryId) {
        panic!("in will_terminate")
    }

    fn did_terminate(&self, _: EntryId, _: &mut bool) {
        panic!("in did_terminate")
    }

    fn stop(&self, _: EntryId) {
        panic!("in stop")
    }

    fn finalize(&self) {
        panic!("in finalize")
    }
}

impl Drop for Panicking {
    fn drop(&mut self) {
        panic!("in drop")
    }
}

#[test]
fn a_driver_that_panics_harms_nobody_and_is_reported() {
    let machine = Machine::new();
    let id = machine.publish(Nub::new(CLASS).driver(|_: &OpenRequest<'_>| Ok(Panicking)));
    let connection = find(&machine.task("client").kernel()).open(0).unwrap();
    assert_eq!(connection.call(0).send().unwrap_err().code(), IoReturn::INTERNAL_ERROR);
    connection.close().unwrap();
    machine.terminate(id, TerminateOptions::default());
    let functions =
        ["externalMethod", "clientDied", "willTerminate", "didTerminate", "finalize", "stop", "drop"];
    assert_eq!(machine.report().misuses, functions.map(Misuse::Panic));
    assert_eq!(lines(&machine), functions.map(|function| format!("a driver panicked in {function}")));
    // The machine goes on.
    machine.publish(Nub::new("com_example_Other").property("Works", true));
    let kernel = machine.task("client").kernel();
    let other = Service::expect_first(&kernel, &Matching::class("com_example_Other")).unwrap();
    assert_eq!(
        kernel.io_registry_entry_create_cf_property(other.as_raw(), c"Works"),
        Some(Value::from(true))
    );
}

#[test]
fn debug_output_names_what_it_is() {
    let machine = Machine::new();
    assert_eq!(format!("{machine:?} {:?}", machine.downgrade()), "Machine { .. } WeakMachine { .. }");
    assert_eq!(format!("{:?}", machine.task("client")), "Task { name: \"client\", .. }");
    assert!(format!("{:?}", Nub::new(CLASS)).contains("com_example_Counter"));
    assert_eq!(EntryId(0x1_0000_0100).to_string(), "0x100000100");
}
