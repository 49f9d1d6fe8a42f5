//! Which calls of one connection run together, and which wait for one another (EM-15).
//!
//! "Blocked" is a thread that waits inside the kernel; "inside" is one that waits inside the driver, at its gate.

use crate::raw::{Call, Opened};
use crate::releasing::{io_connect_release, io_service_close, mach_port_mod_refs};
use crate::steps;
use crate::world::World;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL, PortName, PortRight};
use iokit_uc_machines::locking::{CLOSE_WAITS, PASSES, WAITS};
use std::thread::{self, Scope};

/// Calls from another thread, which must succeed.
fn call_from_thread<'scope>(
    scope: &'scope Scope<'scope, '_>,
    world: &World,
    connect: PortName,
    selector: u32,
) {
    let kernel = world.kernel();
    scope.spawn(move || assert_eq!(Call::new(kernel, connect, selector).send().code, IoReturn::SUCCESS));
}

fn close_from_thread<'scope>(scope: &'scope Scope<'scope, '_>, world: &World, connect: PortName) {
    let kernel = world.kernel();
    scope.spawn(move || assert_eq!(io_service_close(&kernel, connect), IoReturn::SUCCESS));
}

/// Waits until `count` threads are at the driver's gate.
#[track_caller]
fn wait_until_inside(world: &World, count: u64) {
    assert_eq!(world.command("wait_until_inside", &[count]), 1, "{count} threads get inside the driver");
}

/// Waits until `count` threads wait inside the kernel.
#[track_caller]
fn wait_until_blocked(world: &World, count: u64) {
    assert_eq!(world.command("wait_until_blocked", &[count]), 1, "{count} threads wait in the kernel");
}

fn open_gate(world: &World) {
    world.command("open_gate", &[]);
}

/// A machine with a connection that the test closes itself.
fn boot(class: &str) -> (World, PortName) {
    let world = World::boot("locking");
    let connect = crate::raw::open(&world.kernel(), class);
    (world, connect)
}

#[test]
fn em_15_calls_on_one_connection_run_together() {
    // Single-thread methods are for clients of the default policy alone.
    for class in ["SharedLock", "NoLock", "SingleThreadAlone"] {
        let opened = Opened::boot("locking", class);
        thread::scope(|scope| {
            call_from_thread(scope, &opened.world, opened.connect, WAITS);
            call_from_thread(scope, &opened.world, opened.connect, WAITS);
            wait_until_inside(&opened.world, 2);
            open_gate(&opened.world);
        });
    }
}

#[test]
fn em_15_a_client_of_one_thread_runs_one_call_at_a_time() {
    let opened = Opened::boot("locking", "ExclusiveLock");
    thread::scope(|scope| {
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_inside(&opened.world, 1);
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_blocked(&opened.world, 2);
        open_gate(&opened.world);
    });
    assert_eq!(opened.ask("most_inside"), 1);
}

#[test]
fn em_15_a_connections_lock_is_its_own() {
    let first = Opened::boot("locking", "ExclusiveLock");
    let second = crate::raw::open(&first.world.kernel(), "ExclusiveLock");
    thread::scope(|scope| {
        call_from_thread(scope, &first.world, first.connect, WAITS);
        call_from_thread(scope, &first.world, second, WAITS);
        wait_until_inside(&first.world, 2);
        open_gate(&first.world);
    });
    steps::close(&first.world.kernel(), second);
}

#[test]
fn em_15_a_close_waits_for_the_calls_in_flight() {
    for class in ["SharedLock", "ExclusiveLock"] {
        let (world, connect) = boot(class);
        thread::scope(|scope| {
            call_from_thread(scope, &world, connect, WAITS);
            wait_until_inside(&world, 1);
            close_from_thread(scope, &world, connect);
            wait_until_blocked(&world, 1);
            assert_eq!(world.command("closes", &[]), 0);
            open_gate(&world);
        });
        assert_eq!((world.command("closes", &[]), world.command("inside_at_close", &[])), (1, 0));
    }
}

#[test]
fn em_15_a_close_keeps_new_calls_out_until_it_is_done() {
    let (world, connect) = boot("SharedLock");
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        close_from_thread(scope, &world, connect);
        wait_until_blocked(&world, 1);
        call_from_thread(scope, &world, connect, PASSES);
        wait_until_blocked(&world, 2);
        assert_eq!(world.command("passed", &[]), 0);
        open_gate(&world);
    });
    // It was past the port already, and nothing else stops it (EM-17).
    assert_eq!(world.command("passed_after_close", &[]), 1);
}

#[test]
fn em_15_the_last_release_waits_for_the_calls_in_flight() {
    let (world, connect) = boot("SharedLock");
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        let kernel = world.kernel();
        scope.spawn(move || assert_eq!(io_connect_release(&kernel, connect), IoReturn::SUCCESS));
        wait_until_blocked(&world, 1);
        open_gate(&world);
    });
    assert_eq!((world.command("closes", &[]), world.command("inside_at_close", &[])), (1, 0));
}

#[test]
fn em_15_a_second_close_waits_for_nothing() {
    let (world, connect) = boot("SharedLock");
    let kernel = world.kernel();
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::SUCCESS);
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        close_from_thread(scope, &world, connect);
        wait_until_blocked(&world, 1);
        steps::close(&kernel, connect);
        assert_eq!(world.command("closes", &[]), 0);
        open_gate(&world);
    });
    assert_eq!(world.command("closes", &[]), 1);
}

#[test]
fn em_15_without_default_locking_a_close_does_not_wait_for_calls() {
    let (world, connect) = boot("NoLock");
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        steps::close(&world.kernel(), connect);
        assert_eq!((world.command("closes", &[]), world.command("inside_at_close", &[])), (1, 1));
        open_gate(&world);
    });
}

#[test]
fn em_15_without_default_locking_closes_still_exclude_one_another() {
    let world = World::boot("locking");
    let kernel = world.kernel();
    let (code, connect) = steps::try_open(&kernel, "NoLockSharedInstance", CLOSE_WAITS);
    assert_eq!(code, IoReturn::SUCCESS);
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::SUCCESS);
    thread::scope(|scope| {
        close_from_thread(scope, &world, connect);
        wait_until_inside(&world, 1);
        close_from_thread(scope, &world, connect);
        wait_until_blocked(&world, 1);
        open_gate(&world);
    });
    assert_eq!((world.command("closes", &[]), world.command("most_inside", &[])), (2, 1));
}

#[test]
fn em_15_adding_a_client_waits_for_the_calls_in_flight() {
    let opened = Opened::boot("locking", "SharedLock");
    let kernel = opened.world.kernel();
    thread::scope(|scope| {
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_inside(&opened.world, 1);
        let connect = opened.connect;
        scope.spawn(move || assert_eq!(kernel.io_connect_add_client(connect, connect), IoReturn::SUCCESS));
        wait_until_blocked(&opened.world, 1);
        assert_eq!(opened.ask("clients"), 0);
        open_gate(&opened.world);
    });
    assert_eq!((opened.ask("clients"), opened.ask("inside_at_add_client")), (1, 0));
}

#[test]
fn em_15_without_default_locking_adding_a_client_waits_for_nothing() {
    let opened = Opened::boot("locking", "NoLock");
    thread::scope(|scope| {
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_inside(&opened.world, 1);
        let connect = opened.connect;
        assert_eq!(opened.world.kernel().io_connect_add_client(connect, connect), IoReturn::SUCCESS);
        assert_eq!((opened.ask("clients"), opened.ask("inside_at_add_client")), (1, 1));
        open_gate(&opened.world);
    });
}

#[test]
fn em_15_giving_the_driver_a_port_waits_for_the_calls_to_return() {
    let opened = Opened::boot("locking", "SharedLock");
    thread::scope(|scope| {
        let (kernel, connect) = (opened.world.kernel(), opened.connect);
        call_from_thread(scope, &opened.world, connect, WAITS);
        wait_until_inside(&opened.world, 1);
        scope.spawn(move || {
            let code = kernel.io_connect_set_notification_port(connect, 0, NULL, 0);
            assert_eq!(code, IoReturn::UNSUPPORTED);
        });
        wait_until_blocked(&opened.world, 1);
        open_gate(&opened.world);
    });
}

#[test]
fn em_15_asking_for_the_service_takes_no_lock() {
    let (world, connect) = boot("ExclusiveLock");
    let kernel = world.kernel();
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        close_from_thread(scope, &world, connect);
        wait_until_blocked(&world, 1);
        let mut service = NULL;
        assert_eq!(kernel.io_connect_get_service(connect, &mut service), IoReturn::SUCCESS);
        steps::release(&kernel, service);
        open_gate(&world);
    });
}

#[test]
fn em_32_a_trap_takes_no_lock() {
    let (world, connect) = boot("ExclusiveLock");
    thread::scope(|scope| {
        call_from_thread(scope, &world, connect, WAITS);
        wait_until_inside(&world, 1);
        close_from_thread(scope, &world, connect);
        wait_until_blocked(&world, 1);
        // SAFETY: the driver looks at no parameter.
        assert_eq!(unsafe { world.kernel().io_connect_trap(connect, 0, [0; 6]) }, IoReturn::SUCCESS);
        assert_eq!(world.command("traps", &[]), 1);
        open_gate(&world);
    });
}

#[test]
fn em_11_a_filter_is_asked_before_the_lock() {
    let world = World::boot("locking");
    world.command("filter", &[]);
    let opened = Opened::on(world, "ExclusiveLock");
    thread::scope(|scope| {
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_inside(&opened.world, 1);
        assert_eq!(opened.call(PASSES).send().code, IoReturn::NOT_PERMITTED);
        open_gate(&opened.world);
    });
}

#[test]
fn em_15_a_wake_port_may_go_while_its_call_waits() {
    let opened = Opened::boot("locking", "ExclusiveLock");
    let kernel = opened.world.kernel();
    let mut wake_port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut wake_port), IoReturn::SUCCESS);
    thread::scope(|scope| {
        call_from_thread(scope, &opened.world, opened.connect, WAITS);
        wait_until_inside(&opened.world, 1);
        let call = opened.call(PASSES).asynchronous(wake_port, None);
        scope.spawn(move || assert_eq!(call.send().code, IoReturn::SUCCESS));
        wait_until_blocked(&opened.world, 1);
        // The kernel's own right, which the message has made already (AS-2).
        assert_eq!(opened.world.send_rights(wake_port), 1);
        assert_eq!(mach_port_mod_refs(&kernel, wake_port, PortRight::Receive, -1), IoReturn::SUCCESS);
        open_gate(&opened.world);
    });
    assert_eq!(opened.ask("passed"), 1);
}
