//! Services and tasks that end in the middle of things.

use crate::instrument::{CLASS, Instrument, InstrumentClient, machine, plug_in, selector};
use iokit_uc::backend::Function;
use iokit_uc::sim::{Fault, Machine, When};
use iokit_uc::{ErrorKind, IoReturn, Matching, Service};

#[test]
fn a_service_goes_away_before_during_or_after_a_call() {
    for (when, succeeds) in [(When::Before, false), (When::During, true), (When::After, true)] {
        let (machine, id, client) = machine();
        let fault = machine.inject(Fault::terminate(when).selector(selector::MEASURE));
        let measured = client.measure();
        assert_eq!(measured.is_ok(), succeeds, "{when:?}");
        assert!(machine.is_inactive(id));
        assert_eq!(client.latest().unwrap_err().kind(), ErrorKind::Terminated);
        assert_eq!(fault.hits(), 1);
        drop(client);
        machine.assert_clean();
    }
}

#[test]
fn a_service_that_goes_away_while_it_is_opened_is_not_opened() {
    for when in [When::Before, When::During, When::After] {
        let machine = Machine::new();
        let id = plug_in(&machine);
        let service =
            Service::expect_first(&machine.task("client").kernel(), &Matching::class(CLASS)).unwrap();
        machine.inject(Fault::terminate(when).on(Function::IOServiceOpen));
        match (when, service.open(0)) {
            (When::Before, Err(error)) => assert_eq!(error.code(), IoReturn::MACH_SEND_INVALID_DEST),
            (When::During, Err(_)) => {}
            (When::After, Ok(connection)) => assert!(connection.call(0).send().is_err()),
            (when, opened) => panic!("{when:?}: {opened:?}"),
        }
        assert!(machine.is_inactive(id));
        drop(service);
        machine.assert_clean();
    }
}

#[test]
fn what_concerns_no_service_terminates_none() {
    let machine = Machine::new();
    let id = plug_in(&machine);
    let fault = machine.inject(Fault::terminate(When::Before));
    let kernel = machine.task("client").kernel();
    let root = iokit_uc::RegistryEntry::root(&kernel).unwrap();
    root.name().unwrap();
    assert!(!machine.is_inactive(id));
    assert_eq!(fault.hits(), 0);
}

#[test]
fn a_task_is_killed_before_during_or_after_a_call() {
    for (when, succeeds) in [(When::Before, false), (When::During, true), (When::After, true)] {
        let machine = Machine::new();
        plug_in(&machine);
        let (task, other) = (machine.task("client"), machine.task("other"));
        let client = InstrumentClient::open_first(&task.kernel()).unwrap();
        machine.inject(Fault::kill_task(when).task(&task).selector(selector::MEASURE));
        assert_eq!(client.measure().is_ok(), succeeds, "{when:?}");
        assert_eq!(client.latest().unwrap_err().code(), IoReturn::MACH_SEND_INVALID_DEST);
        assert!(InstrumentClient::open_first(&other.kernel()).unwrap().measure().is_ok());
        drop(client);
        machine.assert_clean();
    }
}
