//! Entries, their numbers, names and places: REG-1 … REG-6, REG-15, REG-24 … REG-26, and PR-2.

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
    Service::first(kernel, &Matching::class(class)).unwrap().unwrap().id().unwrap()
}

#[test]
fn reg_02_numbers_are_given_in_the_order_of_attaching() {
    let world = World::boot("nubs");
    let kernel = world.kernel();
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(id(&kernel, root), ROOT);
    let classes = ["IOPlatformExpertDevice", "IOResources", "IOUserResources", "First", "Second"];
    assert_eq!(classes.map(|class| id_of_class(&kernel, class)), [1, 2, 3, 4, 5].map(|after| ROOT + after));
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
    let resources = ["IOResources", "IOUserResources"].map(|class| id_of_class(&kernel, class));
    assert_eq!(child_ids(&kernel, platform)[..2], resources);
    assert_eq!(resources, [ROOT + 2, ROOT + 3]);
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

// ---- Several planes ----

/// The machine `planes`.
struct Planes {
    kernel: Kernel,
    world: World,
}

const EXAMPLE: (u64, &std::ffi::CStr) = (3, c"Example");

impl Planes {
    fn boot() -> Self {
        let world = World::boot("planes");
        Self { kernel: world.kernel(), world }
    }

    fn change(&self, command: &str, plane: u64, child: &str, parent: &str) -> bool {
        let [child, parent] = [child, parent].map(|class| id_of_class(&self.kernel, class));
        self.world.command(command, &[plane, child, parent]) == 1
    }

    fn names(&self, iterator: PortName) -> String {
        let named = drain(&self.kernel, iterator).into_iter().map(|entry| {
            let name = name(&self.kernel, entry);
            release(&self.kernel, entry);
            name
        });
        named.collect::<Vec<_>>().join(" ")
    }

    fn children(&self, class: &str, plane: &std::ffi::CStr) -> String {
        let (entry, mut iterator) = (service(&self.kernel, class), NULL);
        let code = self.kernel.io_registry_entry_get_child_iterator(entry, plane, &mut iterator);
        assert_eq!(code, IoReturn::SUCCESS);
        release(&self.kernel, entry);
        self.names(iterator)
    }

    fn parents(&self, class: &str, plane: &std::ffi::CStr) -> String {
        let (entry, mut iterator) = (service(&self.kernel, class), NULL);
        let code = self.kernel.io_registry_entry_get_parent_iterator(entry, plane, &mut iterator);
        assert_eq!(code, IoReturn::SUCCESS);
        release(&self.kernel, entry);
        self.names(iterator)
    }
}

#[test]
fn reg_01_the_root_names_the_planes() {
    let planes = Planes::boot();
    let root = planes.kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    let property = planes.kernel.io_registry_entry_create_cf_property(root, c"IORegistryPlanes");
    let names = ["IOService", "IOPower", "IODeviceTree", "Example"];
    assert_eq!(property, Some(Value::dictionary(names.map(|name| (name, name)))));
    release(&planes.kernel, root);
}

#[test]
fn reg_01_each_plane_has_places_of_its_own_in_the_order_of_attaching() {
    let planes = Planes::boot();
    let (number, plane) = EXAMPLE;
    assert_eq!(planes.children("A", plane), "B C");
    assert_eq!(planes.children("A", PLANE), "");
    assert_eq!(planes.parents("E", plane), "B C");
    assert_eq!(planes.parents("E", PLANE), "Simulated1,1");

    assert!(planes.change("attach_in", number, "H", "A"));
    assert!(planes.change("attach_in", number, "B", "A"), "again: nothing changes");
    assert_eq!(planes.children("A", plane), "B C H");
    assert!(planes.change("detach_in", number, "C", "A"));
    assert_eq!(planes.children("A", plane), "B H");
    assert!(planes.change("attach_in", number, "C", "A"));
    assert_eq!(planes.children("A", plane), "B H C");
    assert!(planes.change("detach_in", number, "E", "B"));
    assert_eq!(planes.parents("E", plane), "C", "the second one is the first now");
}

#[test]
fn reg_01_nothing_is_above_itself() {
    let planes = Planes::boot();
    let (number, plane) = EXAMPLE;
    assert!(!planes.change("attach_in", number, "A", "G"));
    assert!(!planes.change("attach_in", number, "A", "A"));
    assert!(planes.change("attach_in", 1, "A", "G"), "another plane is another matter");
    assert_eq!(planes.children("G", plane), "");
    assert_eq!(planes.children("G", c"IOPower"), "A");
}

#[test]
fn reg_03_a_plane_of_a_familys_is_one_like_the_others() {
    let planes = Planes::boot();
    assert_eq!(planes.children("A", c"Example"), "B C");
    for plane in [c"IOPower", c"IODeviceTree"] {
        assert_eq!(planes.children("A", plane), "");
    }
    let (entry, mut iterator) = (service(&planes.kernel, "A"), UNKNOWN);
    for plane in [c"IOUSB", c"Exampl", c"Examples"] {
        planes.kernel.io_registry_entry_get_child_iterator(entry, plane, &mut iterator);
        assert_eq!(iterator, NULL, "{plane:?}");
    }
    release(&planes.kernel, entry);
}

#[test]
fn reg_04_the_first_child_of_the_root_is_a_planes_root() {
    let planes = Planes::boot();
    let root = planes.kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    for (plane, class) in [(c"Example", "A"), (PLANE, "IOPlatformExpertDevice")] {
        let mut child = NULL;
        assert_eq!(
            planes.kernel.io_registry_entry_get_child_entry(root, plane, &mut child),
            IoReturn::SUCCESS
        );
        assert_eq!(id(&planes.kernel, child), id_of_class(&planes.kernel, class));
        release(&planes.kernel, child);
    }
    release(&planes.kernel, root);
}

#[test]
fn reg_05_a_name_and_a_location_are_the_planes_own_or_the_global_ones() {
    let planes = Planes::boot();
    let kernel = &planes.kernel;
    let label = |class, plane| {
        let entry = service(kernel, class);
        let (mut name, mut location) = (std::ffi::CString::default(), std::ffi::CString::from(c"untouched"));
        assert_eq!(kernel.io_registry_entry_get_name_in_plane(entry, plane, &mut name), IoReturn::SUCCESS);
        let code = kernel.io_registry_entry_get_location_in_plane(entry, plane, &mut location);
        assert_eq!(code.is_success(), location.as_c_str() != c"untouched");
        assert!(code.is_success() || code == IoReturn::NOT_FOUND);
        release(kernel, entry);
        let text = |text: std::ffi::CString| text.into_string().unwrap();
        (text(name), code.is_success().then(|| text(location)))
    };
    let labelled = |name: &str, location: &str| (name.to_owned(), Some(location.to_owned()));
    assert_eq!(label("Labelled", c"Example"), labelled("example", "2"));
    assert_eq!(label("Labelled", c"IODeviceTree"), labelled("tree", "1F"));
    // Without a label of its own, without a plane, and in one that there is not (REG-24).
    for plane in [c"IOService", c"IOPower", c"", c"NoSuchPlane"] {
        assert_eq!(label("Labelled", plane), labelled("global", "1F"), "{plane:?}");
    }
    assert_eq!(label("A", c"Example"), ("A".into(), None));
    assert_eq!(label("ByProperty", c"Example"), ("by property".into(), None));
    assert_eq!(label("Both", c""), ("given".into(), None));
}

#[test]
fn reg_16_a_parent_iterator_is_over_a_copy() {
    let planes = Planes::boot();
    let (entry, mut iterator) = (service(&planes.kernel, "E"), NULL);
    planes.kernel.io_registry_entry_get_parent_iterator(entry, EXAMPLE.1, &mut iterator);
    assert!(planes.change("detach_in", EXAMPLE.0, "E", "B"));
    assert!(planes.kernel.io_iterator_is_valid(iterator));
    assert_eq!(planes.names(iterator), "B C");
    assert_eq!(planes.parents("E", EXAMPLE.1), "C");
    assert_eq!(planes.parents("H", EXAMPLE.1), "", "none in a plane that there is");
    release(&planes.kernel, entry);
}

#[test]
fn reg_24_an_unknown_plane_has_no_first_child_and_no_parents_either() {
    let planes = Planes::boot();
    let entry = service(&planes.kernel, "B");
    for plane in [c"NoSuchPlane", c"", c"example"] {
        let mut name = UNKNOWN;
        let code = planes.kernel.io_registry_entry_get_parent_iterator(entry, plane, &mut name);
        assert_eq!((code, name), (IoReturn::SUCCESS, NULL), "{plane:?}");
        let mut name = UNKNOWN;
        let code = planes.kernel.io_registry_entry_get_child_entry(entry, plane, &mut name);
        assert_eq!((code, name), (IoReturn::NO_DEVICE, UNKNOWN), "{plane:?}");
        assert!(planes.kernel.io_registry_entry_in_plane(entry, plane), "it is in some plane");
    }
    let root = planes.kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert!(!planes.kernel.io_registry_entry_in_plane(root, c"NoSuchPlane"), "it is in none");
    release(&planes.kernel, root);
    release(&planes.kernel, entry);
}

#[test]
fn reg_25_what_has_a_parent_in_a_plane_is_in_it() {
    let planes = Planes::boot();
    let in_plane = |class, plane| {
        let entry = service(&planes.kernel, class);
        let is_in = planes.kernel.io_registry_entry_in_plane(entry, plane);
        release(&planes.kernel, entry);
        is_in
    };
    assert!(in_plane("A", PLANE) && in_plane("A", EXAMPLE.1), "the root of a plane is in it");
    assert!(in_plane("H", PLANE) && !in_plane("H", EXAMPLE.1));
    assert!(!in_plane("A", c"IOPower"));
    let root = planes.kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert!(!planes.kernel.io_registry_entry_in_plane(root, PLANE));
    release(&planes.kernel, root);
    assert!(!planes.kernel.io_registry_entry_in_plane(NULL, PLANE));
    assert!(planes.change("detach_in", EXAMPLE.0, "D", "B"));
    assert!(!in_plane("D", EXAMPLE.1));
}

#[test]
fn reg_26_the_child_is_the_first_one() {
    let planes = Planes::boot();
    let (entry, mut child) = (service(&planes.kernel, "B"), UNKNOWN);
    let first = || id_of_class(&planes.kernel, "D");
    assert_eq!(
        planes.kernel.io_registry_entry_get_child_entry(entry, EXAMPLE.1, &mut child),
        IoReturn::SUCCESS
    );
    assert_eq!(id(&planes.kernel, child), first());
    release(&planes.kernel, child);
    child = UNKNOWN;
    let code = planes.kernel.io_registry_entry_get_child_entry(entry, PLANE, &mut child);
    assert_eq!((code, child), (IoReturn::NO_DEVICE, UNKNOWN));
    release(&planes.kernel, entry);
}
