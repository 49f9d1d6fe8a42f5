//! Paths, both ways: REG-7 … REG-14.

use crate::steps::{UNKNOWN, id, name, release, service};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel, Matching, Service};
use std::ffi::{CStr, CString};

const SERVICE: &CStr = c"IOService";
const TREE: &CStr = c"IODeviceTree";

struct Paths {
    kernel: Kernel,
    world: World,
}

impl Paths {
    fn boot() -> Self {
        Self::on(World::boot("paths"))
    }

    fn on(world: World) -> Self {
        Self { kernel: world.kernel(), world }
    }

    /// The path of the first service of a class, by both calls.
    fn of(&self, class: &str, plane: &CStr) -> Result<String, IoReturn> {
        let entry = service(&self.kernel, class);
        let path = self.of_entry(entry, plane);
        release(&self.kernel, entry);
        path
    }

    fn of_entry(&self, entry: PortName, plane: &CStr) -> Result<String, IoReturn> {
        let untouched = CString::from(c"untouched");
        let mut path = untouched.clone();
        let code = self.kernel.io_registry_entry_get_path(entry, plane, &mut path);
        let copied = self.kernel.io_registry_entry_copy_path(entry, plane);
        if !code.is_success() {
            assert_eq!((path, copied), (untouched, None));
            return Err(code);
        }
        let path = path.into_string().unwrap();
        assert_eq!(copied.as_ref(), Some(&path));
        Ok(path)
    }

    /// The class of the entry at a path, by both calls.
    fn at(&self, path: &str) -> Option<String> {
        let c_path = CString::new(path).unwrap();
        let entry = self.kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, &c_path);
        let copied = self.kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, path);
        assert_eq!(entry, copied, "{path}");
        let class = self.class_of(entry);
        self.class_of(copied);
        class
    }

    fn class_of(&self, entry: PortName) -> Option<String> {
        (entry != NULL).then(|| {
            let class = self.kernel.io_object_copy_class(entry).unwrap();
            release(&self.kernel, entry);
            class.into_string().unwrap()
        })
    }

    fn copied(&self, path: &str) -> Option<String> {
        self.class_of(self.kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, path))
    }

    fn id(&self, class: &str) -> u64 {
        let entry = service(&self.kernel, class);
        let id = id(&self.kernel, entry);
        release(&self.kernel, entry);
        id
    }

    /// An entry of the device tree, which is no service: by its path.
    fn tree_entry(&self, path: &CStr) -> PortName {
        let entry = self.kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, path);
        assert_ne!(entry, NULL, "{path:?}");
        entry
    }
}

// ---- REG-7, REG-8 ----

#[test]
fn reg_07_a_path_is_names_and_locations_below_the_planes_root() {
    let paths = Paths::boot();
    for (class, path) in [
        ("IOPlatformExpertDevice", "IOService:/"),
        ("IOResources", "IOService:/IOResources"),
        ("First", "IOService:/pci"),
        ("Second", "IOService:/pci@1F,2"),
        ("Disk", "IOService:/pci@1F,2/disk@0A,0"),
        ("Colon", "IOService:/pci@1F,2/name:colon"),
    ] {
        assert_eq!(paths.of(class, SERVICE).as_deref(), Ok(path));
    }
}

#[test]
fn reg_07_a_path_follows_first_parents_by_the_names_of_the_plane() {
    let world = World::boot("planes");
    let kernel = world.kernel();
    let path_of = |class, plane| {
        let (entry, mut path) = (service(&kernel, class), CString::default());
        let code = kernel.io_registry_entry_get_path(entry, plane, &mut path);
        release(&kernel, entry);
        code.result().map(|()| path.into_string().unwrap())
    };
    assert_eq!(path_of("G", c"Example").unwrap(), "Example:/B/E/G");
    let [labelled, e] = ["Labelled", "E"].map(|class| {
        let entry = service(&kernel, class);
        let id = id(&kernel, entry);
        release(&kernel, entry);
        id
    });
    assert_eq!(world.command("attach_in", &[3, labelled, e]), 1);
    assert_eq!(path_of("Labelled", c"Example").unwrap(), "Example:/B/E/example@2");
    assert_eq!(path_of("Labelled", SERVICE).unwrap(), "IOService:/global@1F");
    assert_eq!(path_of("Both", SERVICE).unwrap(), "IOService:/given");
}

#[test]
fn reg_08_what_is_not_below_the_planes_root_has_no_path() {
    let paths = Paths::boot();
    let root = paths.kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(paths.of_entry(root, SERVICE), Err(IoReturn::BAD_ARGUMENT));
    release(&paths.kernel, root);
    for plane in [c"NoSuchPlane", c"", TREE, c"IOPower"] {
        assert_eq!(paths.of("First", plane), Err(IoReturn::BAD_ARGUMENT), "{plane:?}");
    }
    // In a plane that has no root, and out of a plane that has one.
    assert_eq!(paths.of("Elsewhere", c"IOPower"), Err(IoReturn::BAD_ARGUMENT));
    let disk = paths.tree_entry(c"IODeviceTree:/soc/disk@1");
    assert_eq!(paths.of_entry(disk, SERVICE), Err(IoReturn::BAD_ARGUMENT));
    release(&paths.kernel, disk);
}

#[test]
fn reg_08_a_path_of_510_bytes_is_only_copied() {
    let paths = Paths::boot();
    let path = paths.of("Long509", SERVICE).unwrap();
    assert_eq!(path.len(), 509);
    for (class, length) in [("Long510", 510), ("Long511", 511)] {
        let entry = service(&paths.kernel, class);
        let mut path = CString::from(c"untouched");
        let code = paths.kernel.io_registry_entry_get_path(entry, SERVICE, &mut path);
        assert_eq!((code, path.as_c_str()), (IoReturn::BAD_ARGUMENT, c"untouched"));
        let copied = paths.kernel.io_registry_entry_copy_path(entry, SERVICE).unwrap();
        assert_eq!(copied.len(), length);
        release(&paths.kernel, entry);
    }
}

#[test]
#[cfg_attr(miri, ignore = "paths of 16 KiB take minutes")]
fn reg_08_a_path_is_copied_up_to_16_kib() {
    let paths = Paths::on(World::boot("paths/Deep"));
    let copy = |class| {
        let entry = service(&paths.kernel, class);
        let path = paths.kernel.io_registry_entry_copy_path(entry, SERVICE);
        release(&paths.kernel, entry);
        path
    };
    assert_eq!(copy("Deep16381").map(|path| path.len()), Some(16381));
    assert_eq!(copy("Deep16382"), None);
}

// ---- REG-9 ----

#[test]
fn reg_09_an_alias_stands_for_the_path_of_its_entry_the_shortest_of_several() {
    let paths = Paths::boot();
    for (path, shown) in [
        (c"IODeviceTree:/", "IODeviceTree:/"),
        (c"IODeviceTree:/chosen", "IODeviceTree:/chosen"),
        (c"IODeviceTree:/soc", "IODeviceTree:s"),
        (c"IODeviceTree:/soc/disk@1", "IODeviceTree:d"),
        (c"IODeviceTree:/soc/disk@1/part@2", "IODeviceTree:d/part@2"),
    ] {
        let entry = paths.tree_entry(path);
        assert_eq!(paths.of_entry(entry, TREE).as_deref(), Ok(shown));
        release(&paths.kernel, entry);
    }
}

#[test]
fn reg_09_a_plane_without_aliases_has_none() {
    let paths = Paths::boot();
    assert_eq!(paths.at("IOService:d"), None);
    assert_eq!(paths.at("IOService:/aliases"), None);
}

// ---- REG-10 ----

#[test]
fn reg_10_a_path_begins_with_a_plane_and_a_slash() {
    let paths = Paths::boot();
    assert_eq!(paths.at("IOService:/").as_deref(), Some("IOPlatformExpertDevice"));
    assert_eq!(paths.at("IODeviceTree:/").as_deref(), Some("TreeRoot"));
    assert_eq!(paths.at("IOService:/IOResources").as_deref(), Some("IOResources"));
    for path in
        ["", "/", "IOService", "/IOResources", "IOService:", "IOService:IOResources", "NoSuchPlane:/", ":/"]
    {
        assert_eq!(paths.at(path), None, "{path}");
    }
    // A plane that there is, with no entry in it.
    assert_eq!(paths.at("IOPower:/"), None);
}

#[test]
fn reg_10_an_alias_can_begin_a_path() {
    let paths = Paths::boot();
    for (path, class) in [
        ("IODeviceTree:disk", Some("TreeDisk")),
        ("IODeviceTree:d/part@2", Some("Part")),
        ("IODeviceTree:s/disk@1/part@2", Some("Part")),
        ("IODeviceTree:via/part@2", Some("Part")),
        ("IODeviceTree:s", Some("Soc")),
        ("IODeviceTree:s:rest", None),
        ("IODeviceTree:s/", None),
        ("IODeviceTree:lost", None),
        ("IODeviceTree:loop", None),
        ("IODeviceTree:nothing", None),
    ] {
        assert_eq!(paths.at(path).as_deref(), class, "{path}");
    }
}

// ---- REG-11, REG-12 ----

#[test]
fn reg_11_a_component_takes_the_first_child_that_it_fits() {
    let paths = Paths::boot();
    for (component, class) in [
        ("pci", Some("First")),
        ("pcie", Some("Third")),
        ("pc", None),
        ("PCI", None),
        ("pci@1F,2", Some("Second")),
        ("@1F,2", Some("Second")),
        ("pcie@1F,2", None),
        ("pci@3", None),
        ("@3", None),
        ("pci@", None),
    ] {
        assert_eq!(paths.at(&format!("IOService:/{component}")).as_deref(), class, "{component}");
    }
    // A name alone is good for one that has a location.
    assert_eq!(paths.at("IOService:/pci@1F,2/disk").as_deref(), Some("Disk"));
    // A name may have a colon in it, which ends another's.
    assert_eq!(paths.at("IOService:/pci@1F,2/name:colon").as_deref(), Some("Colon"));
    // The first child that fits decides, though another would lead on.
    assert_eq!(paths.at("IOService:/pci/disk"), None);
}

#[test]
fn reg_12_locations_are_compared_by_the_numbers_in_them() {
    let paths = Paths::boot();
    for (component, class) in [
        ("disk@0A,0", Some("Disk")),
        ("disk@a", Some("Disk")),
        ("disk@A,0,0", Some("Disk")),
        ("disk@00a", Some("Disk")),
        ("disk@a,1", None),
        ("disk@b", None),
        ("disk@0", None),
        ("disk@a:0", None),
        ("disk@ax", None),
    ] {
        assert_eq!(paths.at(&format!("IOService:/@1f,2/{component}")).as_deref(), class, "{component}");
    }
    assert_eq!(paths.at("IOService:/pci@a:b").as_deref(), Some("Fourth"));
    assert_eq!(paths.at("IOService:/pci@a,b"), None, "the separator is another");
}

// ---- REG-13 ----

#[test]
fn reg_13_nothing_may_be_left_over() {
    let paths = Paths::boot();
    for path in [
        "IOService:/pcie/",
        "IOService:/pcie:args",
        "IOService:/pcie/nothing",
        "IOService://",
        "IOService:/pci@1F,2/",
        "IOService:/pci@1F,2/disk@a:args",
    ] {
        assert_eq!(paths.at(path), None, "{path}");
    }
    assert_eq!(paths.at("IOService:/").as_deref(), Some("IOPlatformExpertDevice"));
}

// ---- REG-14 ----

#[test]
fn reg_14_what_is_not_found_is_no_entry() {
    let paths = Paths::boot();
    let kernel = &paths.kernel;
    assert_eq!(kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, c"IOService:/nothing"), NULL);
    assert_eq!(kernel.io_registry_entry_copy_from_path(MAIN_PORT_DEFAULT, "IOService:/nothing"), NULL);
    assert_eq!(kernel.io_registry_entry_from_path(UNKNOWN, c"IOService:/"), NULL);
    assert_eq!(kernel.io_registry_entry_copy_from_path(UNKNOWN, "IOService:/"), NULL);
}

#[test]
fn reg_14_a_path_is_cut_to_511_bytes_unless_it_is_copied() {
    let paths = Paths::boot();
    let entry = service(&paths.kernel, "Long511");
    let path = paths.kernel.io_registry_entry_copy_path(entry, SERVICE).unwrap();
    let longer = CString::new(format!("{path}/nothing")).unwrap();
    assert_eq!(paths.kernel.io_registry_entry_from_path(MAIN_PORT_DEFAULT, &longer), entry);
    assert_eq!(paths.copied(longer.to_str().unwrap()), None);
    assert_eq!(paths.copied(&path).as_deref(), Some("Long511"));
    release(&paths.kernel, entry);
    release(&paths.kernel, entry);
}

#[test]
#[cfg_attr(miri, ignore = "paths of 16 KiB take minutes")]
fn reg_14_a_path_of_4096_bytes_loses_the_last() {
    let paths = Paths::on(World::boot("paths/Deep"));
    let path_of = |class| {
        let entry = service(&paths.kernel, class);
        let path = paths.kernel.io_registry_entry_copy_path(entry, SERVICE).unwrap();
        release(&paths.kernel, entry);
        path
    };
    let (shorter, exact) = (path_of("Deep4095"), path_of("Deep4096"));
    assert_eq!((shorter.len(), exact.len()), (4095, 4096));
    assert_eq!(paths.copied(&shorter).as_deref(), Some("Deep4095"));
    assert_eq!(paths.copied(&format!("{shorter}/")).as_deref(), Some("Deep4095"), "it is cut");
    assert_eq!(paths.copied(&exact), None);
    assert_eq!(paths.copied(&path_of("Deep16381")).as_deref(), Some("Deep16381"), "that goes out of line");
    assert_eq!(paths.copied(&format!("{shorter}//")), None);
    // Zeros before a location make no difference (REG-12), however many.
    let padded = |size: usize| {
        let (start, end) = ("IOService:/pci@", "1F,2");
        format!("{start}{}{end}", "0".repeat(size - start.len() - end.len()))
    };
    assert_eq!(paths.copied(&padded(4 << 20)).as_deref(), Some("Second"));
    assert_eq!(paths.copied(&padded((4 << 20) + 1)), None);
}

// ---- REG-15, TERM-10 ----

#[test]
fn reg_15_a_number_finds_registered_services_alone() {
    let world = World::boot("planes");
    let kernel = world.kernel();
    let find = |id| {
        let matching = kernel.io_registry_entry_id_matching(id);
        let found = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, matching.as_ref());
        (found != NULL).then(|| {
            let class = name(&kernel, found);
            release(&kernel, found);
            class
        })
    };
    let attached = world.command("attach", &[]);
    assert_eq!(find(attached), None, "it is in the registry, and not registered");
    assert_eq!(find(attached + 1), None);
    let registered = Service::expect_first(&kernel, &Matching::class("A")).unwrap();
    assert_eq!(find(registered.id().unwrap()).as_deref(), Some("A"));
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(find(id(&kernel, root)), None, "it is no service");
    release(&kernel, root);
}

#[test]
fn term_10_what_is_detached_has_no_path() {
    let paths = Paths::boot();
    let disk = paths.id("Disk");
    let matching = paths.kernel.io_registry_entry_id_matching(disk);
    let mut kept = NULL;
    paths.kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, matching.as_ref(), &mut kept);
    assert_eq!(paths.world.command("terminate", &[disk]), 1);
    let fresh = paths.kernel.io_iterator_next(kept);
    assert_eq!(paths.of_entry(fresh, SERVICE), Err(IoReturn::BAD_ARGUMENT));
    assert_eq!(paths.at("IOService:/pci@1F,2/disk"), None);
    release(&paths.kernel, fresh);
    release(&paths.kernel, kept);
}
