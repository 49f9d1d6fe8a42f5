//! Tasks that have no room for another port name (P-2a).

use crate::instrument::{CLASS, Instrument, InstrumentClient, machine, plug_in};
use iokit_uc::backend::{Backend, Function, NULL, PortRight};
use iokit_uc::sim::{Fault, Machine};
use iokit_uc::{IoReturn, Matching, RegistryEntry, Service};

const NO_ROOM: IoReturn = IoReturn::from_code(0x1000_600c);

#[test]
fn p_02a_a_task_gets_no_more_names_than_its_limit() {
    let machine = Machine::new();
    let task = machine.task("client");
    let kernel = task.kernel();
    task.limit_port_names(2);
    let names: Vec<_> = (0..2)
        .map(|_| {
            let mut name = NULL;
            assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
            name
        })
        .collect();
    let mut name = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::KERN_NO_SPACE);
    assert_eq!(name, NULL);
    assert_eq!(kernel.io_notification_port_create(NULL), None);
    assert_eq!(kernel.io_registry_get_root_entry(NULL), NULL);
    assert_eq!(kernel.mach_port_insert_right(names[0]), IoReturn::SUCCESS, "it has the name already");
    for name in names {
        // SAFETY: the test's own references, and nothing is mapped through them.
        unsafe { kernel.mach_port_mod_refs(name, PortRight::Receive, -1) };
    }
    let leaks = machine.report().leaks;
    let [leak] = &leaks[..] else { panic!("{leaks:?}") };
    assert_eq!(leak.what, "dead name", "of the send right");
}

#[test]
fn p_02a_room_comes_back_with_a_name_that_is_given_back() {
    let machine = Machine::new();
    plug_in(&machine);
    let task = machine.task("client");
    let kernel = task.kernel();
    task.limit_port_names(1);
    let service = Service::expect_first(&kernel, &Matching::class(CLASS)).unwrap();
    assert!(RegistryEntry::root(&kernel).is_err());
    assert_eq!(
        Service::first(&kernel, &Matching::class(CLASS)).unwrap().as_ref(),
        Some(&service),
        "one name"
    );
    drop(service);
    drop(RegistryEntry::root(&kernel).unwrap());
    machine.assert_clean();
}

#[test]
fn p_02a_an_open_without_room_closes_what_it_has_opened() {
    let machine = Machine::new();
    plug_in(&machine);
    let task = machine.task("client");
    let service = Service::expect_first(&task.kernel(), &Matching::class(CLASS)).unwrap();
    task.limit_port_names(1);
    let error = service.open(0).unwrap_err();
    assert_eq!(error.code(), NO_ROOM);
    drop(service);
    machine.assert_clean();
}

#[test]
fn p_02a_names_run_out_for_one_call() {
    let (machine, _, client) = machine();
    let kernel = client.as_ref().kernel().clone();
    let fault = machine.inject(Fault::exhaust_port_names().on(Function::IORegistryGetRootEntry).nth(1));
    assert!(RegistryEntry::root(&kernel).is_err());
    assert!(RegistryEntry::root(&kernel).is_ok());
    assert_eq!(fault.hits(), 1);
    assert_eq!(client.measure(), Ok((10, 1)));
    drop(client);
    machine.assert_clean();
    drop(InstrumentClient::open_first(&kernel).unwrap());
}
