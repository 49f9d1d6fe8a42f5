//! Connections until they are closed, and what else is done with one: OC-9 … OC-17.

use crate::raw::Call;
use crate::releasing::{
    io_connect_release, io_object_release, io_service_close, mach_port_deallocate, mach_port_mod_refs,
};
use crate::steps::{
    UNKNOWN, children, close, expect_invalid_name, is_known, only_client, open_safely, references, release,
    service, terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, NULL, PortName};
use iokit_uc::{ErrorKind, IoReturn, Kernel};
use iokit_uc_machines::clients::selector;

// ---- OC-9 … OC-15: closing ----

/// The machine `closings` with a connection to one of its services.
struct Closing {
    world: World,
    kernel: Kernel,
    class: &'static str,
    connect: PortName,
}

impl Closing {
    fn open(class: &'static str) -> Self {
        let world = World::boot("closings");
        let kernel = world.kernel();
        let connect = Self::open_another(&kernel, class);
        Self { world, kernel, class, connect }
    }

    fn open_another(kernel: &Kernel, class: &str) -> PortName {
        let (code, connect) = try_open(kernel, class, 0);
        assert_eq!(code, IoReturn::SUCCESS, "{class}");
        connect
    }

    /// The code of a call.
    fn call(&self) -> IoReturn {
        Call::new(self.kernel.clone(), self.connect, selector::CONNECTION_TYPE).send().code
    }

    fn retain(&self) {
        assert_eq!(self.kernel.io_connect_add_ref(self.connect), IoReturn::SUCCESS);
    }

    /// What the driver has noted since the user client started.
    fn notes(&self) -> Vec<String> {
        let all = self.world.journal();
        all.iter().filter_map(|line| Some(line.strip_suffix(self.class)?.trim().to_owned())).skip(3).collect()
    }

    /// Takes the service away, so that no user client of it stays.
    fn unplug(&self) {
        let service = service(&self.kernel, self.class);
        terminate(&self.world, service);
        release(&self.kernel, service);
    }
}

#[test]
fn oc_09_a_close_drops_one_reference_whatever_the_code() {
    let it = Closing::open("Staying");
    it.retain();
    it.retain();
    close(&it.kernel, it.connect);
    assert_eq!(references(&it.kernel, it.connect), (2, 0));
    it.unplug();
    assert_eq!(references(&it.kernel, it.connect), (0, 2));
    assert_eq!(io_service_close(&it.kernel, it.connect), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(references(&it.kernel, it.connect), (0, 1));
    release(&it.kernel, it.connect);
}

#[test]
fn oc_10_a_close_succeeds_whatever_client_close_does() {
    let it = Closing::open("Panicking");
    close(&it.kernel, it.connect);
    it.unplug();
    assert_eq!(it.world.misuses(), ["a driver panicked in clientClose"]);
    drop(it.world.unchecked());
}

#[test]
fn oc_10_only_the_first_close_runs_client_close() {
    let it = Closing::open("Staying");
    it.retain();
    it.retain();
    for _ in 0..3 {
        close(&it.kernel, it.connect);
    }
    assert_eq!(it.notes(), ["clientClose"]);
    it.unplug();
}

#[test]
fn oc_10_a_shared_instance_is_closed_every_time() {
    for class in ["Shared", "SharedByFalse"] {
        let it = Closing::open(class);
        it.retain();
        close(&it.kernel, it.connect);
        assert_eq!(it.notes(), ["clientClose"], "{class}");
        close(&it.kernel, it.connect);
        // The close, and the last right that went with it (OC-11).
        assert_eq!(it.notes(), ["clientClose"; 3], "{class}");
        it.unplug();
    }
}

#[test]
fn oc_11_releasing_the_last_reference_closes() {
    let it = Closing::open("Staying");
    it.retain();
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::SUCCESS);
    assert_eq!(it.notes(), [""; 0]);
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::SUCCESS);
    assert_eq!(it.notes(), ["clientClose"]);
    it.unplug();
}

#[test]
fn oc_11_any_way_to_drop_the_last_reference_closes() {
    for drop_last in [
        |kernel: &Kernel, connect| io_object_release(kernel, connect),
        |kernel: &Kernel, connect| mach_port_deallocate(kernel, connect),
        |kernel: &Kernel, connect| {
            mach_port_mod_refs(kernel, connect, iokit_uc::backend::PortRight::Send, -1)
        },
    ] {
        let it = Closing::open("Staying");
        assert_eq!(drop_last(&it.kernel, it.connect), IoReturn::SUCCESS);
        assert_eq!(it.notes(), ["clientClose"]);
        it.unplug();
    }
}

#[test]
fn oc_11_an_override_of_client_died_runs_even_after_a_close() {
    let it = Closing::open("Mourning");
    close(&it.kernel, it.connect);
    assert_eq!(it.notes()[..2], ["clientClose", "clientDied(closed)"]);
    drop(it);

    let it = Closing::open("Mourning");
    release(&it.kernel, it.connect);
    assert_eq!(it.notes()[0], "clientDied");
}

#[test]
fn oc_11_no_port_no_client_died() {
    // It terminates itself when closed: the port goes before the last right does.
    let it = Closing::open("Terminating");
    it.retain();
    close(&it.kernel, it.connect);
    release(&it.kernel, it.connect);
    assert_eq!(it.notes(), ["clientClose", "finalize", "stop"]);
}

#[test]
fn oc_12_references_can_be_added_and_dropped() {
    let it = Closing::open("Terminating");
    it.retain();
    assert_eq!(references(&it.kernel, it.connect), (2, 0));
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::SUCCESS);
    assert_eq!(references(&it.kernel, it.connect), (1, 0));
    assert_eq!(it.call(), IoReturn::SUCCESS);
    close(&it.kernel, it.connect);
}

#[test]
fn oc_12_a_dead_name_has_no_send_references_to_change() {
    let it = Closing::open("Terminating");
    it.unplug();
    assert_eq!(it.kernel.io_connect_add_ref(it.connect), IoReturn::KERN_INVALID_RIGHT);
    assert_eq!(io_connect_release(&it.kernel, it.connect), IoReturn::KERN_INVALID_RIGHT);
    assert_eq!(references(&it.kernel, it.connect), (0, 1));
    release(&it.kernel, it.connect);
}

#[test]
fn oc_12_no_port_takes_and_gives_references_without_complaint() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!(kernel.io_connect_add_ref(NULL), IoReturn::SUCCESS);
    assert_eq!(io_connect_release(&kernel, NULL), IoReturn::SUCCESS);
}

#[test]
fn oc_13_a_user_client_that_stays_after_its_close_goes_on_answering() {
    let it = Closing::open("Staying");
    it.retain();
    close(&it.kernel, it.connect);
    assert_eq!(it.call(), IoReturn::SUCCESS);
    release(&it.kernel, it.connect);
    it.unplug();
}

#[test]
fn oc_14_a_user_client_that_terminates_at_its_close_leaves_dead_names() {
    let it = Closing::open("Terminating");
    it.retain();
    close(&it.kernel, it.connect);
    assert_eq!(references(&it.kernel, it.connect), (0, 1));
    assert_eq!(it.call(), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(io_service_close(&it.kernel, it.connect), IoReturn::MACH_SEND_INVALID_DEST);
    assert!(!is_known(&it.kernel, it.connect));
    let provider = service(&it.kernel, it.class);
    assert_eq!(children(&it.kernel, provider), [], "it is out of the registry");
    release(&it.kernel, provider);
}

#[test]
fn oc_14_closing_twice_fails_and_touches_a_name_that_is_gone() {
    let it = Closing::open("Terminating");
    close(&it.kernel, it.connect);
    assert_eq!(io_service_close(&it.kernel, it.connect), IoReturn::MACH_SEND_INVALID_DEST);
    expect_invalid_name(it.world, "IOServiceClose", it.connect);
}

#[test]
fn oc_15_closing_a_service_fails_and_takes_its_reference_all_the_same() {
    let world = World::boot("closings");
    let kernel = world.kernel();
    let name = service(&kernel, "Staying");
    assert_eq!(io_service_close(&kernel, name), IoReturn::BAD_ARGUMENT);
    assert!(!is_known(&kernel, name));
    assert_eq!(io_object_release(&kernel, name), IoReturn::KERN_INVALID_NAME);
    expect_invalid_name(world, "IOObjectRelease", name);
}

// ---- OC-16, OC-17: what a connection can tell ----

#[test]
fn oc_16_a_driver_may_tell_the_service_behind_a_connection() {
    let it = Closing::open("Pointing");
    let provider = service(&it.kernel, "Pointing");
    let mut answer = NULL;
    assert_eq!(it.kernel.io_connect_get_service(it.connect, &mut answer), IoReturn::SUCCESS);
    assert_eq!(answer, provider);
    assert_eq!(references(&it.kernel, provider), (2, 0));
    release(&it.kernel, answer);
    release(&it.kernel, provider);
    close(&it.kernel, it.connect);

    let connection = open_safely(&it.kernel, "Pointing").unwrap();
    assert_eq!(connection.service().unwrap().class().unwrap(), "Pointing");
}

#[test]
fn oc_16_by_default_it_does_not() {
    for class in ["Terminating", "PointingNowhere"] {
        let it = Closing::open(class);
        let mut answer = UNKNOWN;
        assert_eq!(it.kernel.io_connect_get_service(it.connect, &mut answer), IoReturn::UNSUPPORTED);
        assert_eq!(answer, UNKNOWN);
        close(&it.kernel, it.connect);
    }
}

#[test]
fn oc_17_one_connection_can_be_made_known_to_another() {
    let it = Closing::open("Joining");
    let other = Closing::open_another(&it.kernel, "Terminating");
    assert_eq!(it.kernel.io_connect_add_client(it.connect, other), IoReturn::SUCCESS);
    assert_eq!(it.kernel.io_connect_add_client(it.connect, it.connect), IoReturn::SUCCESS);
    assert_eq!(it.notes(), ["connectClient(Terminating)", "connectClient(Joining)"]);
    assert_eq!(references(&it.kernel, other), (1, 0), "the request's right is the kernel's");
    close(&it.kernel, other);
    close(&it.kernel, it.connect);
}

#[test]
fn oc_17_by_default_a_driver_takes_no_second_connection() {
    let it = Closing::open("Terminating");
    assert_eq!(it.kernel.io_connect_add_client(it.connect, it.connect), IoReturn::UNSUPPORTED);
    let (one, other) =
        (open_safely(&it.kernel, "Terminating").unwrap(), open_safely(&it.kernel, "Joining").unwrap());
    assert_eq!(one.add_client(&other).unwrap_err().kind(), ErrorKind::Unsupported);
    other.add_client(&one).unwrap();
    close(&it.kernel, it.connect);
}

#[test]
fn oc_17_both_must_be_connections() {
    let it = Closing::open("Joining");
    let provider = service(&it.kernel, "Joining");
    let client = only_client(&it.kernel, "Joining");
    for name in [provider, client, it.kernel.mach_task_self(), NULL] {
        assert_eq!(it.kernel.io_connect_add_client(it.connect, name), IoReturn::BAD_ARGUMENT);
    }
    assert_eq!(it.kernel.io_connect_add_client(provider, it.connect), IoReturn::BAD_ARGUMENT);
    assert_eq!(it.notes(), [""; 0]);
    release(&it.kernel, client);
    release(&it.kernel, provider);
    close(&it.kernel, it.connect);
}
