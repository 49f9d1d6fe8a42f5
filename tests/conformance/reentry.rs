//! Drivers that come back to the kernel, panic, or terminate things at the worst moment: nothing waits for itself, and
//! nothing is left behind.

use crate::releasing::{io_connect_release, io_object_release, io_service_close, mach_port_mod_refs};
use iokit_uc::backend::{Backend, NULL, PortName, PortRight};
use iokit_uc::interface::{Arguments, Driver, EntryId, OnClose, OpenRequest, UserClient};
use iokit_uc::sim::{Caller, Filter, Machine, Nub, Policy, Task, TerminateOptions, WeakMachine};
use iokit_uc::{IoReturn, Kernel, Matching, Result, Service, Value, user_client};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

const CLASS: &str = "com_example_Driver";

fn find(kernel: &Kernel, class: &str) -> Service {
    Service::expect_first(kernel, &Matching::class(class)).unwrap()
}

fn open(task: &Task, class: &str) -> PortName {
    find(&task.kernel(), class).open(0).unwrap().into_raw()
}

fn call(task: &Task, connect: PortName) -> IoReturn {
    task.kernel().io_connect_call_method(connect, 0, &[], &[], None, None)
}

type Hook<A, R> = Arc<dyn Fn(A) -> R + Send + Sync>;

/// A user client that does what its test says.
#[derive(Clone, Default)]
struct Scripted {
    method: Option<Hook<(), ()>>,
    start: Option<Hook<EntryId, bool>>,
    close: Option<Hook<(), ()>>,
    will_terminate: Option<Hook<(), ()>>,
    journal: Option<Arc<Mutex<Vec<&'static str>>>>,
    properties: Vec<(&'static str, bool)>,
    class: &'static [&'static str],
}

impl Scripted {
    fn note(&self, what: &'static str) {
        if let Some(journal) = &self.journal {
            journal.lock().unwrap().push(what);
        }
    }

    fn publish(self, machine: &Machine, class: &str) -> EntryId {
        machine.publish(Nub::new(class).user_client(move |_| Ok(self.clone())))
    }
}

impl UserClient for Scripted {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        self.note("method");
        self.method.iter().for_each(|method| method(()));
        Ok(())
    }

    fn class(&self) -> &'static [&'static str] {
        self.class
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        self.properties.iter().map(|&(key, value)| (key, value.into())).collect()
    }

    fn start(&self, provider: EntryId) -> bool {
        self.start.as_ref().is_none_or(|start| start(provider))
    }

    fn client_close(&self) -> OnClose {
        self.note("close begins");
        self.close.iter().for_each(|close| close(()));
        self.note("close ends");
        OnClose::Terminate
    }

    fn will_terminate(&self, _: EntryId) {
        self.will_terminate.iter().for_each(|tell| tell(()));
    }

    fn stop(&self, _: EntryId) {
        self.note("stop");
    }

    fn finalize(&self) {
        self.note("finalize");
    }
}

/// What a driver learns after it has been made, and forgets before its test ends: a task keeps its machine.
type Later<T> = Arc<Mutex<Option<T>>>;

#[test]
fn an_asynchronous_method_may_release_its_own_connection() {
    let machine = Machine::new();
    let own: Later<(Task, PortName)> = Later::default();
    let seen = own.clone();
    let release = Arc::new(move |()| {
        let (task, connect) = seen.lock().unwrap().clone().unwrap();
        assert_eq!(io_connect_release(&task.kernel(), connect), IoReturn::SUCCESS);
    });
    Scripted { method: Some(release), ..Scripted::default() }.publish(&machine, CLASS);
    let task = machine.task("client");
    let connect = open(&task, CLASS);
    *own.lock().unwrap() = Some((task.clone(), connect));

    let kernel = task.kernel();
    let mut wake_port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut wake_port), IoReturn::SUCCESS);
    // SAFETY: nobody reads the port, so nobody calls what the reference names.
    let code = unsafe {
        kernel.io_connect_call_async_method(connect, 0, wake_port, Some(&[1]), &[], &[], None, None)
    };
    assert_eq!(code, IoReturn::SUCCESS);
    assert_eq!(mach_port_mod_refs(&kernel, wake_port, PortRight::Receive, -1), IoReturn::SUCCESS);
    *own.lock().unwrap() = None;
    machine.assert_clean();
}

#[test]
fn what_a_driver_puts_off_is_done_by_its_own_thread_and_by_no_other() {
    let machine = Machine::new();
    let (gate, told) = (Arc::new(Barrier::new(2)), Arc::new(Mutex::new(Vec::new())));
    let teller = told.clone();
    let tell = Arc::new(move |()| teller.lock().unwrap().push(thread::current().id()));
    let victim = Scripted { will_terminate: Some(tell), ..Scripted::default() }.publish(&machine, "Victim");
    let (weak, held) = (machine.downgrade(), gate.clone());
    let terminate = Arc::new(move |()| {
        weak.upgrade().unwrap().terminate(victim, TerminateOptions::default());
        held.wait();
        held.wait();
    });
    Scripted { method: Some(terminate), ..Scripted::default() }.publish(&machine, CLASS);

    let task = machine.task("client");
    let (victim_connection, connect) = (open(&task, "Victim"), open(&task, CLASS));
    thread::scope(|scope| {
        let caller = scope.spawn(|| {
            call(&task, connect);
            thread::current().id()
        });
        gate.wait();
        // Phase 1 is done, and this thread, which asks and calls meanwhile, tells no driver about it.
        assert!(machine.is_inactive(victim));
        assert!(find(&task.kernel(), CLASS).class().is_ok());
        assert_eq!(*told.lock().unwrap(), []);
        gate.wait();
        let caller = caller.join().unwrap();
        assert_eq!(*told.lock().unwrap(), [caller]);
    });
    let kernel = task.kernel();
    assert_eq!(io_object_release(&kernel, victim_connection), IoReturn::SUCCESS);
    assert_eq!(io_service_close(&kernel, connect), IoReturn::SUCCESS);
    machine.assert_clean();
}

#[test]
fn p_06a_a_method_that_waits_for_an_answer_of_its_own_task_ends_when_that_is_killed() {
    let machine = Machine::new();
    let own: Later<(Task, PortName)> = Later::default();
    let (seen, answer) = (own.clone(), Arc::new(Mutex::new(None)));
    let answered = answer.clone();
    let ask = Arc::new(move |()| {
        let (task, port) = seen.lock().unwrap().clone().unwrap();
        *answered.lock().unwrap() = Some(task.kernel().io_service_request_probe(port, 0));
    });
    Scripted { method: Some(ask), ..Scripted::default() }.publish(&machine, CLASS);
    let task = machine.task("client");
    let connect = open(&task, CLASS);
    let mut port = NULL;
    assert_eq!(task.kernel().mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    assert_eq!(task.kernel().mach_port_insert_right(port), IoReturn::SUCCESS);
    *own.lock().unwrap() = Some((task.clone(), port));
    thread::scope(|scope| {
        scope.spawn(|| call(&task, connect));
        task.wait_for_message(port);
        task.kill();
    });
    assert_eq!(*answer.lock().unwrap(), Some(IoReturn::MIG_SERVER_DIED));
    *own.lock().unwrap() = None;
    machine.assert_clean();
}

#[test]
fn a_client_that_closes_itself_while_it_is_closed_is_told_on_whatever_its_locking() {
    for default_locking in [true, false] {
        let machine = Machine::new();
        let own: Later<(Task, PortName)> = Later::default();
        let (seen, again) = (own.clone(), Arc::new(Mutex::new(true)));
        let close = Arc::new(move |()| {
            if std::mem::take(&mut *again.lock().unwrap()) {
                let (task, connect) = seen.lock().unwrap().clone().unwrap();
                io_service_close(&task.kernel(), connect);
            }
        });
        let properties =
            vec![("IOUserClientSharedInstance", true), ("IOUserClientDefaultLocking", default_locking)];
        Scripted { close: Some(close), properties, ..Scripted::default() }.publish(&machine, CLASS);
        let task = machine.task("client");
        let connect = open(&task, CLASS);
        assert_eq!(task.kernel().io_connect_add_ref(connect), IoReturn::SUCCESS);
        *own.lock().unwrap() = Some((task.clone(), connect));
        io_service_close(&task.kernel(), connect);
        *own.lock().unwrap() = None;
        assert_eq!(machine.report().misuses, [iokit_uc::sim::Misuse::SelfDeadlock]);
    }
}

#[test]
fn term_07_a_client_is_finalized_after_its_close_has_ended() {
    let machine = Machine::new();
    let (gate, journal) = (Arc::new(Barrier::new(2)), Arc::new(Mutex::new(Vec::new())));
    let held = gate.clone();
    let close = Arc::new(move |()| {
        held.wait();
        held.wait();
    });
    let service = Scripted { close: Some(close), journal: Some(journal.clone()), ..Scripted::default() }
        .publish(&machine, CLASS);
    let task = machine.task("client");
    let connect = open(&task, CLASS);
    thread::scope(|scope| {
        scope.spawn(|| io_service_close(&task.kernel(), connect));
        gate.wait();
        machine.terminate(service, TerminateOptions::default());
        gate.wait();
    });
    assert_eq!(*journal.lock().unwrap(), ["close begins", "close ends", "finalize", "stop"]);
    machine.assert_clean();
}

#[test]
fn a_client_that_terminates_its_service_as_it_starts_is_not_opened() {
    for starts in [true, false] {
        let machine = Machine::new();
        let weak = machine.downgrade();
        let start = Arc::new(move |provider| {
            weak.upgrade().unwrap().terminate(provider, TerminateOptions::default());
            starts
        });
        Scripted { start: Some(start), ..Scripted::default() }.publish(&machine, CLASS);
        let task = machine.task("client");
        let refused = find(&task.kernel(), CLASS).open(0).unwrap_err();
        assert_eq!(refused.code(), IoReturn::UNSUPPORTED);
        machine.assert_clean();
        assert_is_quiet(&machine, &task);
    }
}

/// Nothing is left that a service above could wait for.
fn assert_is_quiet(machine: &Machine, task: &Task) {
    let kernel = task.kernel();
    let root = find(&kernel, "IOPlatformExpertDevice");
    assert_eq!(machine.busy(EntryId(root.id().unwrap())), 0);
}

#[test]
fn bq_02_a_busy_client_weighs_on_the_provider_that_is_left() {
    let machine = Machine::new();
    let (first, second) = (machine.publish(Nub::new("First")), machine.publish(Nub::new("Second")));
    let client = machine.publish(Nub::new("Client").provider(first).provider(second));
    let round = machine.start_matching(client);
    assert_eq!((machine.busy(first), machine.busy(second)), (1, 0));
    machine.terminate(first, TerminateOptions::default());
    assert_eq!(machine.busy(second), 1);
    drop(round);
    assert_eq!(machine.busy(second), 0);
    assert_is_quiet(&machine, &machine.task("client"));
}

struct PanicsWhenAsked;

impl UserClient for PanicsWhenAsked {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn properties(&self) -> Vec<(&'static str, Value)> {
        panic!("asked for properties")
    }
}

struct PanickingPolicy;

impl Policy for PanickingPolicy {
    fn filter(&self, _: &Caller, _: &str, _: u32) -> Result<Option<Filter>, IoReturn> {
        panic!("asked for a filter")
    }
}

#[test]
fn an_open_that_a_panic_ends_leaves_the_service_as_it_was() {
    let machine = Machine::new();
    let asked = machine.publish(Nub::new("Asked").user_client(|_| Ok(PanicsWhenAsked)));
    let filtered = Scripted::default().publish(&machine, "Filtered");
    let task = machine.task("client");
    assert_eq!(find(&task.kernel(), "Asked").open(0).unwrap_err().code(), IoReturn::INTERNAL_ERROR);
    machine.set_policy(PanickingPolicy);
    assert_eq!(find(&task.kernel(), "Filtered").open(0).unwrap_err().code(), IoReturn::INTERNAL_ERROR);
    for service in [asked, filtered] {
        assert!(machine.terminate(service, TerminateOptions::default()));
        assert!(machine.wait_quiet(service, Duration::ZERO));
    }
    let mut report = machine.report();
    assert_eq!(std::mem::take(&mut report.misuses), [iokit_uc::sim::Misuse::Panic("init")]);
    assert!(report.is_clean(), "{report}");
}

struct AsksWhenDropped(WeakMachine);

impl Drop for AsksWhenDropped {
    fn drop(&mut self) {
        if let Some(machine) = self.0.upgrade() {
            machine.report();
        }
    }
}

impl Policy for AsksWhenDropped {}

impl Driver for AsksWhenDropped {
    fn new_user_client(&self, _: &OpenRequest<'_>, _: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_replaced_may_ask_the_machine_when_it_is_dropped() {
    let machine = Machine::new();
    for _ in 0..2 {
        machine.set_policy(AsksWhenDropped(machine.downgrade()));
        machine.define_user_client_class("Client", AsksWhenDropped(machine.downgrade()));
    }
    machine.assert_clean();
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl Driver for PanicsWhenDropped {
    fn new_user_client(&self, _: &OpenRequest<'_>, _: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn drivers_that_panic_when_they_are_dropped_harm_nobody() {
    let machine = Machine::new();
    let gone = machine.publish(Nub::new("Gone").driver(PanicsWhenDropped));
    machine.publish(Nub::new("Left").driver(PanicsWhenDropped));
    machine.publish(Nub::new("LeftToo").driver(PanicsWhenDropped));
    machine.terminate(gone, TerminateOptions::default());
    assert_eq!(machine.report().misuses, [iokit_uc::sim::Misuse::Panic("drop")]);
    drop(machine);
}

#[test]
fn a_connection_may_outlive_its_thread_s_other_locals() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<iokit_uc::Connection>> = const { std::cell::RefCell::new(None) };
    }
    let machine = Machine::new();
    Scripted::default().publish(&machine, CLASS);
    let task = machine.task("client");
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let service = find(&task.kernel(), CLASS);
            KEPT.set(Some(service.open(0).unwrap()));
            drop(service.open(0).unwrap());
        });
        // A scope waits for its threads' closures alone, a join for their locals too.
        thread.join().unwrap();
    });
    machine.assert_clean();
}

#[test]
fn a_driver_s_error_that_says_success_is_an_internal_error() {
    struct Lies;
    impl UserClient for Lies {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
            Err(IoReturn::SUCCESS.into())
        }

        fn client_close(&self) -> OnClose {
            OnClose::Terminate
        }
    }
    let machine = Machine::new();
    machine.publish(Nub::new(CLASS).user_client(|_| Ok(Lies)));
    let connection = find(&machine.task("client").kernel(), CLASS).open(0).unwrap();
    assert_eq!(connection.call(0).send().unwrap_err().code(), IoReturn::INTERNAL_ERROR);
    drop(connection);
    machine.assert_clean();
}

#[test]
fn a_driver_may_close_another_connection_as_its_service_goes_away() {
    let machine = Machine::new();
    let other: Later<(Task, PortName)> = Later::default();
    let seen = other.clone();
    let close = Arc::new(move |()| {
        let (task, connect) = seen.lock().unwrap().clone().unwrap();
        assert_eq!(io_service_close(&task.kernel(), connect), IoReturn::SUCCESS);
    });
    let going = Scripted { will_terminate: Some(close), ..Scripted::default() }.publish(&machine, "Going");
    Scripted::default().publish(&machine, CLASS);
    let task = machine.task("client");
    let connect = open(&task, "Going");
    *other.lock().unwrap() = Some((task.clone(), open(&task, CLASS)));
    machine.terminate(going, TerminateOptions::default());
    assert_eq!(io_object_release(&task.kernel(), connect), IoReturn::SUCCESS);
    *other.lock().unwrap() = None;
    machine.assert_clean();
}

#[test]
fn a_refused_user_client_that_panics_when_it_is_dropped_harms_nobody() {
    struct Refused;
    impl UserClient for Refused {
        fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
            Ok(())
        }

        fn start(&self, _: EntryId) -> bool {
            false
        }
    }
    impl Drop for Refused {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let machine = Machine::new();
    machine.publish(Nub::new(CLASS).user_client(|_| Ok(Refused)));
    let refused = find(&machine.task("client").kernel(), CLASS).open(0).unwrap_err();
    assert_eq!(refused.code(), IoReturn::UNSUPPORTED);
    assert_eq!(machine.report().misuses, [iokit_uc::sim::Misuse::Panic("drop")]);
}

#[test]
fn a_thread_that_has_waited_waits_no_more() {
    let machine = Machine::new();
    let service = machine.publish(Nub::new(CLASS));
    let task = machine.task("client");
    let mut port = NULL;
    assert_eq!(task.kernel().mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    assert_eq!(task.kernel().mach_port_insert_right(port), IoReturn::SUCCESS);
    machine.freeze_clock();
    let round = machine.start_matching(service);
    thread::scope(|scope| {
        scope.spawn(|| task.kernel().io_service_request_probe(port, 0));
        scope.spawn(|| machine.wait_quiet(service, Duration::from_secs(1)));
        assert!(machine.wait_until_blocked(2, Duration::from_secs(20)));
        drop(round);
        task.kill();
    });
    assert!(!machine.wait_until_blocked(1, Duration::ZERO));
}

// ---- futures of a user client that nobody stops ----

#[user_client]
trait Endless {
    #[uc(selector = 0)]
    async fn wait(&self) -> Result<()>;
}

struct Endlessly;

impl Endless for Endlessly {
    async fn wait(&self) -> Result<()> {
        std::future::pending().await
    }
}

/// A driver that fails to open, and leaves a user client all the same (OC-7).
struct Leaks;

impl Driver for Leaks {
    fn new_user_client(&self, _: &OpenRequest<'_>, client: &mut Option<Arc<dyn UserClient>>) -> Result<()> {
        *client = Some(Arc::new(EndlessServer::new(Endlessly)));
        Err(IoReturn::BUSY.into())
    }
}

#[test]
fn futures_go_with_a_user_client_that_was_never_attached() {
    let machine = Machine::new();
    machine.publish(Nub::new(CLASS).driver(Leaks));
    for end in [io_service_close, io_connect_release] {
        let task = machine.task("client");
        let kernel = task.kernel();
        let (code, connect) = crate::steps::try_open(&kernel, CLASS, 0);
        assert_eq!(code, IoReturn::BUSY);
        let mut port = NULL;
        assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
        crate::raw::Call::new(kernel.clone(), connect, 0).asynchronous(port, None).send().expect_success();
        // One that is being polled would go when its poll is over.
        assert!(machine.wait_until_idle(Duration::from_secs(60)));
        assert_eq!(task.send_rights(port), 1);
        assert_eq!(end(&kernel, connect), IoReturn::SUCCESS);
        assert_eq!(task.send_rights(port), 0, "the future is gone, and its reference with it");
        mach_port_mod_refs(&kernel, port, PortRight::Receive, -1);
    }
    machine.assert_clean();
}
