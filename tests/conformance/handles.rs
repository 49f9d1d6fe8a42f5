//! Handles and their counts: RC-1 … RC-9.

use crate::listener::Listener;
use crate::releasing::{io_object_release, mach_port_deallocate, mach_port_mod_refs};
use crate::steps::{
    PLANE, UNKNOWN, children, close, dead_name, drain, expect_invalid_name, is_known, references, release,
    service, terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, DEAD, MAIN_PORT_DEFAULT, NULL, PortName, PortRight};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use std::ffi::{CStr, CString};

/// An iterator over the services of a class.
fn matches(kernel: &Kernel, class: &CStr) -> PortName {
    let matching = kernel.io_service_matching(Some(class));
    let mut iterator = NULL;
    let code = kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut iterator);
    assert_eq!(code, IoReturn::SUCCESS);
    iterator
}

// ---- RC-1, RC-2 ----

#[test]
fn rc_01_a_release_drops_one_reference_of_a_live_name() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    service(&kernel, "First");
    assert_eq!(io_object_release(&kernel, name), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (1, 0));
    assert_eq!(io_object_release(&kernel, name), IoReturn::SUCCESS);
    assert!(!is_known(&kernel, name));
}

#[test]
fn rc_01_a_release_drops_one_reference_of_a_dead_name() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = dead_name(&world, "First", 2);
    assert_eq!(io_object_release(&kernel, name), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (0, 1));
    assert_eq!(io_object_release(&kernel, name), IoReturn::SUCCESS);
    assert!(!is_known(&kernel, name));
}

#[test]
fn rc_01_releasing_no_port_succeeds() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!(io_object_release(&kernel, NULL), IoReturn::SUCCESS);
    assert_eq!(io_object_release(&kernel, DEAD), IoReturn::SUCCESS);
}

#[test]
fn rc_01_releasing_a_name_that_is_not_there_fails_with_a_guard_exception() {
    let world = World::boot("empty");
    assert_eq!(io_object_release(&world.kernel(), UNKNOWN), IoReturn::KERN_INVALID_NAME);
    expect_invalid_name(world, "IOObjectRelease", UNKNOWN);
}

#[test]
fn rc_01_a_name_that_was_given_back_is_not_there_though_its_place_is_taken() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    release(&kernel, name);
    let other = service(&kernel, "Second");
    assert_eq!(io_object_release(&kernel, name), IoReturn::KERN_INVALID_NAME);
    assert_eq!(references(&kernel, other), (1, 0));
    release(&kernel, other);
    expect_invalid_name(world, "IOObjectRelease", name);
}

#[test]
fn rc_02_a_retain_adds_one_reference_to_a_live_and_to_a_dead_name() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    assert_eq!(kernel.io_object_retain(name), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (2, 0));
    terminate(&world, name);
    assert_eq!(references(&kernel, name), (0, 2), "the dead name keeps the count");
    assert_eq!(kernel.io_object_retain(name), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (0, 3));
    for _ in 0..3 {
        release(&kernel, name);
    }
}

#[test]
fn rc_02_retaining_no_port_succeeds() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!(kernel.io_object_retain(NULL), IoReturn::SUCCESS);
    assert_eq!(kernel.io_object_retain(DEAD), IoReturn::SUCCESS);
}

#[test]
fn rc_02_retaining_a_name_that_is_not_there_fails_with_a_guard_exception() {
    let world = World::boot("empty");
    assert_eq!(world.kernel().io_object_retain(UNKNOWN), IoReturn::KERN_INVALID_NAME);
    expect_invalid_name(world, "IOObjectRetain", UNKNOWN);
}

#[test]
fn rc_02_a_count_that_reaches_65535_is_no_longer_counted() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    let change = |right, delta| mach_port_mod_refs(&kernel, name, right, delta);
    assert_eq!(change(PortRight::Send, 65533), IoReturn::SUCCESS);
    release(&kernel, name);
    assert_eq!(references(&kernel, name), (65533, 0), "it still counts");
    for retained in [65534, 65535, 65535] {
        assert_eq!(kernel.io_object_retain(name), IoReturn::SUCCESS);
        assert_eq!(references(&kernel, name), (retained, 0));
    }
    service(&kernel, "First");
    release(&kernel, name);
    assert_eq!(change(PortRight::Send, -65534), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (65535, 0), "nor does it go down");

    terminate(&world, name);
    assert_eq!(change(PortRight::DeadName, 5), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (0, 65535));
    assert_eq!(change(PortRight::DeadName, -65536), IoReturn::KERN_INVALID_VALUE);
    assert_eq!(change(PortRight::DeadName, 65536), IoReturn::KERN_INVALID_VALUE);
    assert_eq!(change(PortRight::DeadName, -65535), IoReturn::SUCCESS, "all of them at once");
    assert!(!is_known(&kernel, name));
}

#[test]
fn rc_02_a_count_cannot_go_below_0() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    assert_eq!(mach_port_mod_refs(&kernel, name, PortRight::Send, -2), IoReturn::KERN_INVALID_VALUE);
    assert_eq!(references(&kernel, name), (1, 0));
    assert_eq!(mach_port_mod_refs(&kernel, name, PortRight::Send, 0), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, name), (1, 0));
    assert_eq!(mach_port_mod_refs(&kernel, name, PortRight::Send, -1), IoReturn::SUCCESS);
    assert!(!is_known(&kernel, name));
}

#[test]
fn rc_02_each_kind_of_right_has_a_count_of_its_own() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let live = service(&kernel, "First");
    let dead = dead_name(&world, "Second", 1);
    let mut receive = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut receive), IoReturn::SUCCESS);
    let change = |name, right, delta| mach_port_mod_refs(&kernel, name, right, delta);
    for (name, wrong) in [
        (live, PortRight::DeadName),
        (live, PortRight::Receive),
        (dead, PortRight::Send),
        (dead, PortRight::Receive),
        (receive, PortRight::Send),
        (receive, PortRight::DeadName),
    ] {
        assert_eq!(change(name, wrong, 1), IoReturn::KERN_INVALID_RIGHT, "{wrong:?}");
        let mut count = 7;
        assert_eq!(kernel.mach_port_get_refs(name, wrong, &mut count), IoReturn::SUCCESS);
        assert_eq!(count, 0, "{wrong:?}");
    }
    assert_eq!(mach_port_deallocate(&kernel, receive), IoReturn::KERN_INVALID_RIGHT);

    // A receive right is one or none.
    for (delta, code) in
        [(0, IoReturn::SUCCESS), (1, IoReturn::KERN_INVALID_VALUE), (-2, IoReturn::KERN_INVALID_VALUE)]
    {
        assert_eq!(change(receive, PortRight::Receive, delta), code);
    }
    let mut count = 0;
    kernel.mach_port_get_refs(receive, PortRight::Receive, &mut count);
    assert_eq!(count, 1);
    assert_eq!(change(receive, PortRight::Receive, -1), IoReturn::SUCCESS);
    assert!(!is_known(&kernel, receive));

    release(&kernel, live);
    release(&kernel, dead);
}

#[test]
fn rc_02_a_send_right_to_a_port_of_ones_own_shares_its_name() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let mut port = NULL;
    assert_eq!(kernel.mach_port_allocate(PortRight::Send, &mut port), IoReturn::KERN_INVALID_VALUE);
    assert_eq!(port, NULL);
    assert_eq!(kernel.mach_port_allocate(PortRight::Receive, &mut port), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, port), (0, 0));
    for sends in 1..=2 {
        assert_eq!(kernel.mach_port_insert_right(port), IoReturn::SUCCESS);
        assert_eq!(references(&kernel, port), (sends, 0));
    }
    assert_eq!(world.send_rights(port), 1);

    let first = service(&kernel, "First");
    assert_eq!(kernel.mach_port_insert_right(first), IoReturn::KERN_INVALID_RIGHT);
    assert_eq!(kernel.mach_port_insert_right(UNKNOWN), IoReturn::KERN_INVALID_NAME);
    release(&kernel, first);

    // The send right can go, and the receive right stays.
    assert_eq!(mach_port_mod_refs(&kernel, port, PortRight::Send, -2), IoReturn::SUCCESS);
    assert!(is_known(&kernel, port));
    assert_eq!(kernel.mach_port_insert_right(port), IoReturn::SUCCESS);
    assert_eq!(world.send_rights(port), 1);
    // Without the receive right the name is dead.
    assert_eq!(mach_port_mod_refs(&kernel, port, PortRight::Receive, -1), IoReturn::SUCCESS);
    assert_eq!(references(&kernel, port), (0, 1));
    release(&kernel, port);
}

// ---- RC-3 … RC-5 ----

#[test]
fn rc_03_the_user_retain_count_is_of_live_names() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    kernel.io_object_retain(name);
    assert_eq!(kernel.io_object_get_user_retain_count(name), 2);
    terminate(&world, name);
    assert_eq!(kernel.io_object_get_user_retain_count(name), 0);
    release(&kernel, name);
    release(&kernel, name);
}

#[test]
fn rc_03_no_port_has_one_reference_and_an_unknown_name_none() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!([NULL, DEAD, UNKNOWN].map(|name| kernel.io_object_get_user_retain_count(name)), [1, 1, 0]);
    let mut count = 7;
    assert_eq!(kernel.mach_port_get_refs(NULL, PortRight::Receive, &mut count), IoReturn::KERN_INVALID_NAME);
    assert_eq!(kernel.mach_port_get_refs(DEAD, PortRight::DeadName, &mut count), IoReturn::KERN_INVALID_NAME);
    assert_eq!(mach_port_mod_refs(&kernel, NULL, PortRight::DeadName, 1), IoReturn::KERN_INVALID_NAME);
    assert_eq!(mach_port_mod_refs(&kernel, NULL, PortRight::Receive, -1), IoReturn::KERN_INVALID_NAME);
    assert_eq!(count, 7);
}

#[test]
fn rc_03_the_kernel_retain_count_counts_inside_the_kernel() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let name = service(&kernel, "First");
    let before = kernel.io_object_get_kernel_retain_count(name);
    let iterators = [matches(&kernel, c"First"), matches(&kernel, c"First")];
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), before + 2);
    assert_eq!(kernel.io_object_get_retain_count(name), before + 2, "the older name of it");
    assert_eq!([NULL, UNKNOWN].map(|name| kernel.io_object_get_retain_count(name)), [0, 0]);
    for iterator in iterators {
        release(&kernel, iterator);
    }
    kernel.io_object_retain(name);
    assert_eq!(kernel.io_object_get_kernel_retain_count(name), before, "user references do not count");

    // The count includes the port's and the call's own.
    let iterator = matches(&kernel, c"First");
    assert_eq!(kernel.io_object_get_kernel_retain_count(iterator), 2);
    release(&kernel, iterator);
    release(&kernel, name);
    release(&kernel, name);
}

#[test]
fn rc_04_equal_is_by_name() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let (first, again, second) =
        (service(&kernel, "First"), service(&kernel, "First"), service(&kernel, "Second"));
    assert!(kernel.io_object_is_equal_to(first, again));
    assert!(!kernel.io_object_is_equal_to(first, second));
    assert!(kernel.io_object_is_equal_to(UNKNOWN, UNKNOWN));
    for name in [first, again, second] {
        release(&kernel, name);
    }
}

#[test]
fn rc_04_a_terminated_object_can_have_two_names() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let dead = service(&kernel, "First");
    let iterator = matches(&kernel, c"First");
    terminate(&world, dead);
    let [fresh] = drain(&kernel, iterator)[..] else { panic!("the iterator has its copy (REG-16)") };
    assert!(!kernel.io_object_is_equal_to(dead, fresh));
    assert_eq!(references(&kernel, dead), (0, 1));
    assert_eq!(kernel.io_object_copy_class(fresh).as_deref(), Some(c"First"));
    release(&kernel, dead);
    release(&kernel, fresh);
}

#[test]
fn rc_05_every_handle_is_one_more_reference() {
    let world = World::boot("closings");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Pointing", 0);
    let name = service(&kernel, "Pointing");
    let platform = service(&kernel, "IOPlatformExpertDevice");
    let mut held = 1;
    let mut expect_one_more = |got: PortName| {
        held += 1;
        assert_eq!(got, name);
        assert_eq!(references(&kernel, name), (held, 0));
    };

    expect_one_more(service(&kernel, "Pointing"));
    let iterator = matches(&kernel, c"Pointing");
    expect_one_more(kernel.io_iterator_next(iterator));
    kernel.io_iterator_reset(iterator);
    expect_one_more(kernel.io_iterator_next(iterator));
    release(&kernel, iterator);
    let mut answer = NULL;
    kernel.io_connect_get_service(connect, &mut answer);
    expect_one_more(answer);
    let [client] = children(&kernel, name)[..] else { panic!("one connection") };
    kernel.io_registry_entry_get_parent_entry(client, PLANE, &mut answer);
    expect_one_more(answer);
    for child in children(&kernel, platform) {
        if child == name {
            expect_one_more(child);
        } else {
            release(&kernel, child);
        }
    }

    for _ in 0..held {
        release(&kernel, name);
    }
    release(&kernel, platform);
    release(&kernel, client);
    close(&kernel, connect);

    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT), root);
    assert_eq!(references(&kernel, root), (2, 0));
    release(&kernel, root);
    release(&kernel, root);
}

#[test]
fn rc_05_a_handle_of_the_safe_api_owns_one_reference() {
    let world = World::boot("nubs");
    let first = Service::first(&world.kernel(), &Matching::class("First")).unwrap().unwrap();
    let clone = first.clone();
    assert_eq!(first.user_retain_count(), 2);
    assert_eq!(first, clone);
    drop(clone);
    assert_eq!(first.user_retain_count(), 1);
    let name = first.clone().into_raw();
    assert_eq!(references(&world.kernel(), name), (2, 0));
    release(&world.kernel(), name);
}

// ---- RC-7 … RC-9: classes ----

fn class_of(kernel: &Kernel, object: PortName) -> String {
    let mut class = CString::default();
    assert_eq!(kernel.io_object_get_class(object, &mut class), IoReturn::SUCCESS);
    assert_eq!(kernel.io_object_copy_class(object), Some(class.clone()));
    class.into_string().unwrap()
}

#[test]
fn rc_07_the_class_is_the_objects_or_the_one_that_a_property_gives() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    for (class, shown) in [
        ("First", "First"),
        ("Renamed", "Override"),
        // The property must be a string that fits.
        ("Numbered", "Numbered"),
        ("Overlong", "Overlong"),
    ] {
        let name = service(&kernel, class);
        assert_eq!(class_of(&kernel, name), shown);
        release(&kernel, name);
    }
}

#[test]
fn rc_07_iterators_have_a_class() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let first = service(&kernel, "First");
    let mut iterator = NULL;
    kernel.io_registry_entry_get_child_iterator(first, PLANE, &mut iterator);
    assert_eq!(class_of(&kernel, iterator), "IOUserIterator");
    assert!(kernel.io_object_conforms_to(iterator, c"OSIterator"));
    release(&kernel, iterator);
    kernel.io_registry_entry_create_iterator(first, PLANE, 0, &mut iterator);
    assert_eq!(class_of(&kernel, iterator), "IOUserIterator");
    release(&kernel, iterator);
    let listener = Listener::new(kernel.clone());
    let query = kernel.io_service_matching(Some(c"First")).unwrap();
    for (notification, class) in [
        (listener.watch("First", c"IOGeneralInterest", 0), "IOServiceMessageUserNotification"),
        (listener.subscribe(c"IOServicePublish", &query, 0).unwrap(), "IOServiceUserNotification"),
    ] {
        assert_eq!(class_of(&kernel, notification), class);
        release(&kernel, notification);
    }
    release(&kernel, first);
}

#[test]
fn rc_08_an_object_conforms_to_its_class_and_all_superclasses() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let second = service(&kernel, "Second");
    for class in [c"Second", c"Base", c"IOService", c"IORegistryEntry", c"OSObject"] {
        assert!(kernel.io_object_conforms_to(second, class), "{class:?}");
    }
    for class in [c"First", c"IOUserClient", c"NoSuchClass", c"", c"second"] {
        assert!(!kernel.io_object_conforms_to(second, class), "{class:?}");
    }
    release(&kernel, second);
}

#[test]
fn rc_08_an_object_conforms_to_the_class_that_its_property_gives_too() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let renamed = service(&kernel, "Renamed");
    for class in [c"Override", c"Renamed", c"IOService"] {
        assert!(kernel.io_object_conforms_to(renamed, class), "{class:?}");
    }
    assert!(!kernel.io_object_conforms_to(renamed, c"First"));
    release(&kernel, renamed);

    // What the library compares it does not cut.
    let overlong = service(&kernel, "Overlong");
    let other_name = |length| CString::new("O".repeat(length)).unwrap();
    assert!(kernel.io_object_conforms_to(overlong, &other_name(128)));
    assert!(!kernel.io_object_conforms_to(overlong, &other_name(127)));
    assert!(!kernel.io_object_conforms_to(overlong, &other_name(129)));
    release(&kernel, overlong);
}

#[test]
fn rc_09_superclasses_and_bundles_of_classes() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let superclass = |class: &CStr| kernel.io_object_copy_superclass_for_class(Some(class));
    let bundle = |class: &CStr| kernel.io_object_copy_bundle_identifier_for_class(Some(class));
    assert_eq!(superclass(c"Second").as_deref(), Some(c"Base"));
    assert_eq!(superclass(c"Base").as_deref(), Some(c"IOService"));
    assert_eq!(superclass(c"OSObject"), None);
    assert_eq!(superclass(c"NoSuchClass"), None);
    assert_eq!(kernel.io_object_copy_superclass_for_class(None), None);

    assert_eq!(bundle(c"Second").as_deref(), Some(c"com.example.second"));
    assert_eq!(bundle(c"First").as_deref(), Some(c"unknown"));
    assert_eq!(bundle(c"IOService").as_deref(), Some(c"__kernel__"));
    assert_eq!(bundle(c"IOUserClient2022").as_deref(), Some(c"__kernel__"));
    assert_eq!(bundle(c"NoSuchClass"), None);
    assert_eq!(kernel.io_object_copy_bundle_identifier_for_class(None), None);
    assert_eq!(kernel.io_object_copy_class(NULL), None);
}

#[test]
fn rc_09_the_kernels_own_classes_have_their_places() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    for (class, superclass) in [
        (c"OSIterator", c"OSObject"),
        (c"IOUserIterator", c"OSIterator"),
        (c"IORegistryEntry", c"OSObject"),
        (c"IOService", c"IORegistryEntry"),
        (c"IOPlatformExpertDevice", c"IOService"),
        (c"IOResources", c"IOService"),
        (c"IOUserResources", c"IOService"),
        (c"IOUserClient", c"IOService"),
        (c"IOUserClient2022", c"IOUserClient"),
    ] {
        assert_eq!(kernel.io_object_copy_superclass_for_class(Some(class)).as_deref(), Some(superclass));
        assert_eq!(
            kernel.io_object_copy_bundle_identifier_for_class(Some(class)).as_deref(),
            Some(c"__kernel__")
        );
    }
}
