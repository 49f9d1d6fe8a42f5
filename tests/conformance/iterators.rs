//! Live iterators over the registry: REG-17 … REG-23, REG-27, and what termination does to them: TERM-11, TERM-13.

use crate::listener::Listener;
use crate::steps::{UNKNOWN, drain, id, name, release, service, terminate};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel};
use std::ffi::CStr;

/// The plane of the machine `planes` that the tests walk: Root > A > B > D, B > E > G, A > C > E, C > F.
const EXAMPLE: &CStr = c"Example";

/// Its place among the planes.
const EXAMPLE_NUMBER: u64 = 3;

const FLAT: u32 = 0;
const RECURSIVELY: u32 = 1;
const PARENTS: u32 = 2;

struct Walk {
    world: World,
    kernel: Kernel,
    iterator: PortName,
}

impl Walk {
    /// From the root.
    fn all(options: u32) -> Self {
        let world = World::boot("planes");
        let kernel = world.kernel();
        let mut iterator = NULL;
        let code = kernel.io_registry_create_iterator(MAIN_PORT_DEFAULT, EXAMPLE, options, &mut iterator);
        assert_eq!(code, IoReturn::SUCCESS);
        Self { world, kernel, iterator }
    }

    /// From an entry.
    fn from(class: &str, options: u32) -> Self {
        let world = World::boot("planes");
        let kernel = world.kernel();
        let (start, mut iterator) = (service(&kernel, class), NULL);
        let code = kernel.io_registry_entry_create_iterator(start, EXAMPLE, options, &mut iterator);
        assert_eq!(code, IoReturn::SUCCESS);
        release(&kernel, start);
        Self { world, kernel, iterator }
    }

    /// The name of the next entry; none at the end.
    fn next(&self) -> Option<String> {
        let entry = self.kernel.io_iterator_next(self.iterator);
        (entry != NULL).then(|| {
            let name = name(&self.kernel, entry);
            release(&self.kernel, entry);
            name
        })
    }

    #[track_caller]
    fn expect(&self, names: &str) {
        let found: Vec<_> = names.split(' ').filter(|name| !name.is_empty()).map(|_| self.next()).collect();
        let found: Vec<_> = found.iter().map(|name| name.as_deref().unwrap_or("nothing")).collect();
        assert_eq!(found.join(" "), names);
    }

    /// What is left, up to the end.
    fn rest(&self) -> String {
        std::iter::from_fn(|| self.next()).collect::<Vec<_>>().join(" ")
    }

    fn is_valid(&self) -> bool {
        self.kernel.io_iterator_is_valid(self.iterator)
    }

    fn reset(&self) {
        self.kernel.io_iterator_reset(self.iterator);
    }

    fn enter(&self) -> IoReturn {
        self.kernel.io_registry_iterator_enter_entry(self.iterator)
    }

    fn exit(&self) -> IoReturn {
        self.kernel.io_registry_iterator_exit_entry(self.iterator)
    }

    fn change(&self, command: &str, child: &str, parent: &str) {
        let [child, parent] = [child, parent].map(|class| {
            let entry = service(&self.kernel, class);
            let id = id(&self.kernel, entry);
            release(&self.kernel, entry);
            id
        });
        assert_eq!(self.world.command(command, &[EXAMPLE_NUMBER, child, parent]), 1);
    }

    fn attach(&self, child: &str, parent: &str) {
        self.change("attach_in", child, parent);
    }

    fn detach(&self, child: &str, parent: &str) {
        self.change("detach_in", child, parent);
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            release(&self.kernel, self.iterator);
        }
    }
}

// ---- REG-17, REG-18 ----

#[test]
fn reg_17_the_start_is_not_returned_and_the_roots_child_is_the_first_level() {
    assert_eq!(Walk::all(FLAT).rest(), "A");
    assert_eq!(Walk::from("A", FLAT).rest(), "B C");
    assert_eq!(Walk::from("D", FLAT).rest(), "");
    assert_eq!(Walk::from("A", PARENTS).rest(), "Root");
    assert_eq!(Walk::all(PARENTS).rest(), "");
}

#[test]
fn reg_17_an_unknown_plane_has_no_live_iterator() {
    let world = World::boot("planes");
    let kernel = world.kernel();
    let (start, mut iterator) = (service(&kernel, "A"), UNKNOWN);
    for plane in [c"NoSuchPlane", c"", c"example"] {
        let code = kernel.io_registry_create_iterator(MAIN_PORT_DEFAULT, plane, FLAT, &mut iterator);
        assert_eq!((code, iterator), (IoReturn::BAD_ARGUMENT, UNKNOWN), "{plane:?}");
        let code = kernel.io_registry_entry_create_iterator(start, plane, FLAT, &mut iterator);
        assert_eq!((code, iterator), (IoReturn::BAD_ARGUMENT, UNKNOWN), "{plane:?}");
    }
    release(&kernel, start);
}

#[test]
fn reg_17_a_live_iterator_starts_at_an_entry_alone() {
    let world = World::boot("planes");
    let kernel = world.kernel();
    let mut iterator = NULL;
    kernel.io_registry_create_iterator(MAIN_PORT_DEFAULT, EXAMPLE, FLAT, &mut iterator);
    assert_eq!(kernel.io_object_copy_class(iterator).as_deref(), Some(c"IOUserIterator"));
    let mut other = UNKNOWN;
    let code = kernel.io_registry_entry_create_iterator(iterator, EXAMPLE, FLAT, &mut other);
    assert_eq!((code, other), (IoReturn::BAD_ARGUMENT, UNKNOWN));
    release(&kernel, iterator);
}

#[test]
fn reg_18_recursion_goes_depth_first_and_descends_into_an_entry_once() {
    assert_eq!(Walk::all(RECURSIVELY).rest(), "A B D E G C E F");
    assert_eq!(Walk::from("C", RECURSIVELY).rest(), "E G F");
    assert_eq!(Walk::from("E", PARENTS).rest(), "B C");
    assert_eq!(Walk::from("E", RECURSIVELY | PARENTS).rest(), "B A Root C A");
}

#[test]
fn reg_18_options_that_mean_nothing_are_not_looked_at() {
    assert_eq!(Walk::from("A", 4).rest(), "B C");
}

// ---- REG-19 … REG-21 ----

#[test]
fn reg_19_what_is_not_open_yet_is_seen_as_it_is_then() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B");
    walk.detach("D", "B");
    walk.attach("H", "B");
    assert_eq!(walk.rest(), "E G H C E F");
    assert!(walk.is_valid());
}

#[test]
fn reg_20_a_change_of_the_open_array_ends_the_iteration() {
    for command in ["attach_in", "detach_in"] {
        let walk = Walk::from("A", FLAT);
        walk.expect("B");
        if command == "attach_in" {
            walk.attach("H", "A");
        } else {
            walk.detach("C", "A");
        }
        assert!(!walk.is_valid());
        assert_eq!(walk.next(), None);
        assert!(!walk.is_valid());
        walk.reset();
        assert!(walk.is_valid());
        assert_eq!(walk.rest(), if command == "attach_in" { "B C H" } else { "B" });
    }
}

#[test]
fn reg_20_a_change_upwards_counts_when_upwards_is_walked() {
    let walk = Walk::from("E", PARENTS);
    walk.expect("B");
    walk.attach("H", "E");
    assert!(walk.is_valid(), "that is another array");
    walk.attach("E", "F");
    assert!(!walk.is_valid());
    assert_eq!(walk.next(), None);
}

#[test]
fn reg_20_a_first_child_and_arrays_that_are_not_open_invalidate_nothing() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B D");
    walk.attach("H", "D");
    walk.detach("F", "C");
    assert!(walk.is_valid());
    assert_eq!(walk.rest(), "H E G C E");
}

#[test]
fn reg_20_attaching_what_is_attached_invalidates_nothing() {
    let walk = Walk::from("A", FLAT);
    walk.expect("B");
    walk.attach("C", "A");
    walk.detach("H", "A");
    assert!(walk.is_valid());
    assert_eq!(walk.rest(), "C");
}

#[test]
fn reg_20_an_iterator_at_its_end_can_become_invalid() {
    let walk = Walk::from("A", FLAT);
    assert_eq!(walk.rest(), "B C");
    assert!(walk.is_valid());
    walk.detach("B", "A");
    assert!(!walk.is_valid());
    assert_eq!(walk.next(), None);
}

#[test]
fn reg_21_outer_levels_are_not_looked_at() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B D");
    walk.attach("H", "A");
    assert!(walk.is_valid());
    walk.expect("E G");
    assert!(walk.is_valid());
    assert_eq!(walk.next(), None, "C is not found any more");
    assert!(!walk.is_valid());
}

#[test]
fn reg_21_the_innermost_level_is_looked_at() {
    let walk = Walk::all(FLAT);
    walk.expect("A");
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    walk.expect("B");
    walk.attach("H", "A");
    assert!(!walk.is_valid());
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    assert!(walk.is_valid(), "nobody has come upon the change");
}

#[test]
fn reg_21_an_invalid_iterator_gives_siblings_of_outer_levels_and_descends_no_more() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B D");
    walk.attach("H", "B");
    walk.expect("C");
    assert!(!walk.is_valid());
    assert_eq!(walk.rest(), "");
    walk.reset();
    assert!(walk.is_valid());
    assert_eq!(walk.rest(), "A B D E G H C E F");
}

#[test]
fn reg_21_the_flag_stays_though_the_innermost_array_is_as_it_was() {
    let walk = Walk::from("A", FLAT);
    walk.expect("B");
    walk.attach("H", "A");
    assert_eq!(walk.next(), None);
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    assert!(!walk.is_valid(), "nothing is open, and the flag is set");
}

// ---- REG-22 ----

#[test]
fn reg_22_entering_and_leaving_walks_by_hand() {
    let walk = Walk::all(FLAT);
    walk.expect("A");
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    walk.expect("B");
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    walk.expect("D");
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    walk.expect("C");
    assert_eq!(walk.next(), None);
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    assert_eq!(walk.next(), None);
    assert_eq!(walk.exit(), IoReturn::NO_DEVICE);
}

#[test]
fn reg_22_what_is_entered_first_is_the_start() {
    let walk = Walk::from("A", FLAT);
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    assert_eq!(walk.rest(), "B C");
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    assert_eq!(walk.rest(), "B C", "the outermost level has not begun");
}

#[test]
fn reg_22_leaving_an_entry_skips_what_is_below() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B");
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    assert_eq!(walk.rest(), "C E G F");
}

#[test]
fn reg_22_leaving_an_entry_that_was_returned_before_skips_its_siblings() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B D E G C E");
    assert_eq!(walk.exit(), IoReturn::SUCCESS);
    assert_eq!(walk.rest(), "");
}

#[test]
fn reg_22_entering_what_recursion_enters_too_gives_its_children_twice() {
    let walk = Walk::all(RECURSIVELY);
    walk.expect("A B");
    assert_eq!(walk.enter(), IoReturn::SUCCESS);
    assert_eq!(walk.rest(), "D E G D E C E F");
}

#[test]
fn reg_22_after_leaving_the_outermost_level_the_last_entry_is_the_start() {
    let walk = Walk::from("A", FLAT);
    walk.expect("B");
    assert_eq!(walk.exit(), IoReturn::NO_DEVICE);
    assert_eq!(walk.rest(), "D E");
    walk.reset();
    assert_eq!(walk.rest(), "B C");
}

#[test]
fn reg_22_only_live_iterators_are_entered() {
    let world = World::boot("planes");
    let kernel = world.kernel();
    let (entry, mut copy) = (service(&kernel, "A"), NULL);
    kernel.io_registry_entry_get_child_iterator(entry, EXAMPLE, &mut copy);
    for other in [entry, copy] {
        assert_eq!(kernel.io_registry_iterator_enter_entry(other), IoReturn::BAD_ARGUMENT);
        assert_eq!(kernel.io_registry_iterator_exit_entry(other), IoReturn::BAD_ARGUMENT);
    }
    for none in [NULL, UNKNOWN] {
        assert_eq!(kernel.io_registry_iterator_enter_entry(none), IoReturn::MACH_SEND_INVALID_DEST);
        assert_eq!(kernel.io_registry_iterator_exit_entry(none), IoReturn::MACH_SEND_INVALID_DEST);
    }
    assert_eq!(drain(&kernel, copy).into_iter().map(|child| release(&kernel, child)).count(), 2);
    release(&kernel, entry);
}

// ---- REG-23 ----

#[test]
fn reg_23_a_live_iterator_at_its_end_stays_there_until_it_is_reset() {
    for options in [FLAT, RECURSIVELY] {
        let walk = Walk::from("C", options);
        let first = walk.rest();
        assert_eq!([walk.next(), walk.next()], [None, None]);
        assert!(walk.is_valid());
        walk.reset();
        assert_eq!(walk.rest(), first);
    }
}

// ---- TERM-11 ----

#[test]
fn term_11_an_iterator_keeps_its_current_entry() {
    let walk = Walk::from("A", FLAT);
    let entry = walk.kernel.io_iterator_next(walk.iterator);
    let number = id(&walk.kernel, entry);
    assert_eq!(walk.world.command("terminate", &[number]), 1);
    release(&walk.kernel, entry);
    // It is out of IOService, and in this plane as before.
    walk.expect("C");
    assert_eq!(walk.next(), None);
}

// ---- REG-27 ----

#[test]
fn reg_27_a_notification_is_always_valid_and_is_not_reset() {
    let world = World::boot("interest");
    let listener = Listener::new(world.kernel());
    let kernel = &listener.kernel;
    let bus = service(kernel, "Bus");
    let interest = listener.watch("Bus", c"IOGeneralInterest", 0);
    let query = kernel.io_service_matching(Some(c"Bus")).unwrap();
    let matching = listener.subscribe(c"IOServicePublish", &query, 0).unwrap();
    assert_eq!(kernel.io_iterator_next(matching), bus);
    for notification in [interest, matching] {
        assert!(kernel.io_iterator_is_valid(notification));
        kernel.io_iterator_reset(notification);
        assert_eq!(kernel.io_iterator_next(notification), NULL, "what is gone does not come back");
    }
    terminate(&world, bus);
    for notification in [interest, matching] {
        assert!(kernel.io_iterator_is_valid(notification));
        release(kernel, notification);
    }
    release(kernel, bus);
    release(kernel, bus);
}

// ---- TERM-13 ----

/// The machine `tree`: `Bus` > `Device` > `Leaf`, where a matching round holds `Device`.
#[test]
fn term_13_an_iterator_becomes_invalid_when_an_entry_is_detached_and_not_before() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let [bus, device] = ["Bus", "Device"].map(|class| service(&kernel, class));
    let (mut live, mut copy) = (NULL, NULL);
    kernel.io_registry_entry_create_iterator(bus, c"IOService", FLAT, &mut live);
    kernel.io_registry_entry_get_child_iterator(bus, c"IOService", &mut copy);
    assert_eq!(kernel.io_iterator_next(live), device);
    world.command("start_matching", &[id(&kernel, device)]);
    terminate(&world, device);
    assert!(kernel.io_iterator_is_valid(live), "it is inactive, and where it was");
    assert_eq!(world.command("finish_matching", &[]), 1);
    assert!(!kernel.io_iterator_is_valid(live));
    assert_eq!(kernel.io_iterator_next(live), NULL);
    assert!(kernel.io_iterator_is_valid(copy));
    let fresh = kernel.io_iterator_next(copy);
    assert_ne!(fresh, device, "a new port");
    assert_eq!(name(&kernel, fresh), "Device");
    for name in [bus, device, device, live, copy, fresh] {
        release(&kernel, name);
    }
}
