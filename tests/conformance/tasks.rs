//! What two tasks of one machine have to do with each other: names, ports and user clients that they share, and what
//! the exit of one leaves to the other.

use crate::listener::Listener;
use crate::raw::{Call, Opened, open};
use crate::steps::{
    UNKNOWN, children, close, dead_name, id, is_known, references, release, service, terminate,
};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortRight};
use iokit_uc::interface::MessageType;
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use iokit_uc_machines::completions::selector::COMPLETE_LATER;
use iokit_uc_machines::locking::WAITS;
use iokit_uc_machines::traps::SUCCEEDS;
use std::thread;

/// Takes a service away, so that no user client of it stays.
fn unplug(world: &World, kernel: &Kernel, class: &str) {
    let service = service(kernel, class);
    assert_eq!(world.command("terminate", &[id(kernel, service)]), 1);
    release(kernel, service);
}

// ---- what they share ----

#[test]
fn p_02_tasks_have_name_tables_of_their_own() {
    let world = World::boot("nubs");
    let (kernel, other) = (world.kernel(), world.machine().task("other").kernel());
    let name = service(&kernel, "First");
    service(&kernel, "First");
    let second = service(&other, "Second");
    let others = service(&other, "First");

    assert_eq!(references(&kernel, name), (2, 0));
    assert_eq!(references(&other, others), (1, 0));
    release(&other, others);
    assert!(!is_known(&other, others));
    assert_eq!(references(&kernel, name), (2, 0));

    release(&other, second);
    release(&kernel, name);
    release(&kernel, name);
}

#[test]
fn p_03_a_port_retains_its_object_once_however_many_names_and_references_there_are() {
    let world = World::boot("nubs");
    let (kernel, other) = (world.kernel(), world.machine().task("other").kernel());
    let name = service(&kernel, "First");
    let retains = kernel.io_object_get_kernel_retain_count(name);
    service(&kernel, "First");
    let others = service(&other, "First");
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), retains);
    assert_eq!(other.io_object_get_kernel_retain_count(others), retains);

    release(&other, others);
    release(&kernel, name);
    release(&kernel, name);
}

#[test]
fn p_04_a_port_lasts_while_any_task_has_a_right_to_it() {
    let world = World::boot("nubs");
    let (kernel, other) = (world.kernel(), world.machine().task("other").kernel());
    let name = service(&kernel, "First");
    let others = service(&other, "First");
    service(&kernel, "First");
    assert_eq!(world.task().send_rights(name), 2, "one right a task, however many references");

    release(&other, others);
    assert_eq!(world.task().send_rights(name), 1);
    assert_eq!(kernel.io_object_copy_class(name).as_deref(), Some(c"First"));

    // The port is gone with the last right; the next one is the same object's.
    let entry = id(&kernel, name);
    release(&kernel, name);
    release(&kernel, name);
    let again = service(&kernel, "First");
    assert_eq!(id(&kernel, again), entry);
    assert_eq!(references(&kernel, again), (1, 0));
    release(&kernel, again);
}

#[test]
fn p_04a_a_connection_cannot_be_sent_to_another_task_nor_anything_to_another_machine() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let other = world.machine().task("other");
    let connect = open(&kernel, "Plain");
    let plain = service(&kernel, "Plain");

    let refused = world.task().send_right_to(connect, &other).unwrap_err();
    assert_eq!(refused.code(), IoReturn::MACH_SEND_INVALID_RIGHT);
    assert_eq!(
        world.task().send_right_to(UNKNOWN, &other).unwrap_err().code(),
        IoReturn::MACH_SEND_INVALID_RIGHT
    );

    let elsewhere = World::boot("empty");
    let refused = world.task().send_right_to(plain, elsewhere.task()).unwrap_err();
    assert_eq!(refused.code(), IoReturn::MACH_SEND_INVALID_RIGHT);

    let sent = world.task().send_right_to(plain, &other).unwrap();
    assert_eq!(id(&other.kernel(), sent), id(&kernel, plain));
    release(&other.kernel(), sent);

    release(&kernel, plain);
    close(&kernel, connect);
}

#[test]
fn oc_17_a_connection_of_another_task_cannot_be_added() {
    let (world, elsewhere) = (World::boot("closings"), World::boot("closings"));
    let other = world.machine().task("other").kernel();
    let services = [world.kernel(), other, elsewhere.kernel()]
        .map(|kernel| Service::expect_first(&kernel, &Matching::class("Joining")).unwrap());
    assert!(services[0] == services[0].clone());
    assert!(
        services[0] != services[1] && services[0] != services[2],
        "handles of different tasks are never one"
    );

    let [own, others, strangers] = services.map(|service| service.open(0).unwrap());
    for foreign in [&others, &strangers] {
        assert_eq!(own.add_client(foreign).unwrap_err().code(), IoReturn::BAD_ARGUMENT);
    }
}

#[test]
fn oc_01_a_task_opens_for_itself_alone() {
    let world = World::boot("openings");
    let kernel = world.kernel();
    let other = world.machine().task("other");
    let others = other.send_right_to(other.kernel().mach_task_self(), world.task()).unwrap();
    let plain = service(&kernel, "Plain");
    let dead = dead_name(&world, "Nothing", 1);

    for task in [others, plain, dead, NULL] {
        let mut opened = UNKNOWN;
        let code = kernel.io_service_open(plain, task, 0, &mut opened);
        assert_eq!((code, opened), (IoReturn::BAD_ARGUMENT, UNKNOWN), "nothing was written");
    }
    assert_eq!(world.journal(), [""; 0]);

    for name in [others, plain, dead] {
        release(&kernel, name);
    }
}

#[test]
fn oc_10_a_user_client_that_is_handed_out_twice_is_closed_once_unless_it_is_shared() {
    let world = World::boot("closings");
    let (kernel, other) = (world.kernel(), world.machine().task("other").kernel());
    let connect = open(&kernel, "Reused");
    let others = open(&other, "Reused");
    assert_eq!(open(&kernel, "Reused"), connect, "one user client, one port");
    assert_eq!(references(&kernel, connect), (2, 0));
    close(&kernel, connect);
    close(&kernel, connect);
    close(&other, others);
    assert_eq!(world.journal().iter().filter(|line| *line == "clientClose Reused").count(), 1);
    unplug(&world, &kernel, "Reused");
}

#[test]
fn em_31_another_tasks_connection_is_a_bad_argument() {
    let opened = Opened::boot("traps", "Traps");
    let other = opened.world.machine().task("other").kernel();
    // SAFETY: the driver takes no parameter for an address.
    let code = unsafe { other.io_connect_trap(opened.connect, SUCCEEDS, [0; 6]) };
    assert_eq!(code, IoReturn::BAD_ARGUMENT);
}

#[test]
fn term_05_every_name_of_a_service_dies_in_every_task() {
    let world = World::boot("tree");
    let (kernel, other) = (world.kernel(), world.machine().task("other").kernel());
    let (ours, theirs) = (service(&kernel, "Leaf"), service(&other, "Leaf"));
    service(&other, "Leaf");
    terminate(&world, ours);
    assert_eq!(references(&kernel, ours), (0, 1));
    assert_eq!(references(&other, theirs), (0, 2), "with the count that they had");
    release(&kernel, ours);
    release(&other, theirs);
    release(&other, theirs);
}

#[test]
fn nt_13_each_task_hears_of_a_service_by_its_own_name_for_it() {
    let world = World::boot("interest");
    // The names of the two tables are not alike.
    let root = world.kernel().io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    let listeners = [world.kernel(), world.machine().task("other").kernel()].map(Listener::new);
    let names = listeners.each_ref().map(|listener| service(&listener.kernel, "Leaf"));
    assert_ne!(names[0], names[1]);
    let notifications = listeners.each_ref().map(|listener| listener.watch("Leaf", c"IOGeneralInterest", 0));
    let leaf = id(&world.kernel(), names[0]);
    world.command("message_clients", &[leaf, MessageType::SERVICE_IS_SUSPENDED.0.into(), 0]);
    for ((listener, name), notification) in listeners.iter().zip(names).zip(notifications) {
        let message = listener.receive().unwrap();
        assert_eq!((message.service(), message.remote_port()), (name, notification));
        listener.discard(&message);
        release(&listener.kernel, name);
        release(&listener.kernel, notification);
    }
    release(&world.kernel(), root);
}

#[test]
fn rc_06_a_notification_lasts_while_any_task_has_a_right_to_it() {
    let world = World::boot("interest");
    let (listener, other) = (Listener::new(world.kernel()), world.machine().task("other"));
    let notification = listener.watch("Leaf", c"IOGeneralInterest", 0);
    let theirs = world.task().send_right_to(notification, &other).unwrap();
    release(&listener.kernel, notification);
    assert_eq!(world.send_rights(listener.port()), 1);
    release(&other.kernel(), theirs);
    assert_eq!(world.send_rights(listener.port()), 0);
}

// ---- exit: RC-10 ----

#[test]
fn rc_10_the_notifications_of_a_task_that_exits_are_removed() {
    let world = World::boot("interest");
    let task = world.machine().task("victim");
    let kernel = world.kernel();
    let listener = Listener::new(task.kernel());
    listener.watch("Leaf", c"IOGeneralInterest", 0);
    let leaf = service(&kernel, "Leaf");
    let retains = kernel.io_object_get_kernel_retain_count(leaf);
    let tell = || {
        let leaf = id(&kernel, leaf);
        world.command("message_clients", &[leaf, MessageType::SERVICE_IS_RESUMED.0.into(), 0])
    };
    // One message waits, with rights to the notification and the service in it.
    assert_eq!(tell(), 1);
    assert_eq!(world.send_rights(leaf), 2);
    task.kill();
    assert_eq!((world.send_rights(leaf), kernel.io_object_get_kernel_retain_count(leaf)), (1, retains));
    assert_eq!(tell(), 1);
    assert_eq!(world.send_rights(leaf), 1, "nothing is sent any more");
    release(&kernel, leaf);
}

#[test]
fn as_04_a_completion_for_a_task_that_has_exited_is_success() {
    let world = World::boot("completions");
    let task = world.machine().task("victim");
    let (kernel, mut port) = (task.kernel(), NULL);
    let connect = open(&kernel, "Completer");
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    Call::new(kernel, connect, COMPLETE_LATER).asynchronous(port, None).send().expect_success();
    task.kill();
    for command in ["complete", "complete_if_there_is_room"] {
        assert_eq!(world.command(command, &[0, 1, 2]), 0);
    }
    assert_eq!(world.command("let_go", &[]), 1);
}

#[test]
fn oc_11_a_task_that_exits_closes() {
    let world = World::boot("closings");
    let kernel = world.kernel();
    let connect = open(&kernel, "Staying");
    assert_eq!(kernel.io_connect_add_ref(connect), IoReturn::SUCCESS);
    world.task().kill();
    assert_eq!(world.journal()[3..], ["clientClose Staying"]);
    unplug(&world, &world.machine().task("another").kernel(), "Staying");
}

#[test]
fn rc_10_a_task_that_exits_gives_back_all_it_has() {
    let world = World::boot("closings");
    let task = world.machine().task("victim");
    let (victim, kernel) = (task.kernel(), world.kernel());
    let first = service(&kernel, "Staying");
    let retains = kernel.io_object_get_kernel_retain_count(first);
    let connect = open(&victim, "Staying");
    open(&victim, "Terminating");
    let mut port = NULL;
    victim.mach_port_allocate(PortRight::Receive, &mut port);
    let at_port = task.send_right_to(victim.mach_task_self(), world.task()).unwrap();
    let matching = victim.io_service_matching(Some(c"Staying"));
    victim.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut 0);
    service(&victim, "Staying");
    assert!(kernel.io_object_get_kernel_retain_count(first) > retains);

    task.kill();

    let closes: Vec<_> = world.journal().into_iter().filter(|line| line.starts_with("clientClose")).collect();
    assert_eq!(closes, ["clientClose Staying", "clientClose Terminating"]);
    assert!(!is_known(&victim, connect));
    release(&kernel, at_port);
    // The user client that stays is all that keeps its service now.
    let [staying] = children(&kernel, first)[..] else { panic!("one user client stays") };
    release(&kernel, staying);
    assert_eq!(kernel.io_object_get_kernel_retain_count(first), retains + 1);
    terminate(&world, first);
    release(&kernel, first);
}

#[test]
fn rc_10_rights_to_a_port_of_a_task_that_exits_die() {
    let world = World::boot("empty");
    let task = world.machine().task("victim");
    let (victim, kernel) = (task.kernel(), world.kernel());
    let mut port = NULL;
    victim.mach_port_allocate(PortRight::Receive, &mut port);
    victim.mach_port_insert_right(port);
    let name = task.send_right_to(port, world.task()).unwrap();
    assert_eq!(references(&kernel, name), (1, 0));
    task.kill();
    assert_eq!(references(&kernel, name), (0, 1));
    release(&kernel, name);
}

#[test]
fn rc_10_the_port_of_a_task_dies_with_it() {
    let world = World::boot("empty");
    let (victim, kernel) = (world.machine().task("victim"), world.kernel());
    let name = victim.send_right_to(victim.kernel().mach_task_self(), world.task()).unwrap();
    victim.kill();
    assert_eq!(kernel.io_service_request_probe(name, 0), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(references(&kernel, name), (0, 1));
    release(&kernel, name);
}

#[test]
fn a_task_is_killed_while_its_driver_blocks_and_closed_when_it_returns() {
    let world = World::boot("locking");
    let task = world.machine().task("killed");
    let connect = open(&task.kernel(), "SharedLock");
    thread::scope(|scope| {
        let kernel = task.kernel();
        scope.spawn(move || Call::new(kernel, connect, WAITS).send());
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        task.kill();
        assert_eq!(world.command("closes", &[]), 0);
        world.command("open_gate", &[]);
    });
    assert_eq!((world.command("closes", &[]), world.command("inside_at_close", &[])), (1, 0));
}
