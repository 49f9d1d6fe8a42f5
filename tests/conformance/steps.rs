//! Steps that most tests about handles begin or end with.

use crate::releasing::{io_object_release, io_service_close};
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
use iokit_uc::{Connection, IoReturn, Kernel, Matching, Result, Service};
use std::ffi::{CStr, CString};

/// A name that no task has: far past what a test is given.
pub const UNKNOWN: PortName = 0x00ff_ff03;

pub const PLANE: &CStr = c"IOService";

/// A name of the first service of a class.
#[track_caller]
pub fn service(kernel: &Kernel, class: &str) -> PortName {
    let class = CString::new(class).unwrap();
    let matching = kernel.io_service_matching(Some(&class));
    let service = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
    assert_ne!(service, NULL, "{class:?} is published");
    service
}

/// Opens a service, with a connection type.
pub fn try_open(kernel: &Kernel, class: &str, connection_type: u32) -> (IoReturn, PortName) {
    let service = service(kernel, class);
    let mut connect = UNKNOWN;
    let code = kernel.io_service_open(service, kernel.mach_task_self(), connection_type, &mut connect);
    release(kernel, service);
    (code, connect)
}

/// Opens a service with a safe handle.
pub fn open_safely(kernel: &Kernel, class: &str) -> Result<Connection> {
    Service::expect_first(kernel, &Matching::class(class))?.open(0)
}

#[track_caller]
pub fn close(kernel: &Kernel, connect: PortName) {
    assert_eq!(io_service_close(kernel, connect), IoReturn::SUCCESS);
}

#[track_caller]
pub fn release(kernel: &Kernel, name: PortName) {
    assert_ne!(name, NULL);
    assert_eq!(io_object_release(kernel, name), IoReturn::SUCCESS);
}

/// The registry's number of an entry.
#[track_caller]
pub fn id(kernel: &Kernel, entry: PortName) -> u64 {
    let mut id = 0;
    assert_eq!(kernel.io_registry_entry_get_registry_entry_id(entry, &mut id), IoReturn::SUCCESS);
    id
}

/// The name of an entry.
#[track_caller]
pub fn name(kernel: &Kernel, entry: PortName) -> String {
    let mut name = CString::default();
    assert_eq!(kernel.io_registry_entry_get_name(entry, &mut name), IoReturn::SUCCESS);
    name.into_string().unwrap()
}

/// The references that a task has on a name, as a send right and as a dead name.
pub fn references(kernel: &Kernel, name: PortName) -> (u32, u32) {
    let count = |right| {
        let mut references = 0;
        kernel.mach_port_get_refs(name, right, &mut references);
        references
    };
    (count(PortRight::Send), count(PortRight::DeadName))
}

/// Whether a task has a name at all.
pub fn is_known(kernel: &Kernel, name: PortName) -> bool {
    kernel.mach_port_get_refs(name, PortRight::Send, &mut 0).is_success()
}

/// What an iterator gives, which goes.
pub fn drain(kernel: &Kernel, iterator: PortName) -> Vec<PortName> {
    let items =
        std::iter::from_fn(|| Some(kernel.io_iterator_next(iterator)).filter(|&item| item != NULL)).collect();
    release(kernel, iterator);
    items
}

/// The children of an entry in the plane IOService.
#[track_caller]
pub fn children(kernel: &Kernel, entry: PortName) -> Vec<PortName> {
    let mut iterator = NULL;
    assert_eq!(kernel.io_registry_entry_get_child_iterator(entry, PLANE, &mut iterator), IoReturn::SUCCESS);
    drain(kernel, iterator)
}

/// The registry's name of the user client behind the only connection to a service.
#[track_caller]
pub fn only_client(kernel: &Kernel, class: &str) -> PortName {
    let service = service(kernel, class);
    let clients = children(kernel, service);
    release(kernel, service);
    assert_eq!(clients.len(), 1, "{class} has one user client");
    clients[0]
}

/// Takes a service away.
pub fn terminate(world: &crate::world::World, service: PortName) {
    assert_eq!(world.command("terminate", &[id(&world.kernel(), service)]), 1);
}

/// A name that has died, with `references` on it: what is left of a service that is gone.
pub fn dead_name(world: &crate::world::World, class: &str, references: u32) -> PortName {
    let kernel = world.kernel();
    let name = service(&kernel, class);
    for _ in 1..references {
        assert_eq!(kernel.io_object_retain(name), IoReturn::SUCCESS);
    }
    terminate(world, name);
    assert_eq!(self::references(&kernel, name), (0, references));
    name
}

/// Fails unless the only misuse was of a name that the task does not have. That it was is forgiven.
#[track_caller]
pub fn expect_invalid_name(world: crate::world::World, function: &str, name: PortName) {
    let misuse = format!("task program passed {function} the name {name:#x}, which it does not have");
    assert_eq!(world.misuses(), [misuse]);
    drop(world.unchecked());
}
