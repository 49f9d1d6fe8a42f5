//! As much of the registry as finding a user client needs: REG-2, 4, 5, 16, 23, 24, 26, and PR-2.

use crate::steps::{
    PLANE, UNKNOWN, children, close, drain, id, name, only_client, release, service, terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel, Matching, Service, Value};

/// The number of the root.
const ROOT: u64 = (1 << 32) + 256;

/// The numbers of the children of an entry, in order.
fn child_ids(kernel: &Kernel, entry: PortName) -> Vec<u64> {
    let id_of = |child| {
        let id = id(kernel, child);
        release(kernel, child);
        id
    };
    children(kernel, entry).into_iter().map(id_of).collect()
}

fn id_of_class(kernel: &Kernel, class: &str) -> u64 {
    Service::first(kernel, &Matching::class(class).unwrap()).unwrap().unwrap().id().unwrap()
}

#[test]
fn reg_02_numbers_are_given_in_the_order_of_attaching() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(id(&kernel, root), ROOT);
    let classes = ["IOPlatformExpertDevice", "IOResources", "First", "Second"];
    assert_eq!(classes.map(|class| id_of_class(&kernel, class)), [1, 2, 3, 4].map(|after| ROOT + after));
    release(&kernel, root);
}

#[test]
fn reg_02_a_user_client_has_a_number_too() {
    let world = World::boot("openings/Plain");
    let kernel = world.kernel();
    let ids = [(); 2].map(|()| {
        let (_, connect) = try_open(&kernel, "Plain", 0);
        let client = only_client(&kernel, "Plain");
        let id = id(&kernel, client);
        close(&kernel, connect);
        release(&kernel, client);
        id
    });
    assert_eq!(ids[1], ids[0] + 1, "never used again");
}

#[test]
fn reg_02_a_number_is_never_used_again() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let first = world.command("publish_cat", &[]);
    let matching = kernel.io_registry_entry_id_matching(first);
    let cat = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
    terminate(&world, cat);
    release(&kernel, cat);
    assert_eq!(world.command("publish_cat", &[]), first + 1);
}

#[test]
fn reg_04_the_root_of_the_plane_is_the_platform_expert() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(name(&kernel, root), "Root");
    assert_eq!(kernel.io_object_copy_class(root).as_deref(), Some(c"IORegistryEntry"));
    assert_eq!(child_ids(&kernel, root), [ROOT + 1]);
    let platform = service(&kernel, "IOPlatformExpertDevice");
    assert_eq!(child_ids(&kernel, platform)[..3], [ROOT + 2, ROOT + 3, ROOT + 4]);
    release(&kernel, platform);
    release(&kernel, root);
}

#[test]
fn reg_05_an_entry_without_a_name_has_its_classs() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    for (class, shown) in [("First", "First"), ("Second", "the second")] {
        let entry = service(&kernel, class);
        assert_eq!(name(&kernel, entry), shown);
        release(&kernel, entry);
    }
    let renamed = service(&kernel, "Renamed");
    assert_eq!(name(&kernel, renamed), "Renamed", "a property changes what the library says, not the class");
    release(&kernel, renamed);
}

#[test]
fn reg_06_a_name_has_at_most_127_bytes() {
    let world = World::boot("long_names");
    let kernel = world.kernel();
    let entry = service(&kernel, &"L".repeat(127));
    assert_eq!(name(&kernel, entry), "N".repeat(127));
    let bundle =
        kernel.io_object_copy_bundle_identifier_for_class(Some(&kernel.io_object_copy_class(entry).unwrap()));
    assert_eq!(bundle.unwrap().to_bytes().len(), 127);
    release(&kernel, entry);
}

#[test]
fn reg_16_a_child_iterator_is_over_a_copy() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let bus = service(&kernel, "Bus");
    let mut iterator = NULL;
    kernel.io_registry_entry_get_child_iterator(bus, PLANE, &mut iterator);
    let (_, connect) = try_open(&kernel, "Bus", 0);
    let device = kernel.io_iterator_next(iterator);
    terminate(&world, device);
    assert!(kernel.io_iterator_is_valid(iterator));
    kernel.io_iterator_reset(iterator);
    let names = drain(&kernel, iterator).into_iter().map(|child| {
        let name = name(&kernel, child);
        release(&kernel, child);
        name
    });
    assert_eq!(names.collect::<Vec<_>>(), ["Device", "Bridge", "Twin"]);

    // What is there now is another matter.
    assert_eq!(child_ids(&kernel, bus).len(), 3);
    close(&kernel, connect);
    release(&kernel, device);
    release(&kernel, bus);
}

#[test]
fn reg_16_an_entry_without_children_has_an_empty_iterator() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let (leaf, bus) = (service(&kernel, "Leaf"), service(&kernel, "Bus"));
    for (entry, plane) in [(leaf, PLANE), (bus, c"IOPower"), (bus, c"IODeviceTree")] {
        let mut iterator = NULL;
        assert_eq!(
            kernel.io_registry_entry_get_child_iterator(entry, plane, &mut iterator),
            IoReturn::SUCCESS
        );
        assert!(kernel.io_iterator_is_valid(iterator));
        assert_eq!(drain(&kernel, iterator), []);
    }
    release(&kernel, leaf);
    release(&kernel, bus);
}

#[test]
fn reg_23_an_iterator_at_its_end_stays_there_until_it_is_reset() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let device = service(&kernel, "Device");
    let mut iterator = NULL;
    kernel.io_registry_entry_get_child_iterator(device, PLANE, &mut iterator);
    let leaf = kernel.io_iterator_next(iterator);
    assert_eq!([kernel.io_iterator_next(iterator), kernel.io_iterator_next(iterator)], [NULL, NULL]);
    kernel.io_iterator_reset(iterator);
    assert_eq!(kernel.io_iterator_next(iterator), leaf);
    for name in [leaf, leaf, iterator, device] {
        release(&kernel, name);
    }
}

#[test]
fn reg_23_no_iterator_is_at_its_end_and_not_valid() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!(kernel.io_iterator_next(NULL), NULL);
    assert!(!kernel.io_iterator_is_valid(NULL));
    kernel.io_iterator_reset(NULL);
}

#[test]
fn reg_24_an_unknown_plane_has_no_iterator_and_no_parents() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let bus = service(&kernel, "Bus");
    for plane in [c"NoSuchPlane", c"", c"ioservice"] {
        let mut iterator = UNKNOWN;
        let code = kernel.io_registry_entry_get_child_iterator(bus, plane, &mut iterator);
        assert_eq!((code, iterator), (IoReturn::SUCCESS, NULL), "{plane:?}");
        let mut parent = UNKNOWN;
        let code = kernel.io_registry_entry_get_parent_entry(bus, plane, &mut parent);
        assert_eq!((code, parent), (IoReturn::NO_DEVICE, UNKNOWN), "{plane:?}");
    }
    release(&kernel, bus);
}

#[test]
fn reg_26_the_parent_is_the_first_one() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let (bridge, bus) = (service(&kernel, "Bridge"), service(&kernel, "Bus"));
    let mut parent = NULL;
    assert_eq!(kernel.io_registry_entry_get_parent_entry(bridge, PLANE, &mut parent), IoReturn::SUCCESS);
    assert_eq!(parent, bus);
    for name in [parent, bridge, bus] {
        release(&kernel, name);
    }
}

#[test]
fn reg_26_the_root_has_no_parent_and_other_planes_have_no_entries() {
    let world = World::boot("tree");
    let kernel = world.kernel();
    let (root, bus) = (kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT), service(&kernel, "Bus"));
    for (entry, plane) in [(root, PLANE), (bus, c"IOPower")] {
        let mut parent = UNKNOWN;
        let code = kernel.io_registry_entry_get_parent_entry(entry, plane, &mut parent);
        assert_eq!((code, parent), (IoReturn::NO_DEVICE, UNKNOWN));
        release(&kernel, entry);
    }
}

#[test]
fn pr_02_a_property_is_the_entrys_own_or_one_of_its_user_properties() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let painted = service(&kernel, "Painted");
    let property = |key| kernel.io_registry_entry_create_cf_property(painted, key);
    assert_eq!(property(c"Colour"), Some("green".into()));
    assert_eq!(property(c"Shape"), Some("round".into()));
    assert_eq!(property(c"Size"), None);
    assert_eq!(
        property(c"IORegistryEntryPropertyKeys"),
        Some(Value::array(["Colour", "IOUserServiceProperties"]))
    );
    assert_eq!(world.command("set_colour", &[id(&kernel, painted), 7]), 1);
    assert_eq!(property(c"Colour"), Some(7u32.into()));
    release(&kernel, painted);
}
