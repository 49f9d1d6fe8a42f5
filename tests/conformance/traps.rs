//! Traps, which go past the message system (EM-31, EM-32). That they take no lock is among the tests of locking.

use crate::raw::{Opened, open};
use crate::releasing::{mach_port_deallocate, mach_port_mod_refs};
use crate::steps;
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, NULL, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use iokit_uc_machines::traps::{IS_BUSY, NONE, PANICS, SUCCEEDS};

fn trap(kernel: &Kernel, connect: PortName, index: u32, parameters: [usize; 6]) -> IoReturn {
    // SAFETY: none of these drivers takes a parameter for an address.
    unsafe { kernel.io_connect_trap(connect, index, parameters) }
}

#[test]
fn em_31_the_parameters_reach_the_driver_as_they_are() {
    let opened = Opened::boot("traps", "Traps");
    let parameters = [1, usize::MAX, 3, 0, 5, usize::MAX / 2];
    assert_eq!(trap(&opened.world.kernel(), opened.connect, SUCCEEDS, parameters), IoReturn::SUCCESS);
    let seen = [0, 1, 2, 3, 4, 5].map(|index| opened.world.command("parameter", &[index]) as usize);
    assert_eq!(seen, parameters);
}

#[test]
fn em_31_what_is_no_connection_is_a_bad_argument() {
    let world = World::boot("traps");
    let kernel = world.kernel();
    let service = steps::service(&kernel, "Traps");
    let mut receive_right = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut receive_right), IoReturn::SUCCESS);
    for name in [NULL, DEAD, steps::UNKNOWN, service, kernel.mach_task_self(), receive_right] {
        assert_eq!(trap(&kernel, name, SUCCEEDS, [0; 6]), IoReturn::BAD_ARGUMENT);
    }
    // A send right to a port of the task's own neither takes the call nor makes it wait (P-6a is for messages).
    assert_eq!(kernel.mach_port_insert_right(receive_right), IoReturn::SUCCESS);
    assert_eq!(trap(&kernel, receive_right, SUCCEEDS, [0; 6]), IoReturn::BAD_ARGUMENT);
    assert_eq!(mach_port_deallocate(&kernel, receive_right), IoReturn::SUCCESS);
    assert_eq!(mach_port_mod_refs(&kernel, receive_right, PortRight::Receive, -1), IoReturn::SUCCESS);
    steps::release(&kernel, service);
    assert_eq!(world.command("traps", &[]), 0);
}

#[test]
fn em_31_a_connection_that_has_died_is_a_bad_argument() {
    let world = World::boot("traps");
    let kernel = world.kernel();
    let connect = open(&kernel, "Traps");
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::SUCCESS);
    steps::close(&kernel, connect);
    assert_eq!(steps::references(&kernel, connect), (0, 1));
    assert_eq!(trap(&kernel, connect, SUCCEEDS, [0; 6]), IoReturn::BAD_ARGUMENT);
    assert_eq!(mach_port_deallocate(&kernel, connect), IoReturn::SUCCESS);
    assert_eq!(trap(&kernel, connect, SUCCEEDS, [0; 6]), IoReturn::BAD_ARGUMENT);
}

#[test]
fn em_32_a_trap_that_there_is_not_succeeds() {
    let opened = Opened::boot("traps", "Traps");
    assert_eq!(trap(&opened.world.kernel(), opened.connect, NONE, [0; 6]), IoReturn::SUCCESS);
    assert_eq!(trap(&opened.world.kernel(), opened.connect, u32::MAX, [0; 6]), IoReturn::SUCCESS);
    assert_eq!(opened.ask("traps"), 0);
    let without = open(&opened.world.kernel(), "NoTraps");
    assert_eq!(trap(&opened.world.kernel(), without, 0, [0; 6]), IoReturn::SUCCESS);
    steps::close(&opened.world.kernel(), without);
}

#[test]
fn em_32_what_the_trap_returns_is_the_result() {
    let opened = Opened::boot("traps", "Traps");
    assert_eq!(trap(&opened.world.kernel(), opened.connect, IS_BUSY, [0; 6]), IoReturn::BUSY);
}

#[test]
fn em_32_a_filter_is_asked_before_the_lookup() {
    let world = World::boot("traps");
    world.command("refuse_none", &[]);
    let opened = Opened::on(world, "Traps");
    assert_eq!(trap(&opened.world.kernel(), opened.connect, NONE, [0; 6]), IoReturn::NOT_PERMITTED);
    assert_eq!(trap(&opened.world.kernel(), opened.connect, SUCCEEDS, [0; 6]), IoReturn::SUCCESS);
}

#[test]
fn a_trap_that_panics_is_an_internal_error() {
    let opened = Opened::on(World::boot("traps").unchecked(), "Traps");
    assert_eq!(trap(&opened.world.kernel(), opened.connect, PANICS, [0; 6]), IoReturn::INTERNAL_ERROR);
    assert_eq!(trap(&opened.world.kernel(), opened.connect, SUCCEEDS, [0; 6]), IoReturn::SUCCESS);
    assert_eq!(opened.world.misuses(), ["a driver panicked in externalTrap"]);
}

#[test]
fn em_31_the_safe_api_fills_up_with_zeroes_and_refuses_a_seventh() -> iokit_uc::Result<()> {
    let world = World::boot("traps");
    let connection = Service::expect_first(&world.kernel(), &Matching::class("Traps"))?.open(0)?;
    // SAFETY: the driver takes no parameter for an address.
    unsafe {
        connection.trap(SUCCEEDS, &[7; 6])?;
        connection.trap(SUCCEEDS, &[8, 9])?;
    }
    let seen = [0, 1, 2, 3, 4, 5].map(|index| world.command("parameter", &[index]));
    assert_eq!(seen, [8, 9, 0, 0, 0, 0]);

    // SAFETY: as above.
    let (busy, seventh) = unsafe { (connection.trap(IS_BUSY, &[]), connection.trap(SUCCEEDS, &[0; 7])) };
    assert_eq!(busy.unwrap_err().code(), IoReturn::BUSY);
    let seventh = seventh.unwrap_err();
    assert_eq!(seventh.code(), IoReturn::BAD_ARGUMENT);
    assert!(seventh.to_string().contains("IOConnectTrap6"), "{seventh}");
    assert_eq!(world.command("traps", &[]), 3);
    Ok(())
}
