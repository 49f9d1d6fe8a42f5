//! Ports and their names: P-1 … P-8.

use crate::raw::Call;
use crate::releasing::{io_service_close, mach_port_mod_refs};
use crate::steps::{
    PLANE, UNKNOWN, children, close, dead_name, is_known, only_client, references, release, service,
    terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use iokit_uc_machines::clients::selector;
use std::ffi::CString;

// ---- P-1 … P-4: ports ----

#[test]
fn p_01_the_registry_and_a_connection_give_a_user_client_two_names() {
    let world = World::boot("openings");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let client = only_client(&kernel, "Plain");

    assert_ne!(client, connect);
    assert_eq!(kernel.io_object_copy_class(client).as_deref(), Some(c"IOUserClient"));
    assert_eq!(kernel.io_object_copy_class(connect), None);
    Call::new(kernel.clone(), client, 0).send().expect_failure(IoReturn::BAD_ARGUMENT);
    Call::new(kernel.clone(), connect, 0).send().expect_success();

    release(&kernel, client);
    close(&kernel, connect);
}

#[test]
fn p_01_every_way_to_an_object_gives_the_same_name() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let (device, leaf) = (service(&kernel, "Device"), service(&kernel, "Leaf"));
    let [child] = children(&kernel, device)[..] else { panic!("one child") };
    let mut parent = NULL;
    kernel.io_registry_entry_get_parent_entry(leaf, PLANE, &mut parent);
    assert_eq!((child, parent), (leaf, device));
    for name in [device, parent, leaf, child] {
        release(&kernel, name);
    }
}

#[test]
fn p_02_a_name_lasts_as_long_as_a_reference_and_each_vend_adds_one() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    for held in 1..=3 {
        assert_eq!(references(&kernel, name), (held, 0));
        assert_eq!(service(&kernel, "First"), name);
    }
    for _ in 0..4 {
        assert!(is_known(&kernel, name));
        release(&kernel, name);
    }
    assert!(!is_known(&kernel, name));
}

#[test]
fn p_04_an_object_is_let_go_when_its_last_name_is_released() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    let before = kernel.io_object_get_kernel_retain_count(name);

    // An iterator lives by its port alone, and retains what it iterates over.
    let matching = kernel.io_service_matching(Some(c"First"));
    let mut iterator = NULL;
    kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut iterator);
    kernel.io_object_retain(iterator);
    release(&kernel, iterator);
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), before + 1);
    release(&kernel, iterator);
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), before);

    release(&kernel, name);
}

// ---- P-5, P-6: destinations ----

/// A routine, and its code for a destination.
type Routine = (&'static str, fn(&Kernel, PortName) -> IoReturn);

/// Routines of an object: any.
const OBJECT: &[Routine] =
    &[("IOObjectGetClass", |kernel, name| kernel.io_object_get_class(name, &mut CString::default()))];

/// Routines of a registry entry.
const ENTRY: &[Routine] = &[
    ("IORegistryEntryGetName", |kernel, name| {
        kernel.io_registry_entry_get_name(name, &mut CString::default())
    }),
    ("IORegistryEntryGetRegistryEntryID", |kernel, name| {
        kernel.io_registry_entry_get_registry_entry_id(name, &mut 0)
    }),
    ("IORegistryEntryGetChildIterator", |kernel, name| {
        kernel.io_registry_entry_get_child_iterator(name, PLANE, &mut 0)
    }),
    ("IORegistryEntryGetParentEntry", |kernel, name| {
        kernel.io_registry_entry_get_parent_entry(name, PLANE, &mut 0)
    }),
];

/// Routines of a service.
const SERVICE: &[Routine] = &[
    ("IOServiceOpen", |kernel, name| kernel.io_service_open(name, kernel.mach_task_self(), 0, &mut 0)),
    ("IOServiceRequestProbe", |kernel, name| kernel.io_service_request_probe(name, 0)),
];

/// Routines of a connection, but for `IOServiceClose`.
const CONNECTION: &[Routine] = &[
    ("IOConnectGetService", |kernel, name| kernel.io_connect_get_service(name, &mut 0)),
    ("IOConnectAddClient", |kernel, name| kernel.io_connect_add_client(name, NULL)),
    ("IOConnectCallMethod", |kernel, name| Call::new(kernel.clone(), name, 0).send().code),
    ("IOConnectCallAsyncMethod", |kernel, name| {
        Call::new(kernel.clone(), name, 0).asynchronous(NULL, None).send().code
    }),
];

/// Fails unless each of the routines gives `code` for `name`.
#[track_caller]
fn expect_code(kernel: &Kernel, routines: &[&[Routine]], name: PortName, code: IoReturn) {
    for (routine, call) in routines.iter().copied().flatten() {
        assert_eq!(call(kernel, name), code, "{routine} on {name:#x}");
    }
}

/// Fails unless the calls that have no code say no to `name`.
#[track_caller]
fn expect_nothing(kernel: &Kernel, name: PortName) {
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), 0);
    assert_eq!(kernel.io_object_copy_class(name), None);
    assert!(!kernel.io_object_conforms_to(name, c"OSObject"));
    assert_eq!(kernel.io_registry_entry_create_cf_property(name, c"IOClass"), None);
    expect_no_iterator(kernel, name);
}

#[track_caller]
fn expect_no_iterator(kernel: &Kernel, name: PortName) {
    assert_eq!(kernel.io_iterator_next(name), NULL);
    assert!(!kernel.io_iterator_is_valid(name));
    kernel.io_iterator_reset(name);
}

#[test]
fn p_05_a_message_to_no_live_right_is_not_sent() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let dead = dead_name(&world, "First", 1);
    let receive = receive_right(&kernel);
    for name in [NULL, DEAD, dead, UNKNOWN, receive] {
        let code = IoReturn::MACH_SEND_INVALID_DEST;
        expect_code(&kernel, &[OBJECT, ENTRY, SERVICE, CONNECTION], name, code);
        expect_nothing(&kernel, name);
    }
    // The references are as they were, and the world finds no misuse at its end.
    assert_eq!(references(&kernel, dead), (0, 1));
    release(&kernel, dead);
    drop_receive_right(&kernel, receive);
}

#[test]
fn p_05_a_close_of_no_live_right_fails_and_drops_the_dead_name_once() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let dead = dead_name(&world, "First", 2);
    for name in [NULL, DEAD, dead] {
        assert_eq!(io_service_close(&kernel, name), IoReturn::MACH_SEND_INVALID_DEST);
    }
    assert_eq!(references(&kernel, dead), (0, 1));
    release(&kernel, dead);
}

#[test]
fn p_05_the_main_port_is_a_destination_too() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let matching = kernel.io_service_matching(Some(c"First"));
    let mut iterator = UNKNOWN;
    let code = kernel.io_service_get_matching_services(UNKNOWN, matching.as_ref(), &mut iterator);
    assert_eq!((code, iterator), (IoReturn::MACH_SEND_INVALID_DEST, UNKNOWN));
    assert_eq!(kernel.io_service_get_matching_service(UNKNOWN, matching.as_ref()), NULL);
    assert_eq!(kernel.io_registry_get_root_entry(UNKNOWN), NULL);
}

#[test]
fn p_05_the_safe_api_names_the_call_that_found_its_name_dead() {
    let world = World::boot("nubs");
    let first = Service::first(&world.kernel(), &Matching::class("First")).unwrap().unwrap();
    terminate(&world, first.as_raw());
    let error = first.open(0).unwrap_err();
    assert_eq!(error.code(), IoReturn::MACH_SEND_INVALID_DEST);
    assert!(error.to_string().starts_with("IOServiceOpen: MACH_SEND_INVALID_DEST"), "{error}");
}

#[test]
fn p_05a_an_argument_without_its_right_is_not_sent() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let plain = service(&kernel, "Plain");
    let receive = receive_right(&kernel);
    let open = |task| kernel.io_service_open(plain, task, 0, &mut 0);
    let asynchronous =
        |destination, port| Call::new(kernel.clone(), destination, 0).asynchronous(port, None).send().code;

    // A copied send right: the second connection, the task.
    for name in [UNKNOWN, receive] {
        assert_eq!(kernel.io_connect_add_client(connect, name), IoReturn::MACH_SEND_INVALID_RIGHT);
        assert_eq!(open(name), IoReturn::MACH_SEND_INVALID_RIGHT);
    }
    // A receive right: the wake port. A send right alone will not do.
    for name in [UNKNOWN, plain, connect] {
        assert_eq!(asynchronous(connect, name), IoReturn::MACH_SEND_INVALID_RIGHT);
    }
    // Nothing of I/O Kit has looked at the destination by then …
    assert_eq!(kernel.io_connect_add_client(plain, UNKNOWN), IoReturn::MACH_SEND_INVALID_RIGHT);
    assert_eq!(asynchronous(plain, UNKNOWN), IoReturn::MACH_SEND_INVALID_RIGHT);
    // … but Mach has.
    assert_eq!(kernel.io_connect_add_client(UNKNOWN, UNKNOWN), IoReturn::MACH_SEND_INVALID_DEST);
    assert_eq!(asynchronous(UNKNOWN, UNKNOWN), IoReturn::MACH_SEND_INVALID_DEST);

    drop_receive_right(&kernel, receive);
    release(&kernel, plain);
    close(&kernel, connect);
}

#[test]
fn p_05a_no_port_and_a_dead_name_arrive_as_null() {
    let world = World::boot("openings");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let plain = service(&kernel, "Plain");
    let dead = dead_name(&world, "Nothing", 1);

    for name in [NULL, DEAD, dead] {
        assert_eq!(kernel.io_connect_add_client(connect, name), IoReturn::BAD_ARGUMENT);
        assert_eq!(kernel.io_service_open(plain, name, 0, &mut 0), IoReturn::BAD_ARGUMENT);
    }
    let call = |port| Call::new(kernel.clone(), connect, 0).asynchronous(port, None).send().code;
    assert_eq!(call(NULL), IoReturn::SUCCESS);
    // No send right can be made of a dead name.
    assert_eq!(call(dead), IoReturn::MACH_SEND_INVALID_RIGHT);

    release(&kernel, dead);
    release(&kernel, plain);
    close(&kernel, connect);
}

#[test]
fn p_06_a_right_of_the_wrong_kind_is_a_bad_argument() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let plain = service(&kernel, "Plain");

    expect_code(&kernel, &[CONNECTION], plain, IoReturn::BAD_ARGUMENT);
    for name in [connect, kernel.mach_task_self()] {
        expect_code(&kernel, &[OBJECT, ENTRY, SERVICE], name, IoReturn::BAD_ARGUMENT);
        expect_nothing(&kernel, name);
    }
    expect_code(&kernel, &[CONNECTION], kernel.mach_task_self(), IoReturn::BAD_ARGUMENT);

    release(&kernel, plain);
    close(&kernel, connect);
}

#[test]
fn p_06_an_object_of_the_wrong_class_is_a_bad_argument() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let first = service(&kernel, "First");
    let mut iterator = NULL;
    kernel.io_registry_entry_get_child_iterator(first, PLANE, &mut iterator);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);

    expect_code(&kernel, &[ENTRY, SERVICE], iterator, IoReturn::BAD_ARGUMENT);
    assert_eq!(kernel.io_registry_entry_create_cf_property(iterator, c"IOClass"), None);
    expect_code(&kernel, &[SERVICE], root, IoReturn::BAD_ARGUMENT);
    expect_no_iterator(&kernel, first);

    for name in [first, iterator, root] {
        release(&kernel, name);
    }
}

#[test]
fn p_06a_a_port_that_a_task_receives_from_gets_the_request_and_the_caller_waits() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    let port = receive_right(&kernel);
    assert_eq!(kernel.mach_port_insert_right(port), IoReturn::SUCCESS);
    std::thread::scope(|scope| {
        let caller = scope.spawn(|| world.kernel().io_registry_entry_get_registry_entry_id(port, &mut 0));
        world.command("wait_for_message", &[port.into()]);
        assert_eq!(world.command("queued_messages", &[port.into()]), 1);
        assert!(!caller.is_finished());
        drop_receive_right(&kernel, port);
        assert_eq!(caller.join().unwrap(), IoReturn::MIG_SERVER_DIED);
    });
    assert_eq!(references(&kernel, port), (0, 1));
    release(&kernel, port);
}

fn receive_right(kernel: &Kernel) -> PortName {
    let mut name = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut name), IoReturn::SUCCESS);
    name
}

fn drop_receive_right(kernel: &Kernel, name: PortName) {
    assert_eq!(mach_port_mod_refs(kernel, name, PortRight::Receive, -1), IoReturn::SUCCESS);
}

// ---- P-7: replies ----

#[test]
fn p_07_a_failure_brings_its_code_and_nothing_else() {
    let world = World::boot("openings");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let plain = service(&kernel, "Plain");

    let mut text = c"untouched".to_owned();
    assert_eq!(kernel.io_object_get_class(connect, &mut text), IoReturn::BAD_ARGUMENT);
    assert_eq!(kernel.io_registry_entry_get_name(connect, &mut text), IoReturn::BAD_ARGUMENT);
    assert_eq!(text.as_c_str(), c"untouched");

    let (mut id, mut name) = (5, UNKNOWN);
    assert_eq!(kernel.io_registry_entry_get_registry_entry_id(connect, &mut id), IoReturn::BAD_ARGUMENT);
    assert_eq!(
        kernel.io_registry_entry_get_child_iterator(connect, PLANE, &mut name),
        IoReturn::BAD_ARGUMENT
    );
    assert_eq!(kernel.io_registry_entry_get_parent_entry(plain, c"IOPower", &mut name), IoReturn::NO_DEVICE);
    assert_eq!(kernel.io_connect_get_service(connect, &mut name), IoReturn::UNSUPPORTED);
    assert_eq!(kernel.io_service_get_matching_services(plain, None, &mut name), IoReturn::BAD_ARGUMENT);
    assert_eq!((id, name), (5, UNKNOWN));

    Call::new(kernel.clone(), connect, selector::NONE)
        .scalar_capacity(2)
        .structure_capacity(8)
        .send()
        .expect_failure(IoReturn::UNSUPPORTED);

    release(&kernel, plain);
    close(&kernel, connect);
}

#[test]
fn p_07a_an_open_that_the_driver_refuses_still_writes_its_connection() {
    let world = World::boot("openings");
    assert_eq!(try_open(&world.kernel(), "Busy", 0), (IoReturn::BUSY, NULL));
}

/// The rights to a wake port after a call with it, and then after the driver has let go of what it kept, with how
/// many of its references were dead.
fn rights_after(world: &World, connect: PortName, selector: u32, calls: u32) -> (u64, u64, u64) {
    let kernel = world.kernel();
    let port = receive_right(&kernel);
    for _ in 0..calls {
        Call::new(kernel.clone(), connect, selector).asynchronous(port, Some(&[0, 0])).send();
    }
    let held = world.send_rights(port);
    let drop_all = Call::new(kernel.clone(), connect, selector::DROP_REFERENCES).scalar_capacity(1);
    let dead = drop_all.send().expect_success().scalars[0];
    let after = world.send_rights(port);
    drop_receive_right(&kernel, port);
    (held, after, dead)
}

#[test]
fn p_07b_a_driver_owns_the_rights_of_a_request_only_if_its_method_succeeds() {
    let world = World::boot("openings/Plain").unchecked();
    let (_, connect) = try_open(&world.kernel(), "Plain", 0);
    assert_eq!(rights_after(&world, connect, selector::KEEP_REFERENCE, 3), (3, 0, 0));
    assert_eq!(rights_after(&world, connect, selector::KEEP_REFERENCE_AND_FAIL, 3), (0, 0, 3));
    assert_eq!(rights_after(&world, connect, selector::KEEP_REFERENCE_AND_PANIC, 3), (0, 0, 3));
    close(&world.kernel(), connect);
    assert_eq!(world.misuses(), ["a driver panicked in externalMethod"; 3]);
}

#[test]
fn p_07b_a_request_that_the_driver_never_sees_leaves_no_right() {
    let world = World::boot("openings");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let (_, filtered) = try_open(&kernel, "Filtered", 0);
    let port = receive_right(&kernel);

    let call =
        |connect, reference| Call::new(kernel.clone(), connect, 0).asynchronous(port, Some(reference)).send();
    call(connect, &[]).expect_failure(IoReturn::BAD_ARGUMENT);
    call(connect, &[0; 9]).expect_failure(IoReturn::MIG_ARRAY_TOO_LARGE);
    call(filtered, &[0]).expect_failure(IoReturn::NOT_READY);
    assert_eq!(world.send_rights(port), 0);

    drop_receive_right(&kernel, port);
    close(&kernel, connect);
    close(&kernel, filtered);
}

// ---- AS-2, AS-3: what P-7b is about ----

#[test]
fn as_02_a_wake_port_needs_no_send_right_of_the_callers_and_each_call_makes_one() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let port = receive_right(&kernel);
    for calls in 1..=2 {
        Call::new(kernel.clone(), connect, selector::KEEP_REFERENCE)
            .asynchronous(port, None)
            .send()
            .expect_success();
        assert_eq!(world.send_rights(port), calls);
        assert_eq!(references(&kernel, port), (0, 0), "the caller has gained none");
    }
    // The driver's rights go with its user client.
    close(&kernel, connect);
    assert_eq!(world.send_rights(port), 0);
    drop_receive_right(&kernel, port);
}

#[test]
fn as_02_a_driver_may_complete_to_a_port_that_is_gone() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let port = receive_right(&kernel);
    Call::new(kernel.clone(), connect, selector::KEEP_REFERENCE)
        .asynchronous(port, None)
        .send()
        .expect_success();
    drop_receive_right(&kernel, port);
    assert!(!is_known(&kernel, port));
    let dropped = Call::new(kernel.clone(), connect, selector::DROP_REFERENCES).scalar_capacity(1).send();
    assert_eq!(dropped.expect_success().scalars, [0]);
    close(&kernel, connect);
}

#[test]
fn as_03_slot_0_of_the_reference_is_the_kernels_and_the_rest_the_callers() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Plain", 0);
    let port = receive_right(&kernel);
    let words = |reference: Option<&[u64]>| {
        let call = Call::new(kernel.clone(), connect, selector::KEEP_REFERENCE).scalar_capacity(3);
        call.asynchronous(port, reference).send().expect_success().scalars
    };
    const IS_64_BIT: u64 = 1;
    for given in [&[99_u64, 5][..], &[99, 1, 2, 3, 4, 5, 6, 8]] {
        let seen = words(Some(given));
        assert_eq!(seen[0] & 3, IS_64_BIT, "a task of 64 bits, no error logged");
        assert_eq!(seen[1..], [*given.last().unwrap(), given.len() as u64]);
    }
    assert_eq!(words(None)[2], 1, "no reference is one word");
    close(&kernel, connect);
    drop_receive_right(&kernel, port);
}

// ---- P-8: text ----

#[test]
fn p_08_names_are_cut_after_127_bytes() {
    let world = World::boot("long_names");
    let kernel = world.kernel();
    let long = |length| CString::new("L".repeat(length)).unwrap();
    let entry = service(&kernel, &"L".repeat(127));
    for length in [127, 128, 300] {
        assert!(kernel.io_object_conforms_to(entry, &long(length)), "{length}");
        assert_eq!(
            kernel.io_object_copy_superclass_for_class(Some(&long(length))).as_deref(),
            Some(c"IOService")
        );
        assert!(kernel.io_object_copy_bundle_identifier_for_class(Some(&long(length))).is_some());
        let key = CString::new("K".repeat(length)).unwrap();
        assert!(kernel.io_registry_entry_create_cf_property(entry, &key).is_some());
    }
    assert!(!kernel.io_object_conforms_to(entry, &long(126)));
    assert_eq!(kernel.io_object_copy_superclass_for_class(Some(&long(126))), None);
    assert_eq!(kernel.io_object_copy_bundle_identifier_for_class(Some(&long(126))), None);
    release(&kernel, entry);
}

#[test]
fn p_08_dictionaries_are_not_names_and_stay_whole() {
    let world = World::boot("long_names");
    let kernel = world.kernel();
    let find = |length| {
        let class = CString::new("L".repeat(length)).unwrap();
        let matching = kernel.io_service_matching(Some(&class));
        kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref())
    };
    let found = find(127);
    assert_ne!(found, NULL);
    assert_eq!(find(128), NULL);
    release(&kernel, found);
}

#[test]
fn p_08_the_safe_api_refuses_what_would_be_cut() {
    let world = World::boot("long_names");
    let kernel = world.kernel();
    let entry = Service::first(&kernel, &Matching::class(&"L".repeat(127))).unwrap().unwrap();
    assert!(entry.conforms_to(&"L".repeat(127)).unwrap());
    let error = entry.conforms_to(&"L".repeat(128)).unwrap_err();
    assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().contains("128") && error.to_string().contains("127"), "{error}");
}
