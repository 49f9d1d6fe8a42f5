//! Calls that fail, take long, hang, or bring less; and which ones.

use crate::instrument::{CLASS, Instrument, InstrumentClient, LOST, machine, plug_in, selector};
use iokit_uc::backend::{Backend, Function, NULL, StructureOutput};
use iokit_uc::sim::{Fault, Machine, When};
use iokit_uc::{Connection, IoReturn, Kernel, Matching, RegistryEntry, Service};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

#[test]
fn the_nth_call_of_a_selector_fails_and_no_other() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::fail(IoReturn::BUSY).selector(selector::MEASURE).nth(2));
    assert_eq!(client.measure(), Ok((10, 1)));
    assert_eq!(client.latest().map(|reading| reading.number), Ok(1));
    assert_eq!(client.measure().unwrap_err().code(), IoReturn::BUSY);
    assert_eq!(client.measure(), Ok((20, 2)), "the driver has not seen the call that failed");
    assert_eq!(fault.hits(), 1);
    drop(client);
    machine.assert_clean();
}

#[test]
fn a_fault_comes_until_it_is_lifted() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::fail(IoReturn::NO_POWER).selector(selector::MEASURE));
    let other = machine.inject(Fault::fail(IoReturn::BUSY).selector(selector::LATEST));
    for _ in 0..3 {
        assert_eq!(client.measure().unwrap_err().code(), IoReturn::NO_POWER);
    }
    fault.lift();
    assert_eq!(client.measure(), Ok((10, 1)));
    assert_eq!(client.latest().unwrap_err().code(), IoReturn::BUSY);
    machine.clear_faults();
    assert_eq!(client.latest().map(|reading| reading.number), Ok(1));
    assert_eq!((fault.hits(), other.hits()), (3, 1));
}

#[test]
fn the_first_of_several_faults_says_the_code_and_each_counts() {
    let (machine, _, client) = machine();
    let faults = [IoReturn::BUSY, IoReturn::NO_POWER]
        .map(|code| machine.inject(Fault::fail(code).on(Function::IOConnectCallMethod).times(1)));
    assert_eq!(client.measure().unwrap_err().code(), IoReturn::BUSY);
    assert_eq!(faults.map(|fault| fault.hits()), [1, 1]);
    assert_eq!(client.measure(), Ok((10, 1)));
}

#[test]
fn chances_are_the_seeds() {
    let fails = |seed| {
        let (machine, _, client) = machine();
        machine.inject(Fault::fail(IoReturn::BUSY).selector(selector::LATEST).with_probability(0.5, seed));
        (0..64).map(|_| client.latest().is_err()).collect::<Vec<_>>()
    };
    let first = fails(1);
    assert_eq!(first, fails(1));
    assert_ne!(first, fails(2));
    assert!((16..48).contains(&first.iter().filter(|fails| **fails).count()));
}

#[test]
fn one_tasks_calls_fail_and_anothers_do_not() {
    let machine = Machine::new();
    plug_in(&machine);
    let tasks = ["first", "second"].map(|name| machine.task(name));
    machine.inject(Fault::fail(IoReturn::NOT_READY).task(&tasks[0]));
    let [first, second] = tasks.each_ref().map(|task| RegistryEntry::root(&task.kernel()));
    assert!(first.is_err());
    assert!(second.is_ok());
}

#[test]
fn calls_of_a_class_fail_by_any_of_its_superclasses() {
    for (class, fails) in [(CLASS, true), ("IOService", true), ("IOUserClient", true), ("IOMedia", false)] {
        let (machine, _, client) = machine();
        machine.define_class("IOMedia", "IOService");
        machine.inject(Fault::fail(IoReturn::NOT_READY).on(Function::IOConnectCallMethod).class(class));
        assert_eq!(client.measure().is_err(), fails, "{class}");
    }
}

#[test]
fn what_returns_no_code_returns_what_stands_for_a_failure() {
    let machine = Machine::new();
    plug_in(&machine);
    let kernel = machine.task("client").kernel();
    machine.inject(Fault::fail(IoReturn::NO_MEMORY));
    assert_eq!(kernel.io_service_matching(Some(c"Any")), None);
    assert_eq!(kernel.io_registry_get_root_entry(NULL), NULL);
    assert!(!kernel.io_iterator_is_valid(NULL));
    assert_eq!(kernel.io_object_get_kernel_retain_count(NULL), 0);
    let mut busy = 7;
    assert_eq!(kernel.io_service_get_busy_state(NULL, &mut busy), IoReturn::NO_MEMORY);
    assert_eq!(busy, 0);
    let mut data = vec![1, 2, 3];
    let output = Some(StructureOutput::Variable(&mut data));
    assert_eq!(kernel.io_connect_call_struct_method(NULL, 0, &[], output), IoReturn::NO_MEMORY);
    assert_eq!(data, []);
    let mut size = 9;
    assert_eq!(kernel.io_registry_entry_get_property(NULL, c"Any", &mut [], &mut size), IoReturn::NO_MEMORY);
    assert_eq!(size, 9, "a failure leaves it alone");
    assert_ne!(kernel.mach_task_self(), NULL, "it cannot fail");
}

#[test]
fn a_close_that_fails_closes_all_the_same() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::fail(IoReturn::IPC_ERROR).on(Function::IOServiceClose));
    assert_eq!(Connection::from(client).close().unwrap_err().code(), IoReturn::IPC_ERROR);
    assert_eq!(fault.hits(), 1);
    machine.assert_clean();
}

#[test]
fn a_call_that_is_delayed_takes_the_machines_time() {
    let (machine, _, client) = machine();
    machine.freeze_clock();
    machine.inject(Fault::delay(Duration::from_secs(3)).selector(selector::MEASURE));
    thread::scope(|scope| {
        let call = scope.spawn(|| client.measure());
        assert!(machine.wait_until_blocked(1, LOST));
        machine.advance(Duration::from_secs(2));
        assert!(machine.wait_until_blocked(1, LOST));
        assert!(!call.is_finished());
        machine.advance(Duration::from_secs(1));
        assert_eq!(call.join().unwrap(), Ok((10, 1)));
    });
}

#[test]
fn a_call_that_hangs_goes_on_when_the_fault_is_lifted() {
    let (machine, _, client) = machine();
    let fault = machine.inject(Fault::hang().selector(selector::MEASURE));
    thread::scope(|scope| {
        let call = scope.spawn(|| client.measure());
        assert!(fault.wait_for_hits(1, LOST) && machine.wait_until_blocked(1, LOST));
        assert!(!call.is_finished());
        assert_eq!(client.latest().map(|reading| reading.number), Ok(0), "others go on");
        fault.lift();
        assert_eq!(call.join().unwrap(), Ok((10, 1)));
    });
    assert!(!fault.wait_for_hits(2, Duration::ZERO));
}

#[test]
fn a_close_waits_for_the_call_that_hangs() {
    let (machine, _, client) = machine();
    let connection = Connection::from(client);
    let fault = machine.inject(Fault::hang().selector(selector::MEASURE));
    let kernel = connection.kernel().clone();
    let name = connection.into_raw();
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            let (mut scalars, mut count) = ([0; 2], 0);
            let output = iokit_uc::backend::ScalarOutput { buffer: &mut scalars, count: &mut count };
            kernel.io_connect_call_scalar_method(name, selector::MEASURE, &[], Some(output))
        });
        assert!(machine.wait_until_blocked(1, LOST));
        // SAFETY: the test's own reference, and nothing is mapped through it.
        let close = scope.spawn(|| unsafe { kernel.io_service_close(name) });
        assert!(machine.wait_until_blocked(2, LOST));
        fault.lift();
        assert_eq!(call.join().unwrap(), IoReturn::SUCCESS);
        assert_eq!(close.join().unwrap(), IoReturn::SUCCESS);
    });
    machine.assert_clean();
}

#[test]
fn a_call_that_hangs_ends_with_its_task() {
    let machine = Machine::new();
    plug_in(&machine);
    let task = machine.task("client");
    let kernel = task.kernel();
    machine.inject(Fault::hang().on(Function::IOServiceGetMatchingService));
    thread::scope(|scope| {
        let call = scope.spawn(|| Service::first(&kernel, &Matching::class(CLASS)));
        assert!(machine.wait_until_blocked(1, LOST));
        task.kill();
        assert!(!matches!(call.join().unwrap(), Ok(Some(_))));
    });
    machine.assert_clean();
}

#[test]
fn scalars_and_structures_that_are_cut_short_are_errors() {
    let (machine, _, client) = machine();
    for (fault, selector) in [
        (Fault::truncate_scalars(1), selector::MEASURE),
        (Fault::truncate_structure(7), selector::LATEST),
        (Fault::truncate_structure(9), selector::HISTORY),
    ] {
        let fault = machine.inject(fault.selector(selector));
        let failed = match selector {
            selector::MEASURE => client.measure().map(drop),
            selector::LATEST => client.latest().map(drop),
            _ => client.history(2).map(drop),
        };
        assert!(failed.is_err(), "{}", fault.fault());
        assert_eq!(fault.hits(), 1);
        machine.clear_faults();
    }
    machine.inject(Fault::truncate_structure(8).selector(selector::HISTORY));
    assert_eq!(client.history(2).map(|readings| readings.len()), Ok(1), "as if there were but one");
}

#[test]
fn a_fault_is_written_as_what_makes_it() {
    let machine = Machine::new();
    let expressions = [
        (
            Fault::fail(IoReturn::BUSY).on(Function::IOConnectCallMethod).selector(3).nth(2),
            "Fault::fail(IoReturn::from_code(0xe00002d5) /* kIOReturnBusy */)\
             .on(Function::IOConnectCallMethod).selector(3).nth(2)",
        ),
        (
            Fault::delay(Duration::from_millis(1500)).class("A\"b").times(4).with_probability(0.5, 9),
            "Fault::delay(Duration::from_millis(1500)).class(\"A\\\"b\").times(4).with_probability(0.5, 9)",
        ),
        (
            Fault::terminate(When::During).task(&machine.task("client")).memory_type(1),
            "Fault::terminate(When::During).memory_type(1).task(/* client */)",
        ),
    ];
    for (fault, expression) in expressions {
        assert_eq!(fault.to_string(), expression);
    }
}

#[test]
fn what_a_driver_asks_in_the_middle_of_a_call_is_a_call_of_its_own() {
    let machine = Machine::new();
    plug_in(&machine);
    let inner: Kernel = machine.task("inner").kernel();
    // Not the driver's own: a connection keeps the machine, which keeps the driver.
    let opened = Arc::new(InstrumentClient::open_first(&inner).unwrap());
    let relays = Arc::downgrade(&opened);
    machine.publish(
        iokit_uc::sim::Nub::new("com_example_Relay")
            .on_request_probe(move |_| relays.upgrade().unwrap().measure().map(drop)),
    );
    let fault = machine.inject(Fault::truncate_scalars(0));
    let relay =
        Service::expect_first(&machine.task("client").kernel(), &Matching::class("com_example_Relay"))
            .unwrap();
    relay.request_probe(0).unwrap_err();
    assert_eq!(fault.hits(), 1);
}
