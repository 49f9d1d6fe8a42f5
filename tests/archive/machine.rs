//! Registries loaded into a machine, and captured from one.

use super::{open, plain_all, text};
use iokit_uc::archive::{Archive, ArchivedEntry, ArchivedService};
use iokit_uc::sim::{EntryId, Machine, Nub, TerminateOptions};
use iokit_uc::{Dictionary, Kernel, Matching, Plane, RegistryEntry, Service, Value};
use std::time::Duration;

fn kernel(machine: &Machine) -> Kernel {
    machine.task("ioreg").kernel()
}

fn capture(machine: &Machine, plane: &Plane) -> Archive {
    Archive::capture(&RegistryEntry::root(&kernel(machine)).unwrap(), plane).unwrap()
}

/// What a machine keeps of an entry: retain counts are its own, and time passes for what is busy.
fn kept(entry: &ArchivedEntry) -> ArchivedEntry {
    let mut entry = ArchivedEntry { retains: None, inheritance: None, ..entry.clone() };
    for service in entry.service.iter_mut().filter(|service| service.busy > 0) {
        service.busy_time = Duration::ZERO;
    }
    entry
}

#[test]
fn what_was_loaded_is_what_is_captured() {
    for name in ["apple_silicon.xml", "apple_silicon.txt", "intel.txt", "intel.bplist"] {
        let archive = open(name);
        let captured = capture(&Machine::from_archive(&archive).unwrap(), &Plane::SERVICE);
        assert_eq!(captured.entries.len(), archive.entries.len());
        for (captured, archived) in captured.entries.iter().zip(&archive.entries) {
            let (captured, mut archived) = (kept(captured), kept(archived));
            if name.ends_with("txt") {
                let first = |states: &mut ArchivedService| states.state |= (states.state & 6) << 2;
                archived.service.iter_mut().for_each(first);
            }
            if archived.depth == 0 {
                let planes = |entry: &ArchivedEntry| -> Vec<String> {
                    let planes = entry.properties.get("IORegistryPlanes").and_then(Value::as_dictionary);
                    let mut planes: Vec<_> = planes.unwrap().keys().map(String::from).collect();
                    planes.sort();
                    planes
                };
                assert_eq!(planes(&captured), planes(&archived));
                archived
                    .properties
                    .insert("IORegistryPlanes", captured.properties.get("IORegistryPlanes").unwrap().clone());
            }
            assert_eq!(captured, archived);
        }
    }
}

#[test]
fn an_archive_with_inheritance_defines_the_classes() {
    let machine = Machine::from_archive(&open("apple_silicon.xml")).unwrap();
    let kernel = kernel(&machine);
    assert_eq!(kernel.superclass_of("IOMedia").unwrap().as_deref(), Some("IOStorage"));
    assert_eq!(kernel.superclass_of("IOStorage").unwrap().as_deref(), Some("IOService"));
    let clients = Service::all(&kernel, &Matching::class("IOStorage")).unwrap();
    assert!(clients.count() > 3);
    let captured = capture(&machine, &Plane::SERVICE);
    for (captured, archived) in captured.entries.iter().zip(&open("apple_silicon.xml").entries) {
        assert_eq!(captured.inheritance, archived.inheritance);
    }
    // Without it there is what the states tell.
    let machine = Machine::from_archive(&open("apple_silicon.txt")).unwrap();
    let kernel = machine.task("ioreg").kernel();
    assert_eq!(kernel.superclass_of("IOMedia").unwrap().as_deref(), Some("IOService"));
    assert_eq!(kernel.superclass_of("IOPlatformExpertDevice").unwrap().as_deref(), Some("IOService"));
}

#[test]
fn what_is_registered_is_matched_and_what_is_not_is_not() {
    let machine = Machine::from_archive(&open("apple_silicon.txt")).unwrap();
    let kernel = kernel(&machine);
    let count = |matching: Matching| Service::all(&kernel, &matching).unwrap().count();
    assert_eq!(count(Matching::class("IODARTMapper")), 30);
    assert_eq!(count(Matching::class("IOHIDEventServiceUserClient")), 0);
    assert_eq!(count(Matching::name("going")), 0);
    // A nub of the device tree compares the strings of its `compatible`.
    assert_eq!(count(Matching::name("dart,t8110")), 30);
    let battery = Service::first(&kernel, &Matching::class("AppleSmartBattery")).unwrap().unwrap();
    assert_eq!(battery.expect_property("CurrentCapacity").unwrap(), 87.into());
    assert_eq!(battery.expect_property("Amperage").unwrap(), (-1403).into());
    let by_id = Service::first(&kernel, &Matching::entry_id(battery.id().unwrap())).unwrap();
    assert_eq!(by_id, Some(battery));
}

#[test]
fn states_busy_counts_and_numbers_are_those_of_the_archive() {
    let machine = Machine::from_archive(&text(
        "+-o Root  <class IORegistryEntry, id 0x100000100>\n  +-o mac  <class IOPlatformExpertDevice, id 0x100000117, registered, matched, active, busy 1 (70 ms)>\n    \
         +-o IOResources  <class IOResources, id 0x100000119, registered, matched, active, busy 0>\n    \
         +-o busy  <class Busy, id 0x1000003e8, registered, !matched, active, busy 2 (50 ms)>\n    \
         +-o gone  <class Gone, id 0x1000003e9, !registered, !matched, inactive, busy 1>\n    \
         +-o new  <class New>\n",
    ))
    .unwrap();
    let kernel = kernel(&machine);
    let [busy, gone] = [0x1000003e8, 0x1000003e9].map(EntryId);
    assert_eq!((machine.busy(busy), machine.busy(gone), machine.is_inactive(gone)), (2, 1, true));
    machine.adjust_busy(busy, -2).unwrap();
    assert_eq!(kernel.busy_state().unwrap(), 0);
    assert!(machine.wait_quiet(busy, Duration::ZERO));
    let added = machine.publish(Nub::new("com_example_Later").provider(busy));
    assert_eq!(added, EntryId(0x1000003eb));
    assert!(machine.terminate(busy, TerminateOptions::default()));
    assert!(Service::first(&kernel, &Matching::class("com_example_Later")).unwrap().is_none());
}

#[test]
fn an_entry_that_is_there_twice_has_two_parents() {
    let archive = open("apple_silicon.txt");
    let machine = Machine::from_archive(&archive).unwrap();
    let kernel = kernel(&machine);
    let driver = Service::first(&kernel, &Matching::class("IOHIDEventDriver")).unwrap().unwrap();
    let parents: Vec<String> =
        driver.parents(&Plane::SERVICE).unwrap().map(|parent| parent.name().unwrap()).collect();
    assert_eq!(parents, ["IOHIDSystem", "uart0"]);
    let twice = archive.entries.iter().filter(|entry| entry.id == Some(driver.id().unwrap())).count();
    assert_eq!(twice, 2);
}

#[test]
fn another_plane_joins_by_the_numbers() {
    let (services, tree) = (open("apple_silicon.xml"), open("apple_silicon.dt.txt").in_plane("IODeviceTree"));
    let machine = Machine::from_archive(&services).unwrap();
    machine.load(&tree).unwrap();
    let kernel = kernel(&machine);
    let entry = RegistryEntry::from_path(&kernel, "IODeviceTree:/arm-io/smc").unwrap().unwrap();
    assert_eq!((entry.class().unwrap(), entry.name().unwrap()), ("AppleARMIODevice".into(), "smc".into()));
    let root =
        entry.parent(&Plane::DEVICE_TREE).unwrap().unwrap().parent(&Plane::DEVICE_TREE).unwrap().unwrap();
    assert_eq!(
        (root.name_in(&Plane::DEVICE_TREE).unwrap(), root.name().unwrap()),
        ("device-tree".into(), "J413AP".into())
    );
    let captured = capture(&machine, &Plane::DEVICE_TREE);
    assert_eq!(captured.plane, "IODeviceTree");
    let told = |entry: &ArchivedEntry| {
        (entry.depth, entry.name.clone(), entry.location.clone(), entry.id, plain_all(&entry.properties))
    };
    assert!(captured.entries[1..].iter().map(told).eq(tree.entries[1..].iter().map(told)));
    // The services are where they were.
    let captured = capture(&machine, &Plane::SERVICE);
    assert!(captured.entries[1..].iter().map(kept).eq(services.entries[1..].iter().map(kept)));
    // An unknown plane is made.
    let audio = text(
        "+-o Root  <class IORegistryEntry, id 0x100000100>\n  +-o engine  <class Engine, id 0x200000000>\n",
    )
    .in_plane("IOAudio2");
    machine.load(&audio).unwrap();
    assert_eq!(capture(&machine, &Plane::find(&kernel, "IOAudio2").unwrap()).entries.len(), 2);
}

#[test]
fn a_location_belongs_to_the_plane_that_has_it() {
    let machine =
        Machine::from_archive(&text("+-o a@5  <class A, id 0x1000, registered, matched, active, busy 0>\n"))
            .unwrap();
    machine.load(&text("+-o Root  <class IORegistryEntry>\n  +-o b  <class A, id 0x1000, registered, matched, active, busy 0>\n").in_plane("IOPower")).unwrap();
    let entry = Service::first(&kernel(&machine), &Matching::class("A")).unwrap().unwrap();
    let place = |plane: &Plane| (entry.name_in(plane).unwrap(), entry.location_in(plane).unwrap());
    assert_eq!(place(&Plane::SERVICE), ("a".into(), Some("5".into())));
    assert_eq!(place(&Plane::POWER), ("b".into(), None));
}

#[test]
fn trees_without_the_root_hang_on_the_platform_expert() {
    let archive = text(
        "+-o a@1  <class A, id 0x100000102, registered, matched, active, busy 0>\n  +-o b  <class B, id 0x100000101>\n\n+-o c  <class C, id 0x100000104>\n\n",
    );
    let machine = Machine::from_archive(&archive).unwrap();
    let kernel = kernel(&machine);
    let platform = RegistryEntry::root(&kernel).unwrap().child(&Plane::SERVICE).unwrap().unwrap();
    let names: Vec<String> =
        platform.children(&Plane::SERVICE).unwrap().map(|child| child.name().unwrap()).collect();
    assert_eq!(names, ["IOResources", "a", "c"]);
    assert_eq!(platform.id().unwrap(), 0x100000105);
    let entry = RegistryEntry::from_path(&kernel, "IOService:/a@1/b").unwrap().unwrap();
    assert_eq!(entry.id().unwrap(), 0x100000101);
    // What is there stays where it is.
    machine.load(&text("+-o b  <class B, id 0x100000101>\n  +-o d  <class D, id 0x100000200>\n")).unwrap();
    assert_eq!(entry.parents(&Plane::SERVICE).unwrap().count(), 1);
    assert_eq!(entry.child(&Plane::SERVICE).unwrap().unwrap().name().unwrap(), "d");
}

#[test]
fn an_empty_archive_makes_a_new_machine() {
    let machine = Machine::from_archive(&Archive::default()).unwrap();
    assert!(Service::first(&kernel(&machine), &Matching::class("IOResources")).unwrap().is_some());
    machine.publish(Nub::new("com_example_Driver"));
    machine.assert_clean();
}

#[test]
fn what_no_registry_is_like_is_refused() {
    let refused = |archive: &Archive| {
        let error = Machine::from_archive(archive).unwrap_err().to_string();
        let text = "Machine::from_archive: kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; ";
        error.strip_prefix(text).unwrap_or(&error).to_string()
    };
    let mut archive = text("+-o a  <class A, id 0x1>\n  +-o b  <class B, id 0x2>\n");
    archive.entries[1].depth = 7;
    assert_eq!(refused(&archive), "entry 1, b, is at depth 7, where 1 is the deepest possible");
    let classes = text("+-o a  <class A, id 0x5>\n+-o b  <class B, id 0x5>\n");
    assert_eq!(refused(&classes), "the entry 0x5 is of the class A, and of B");
    let circle = text("+-o a  <class A, id 0x5>\n  +-o b  <class B, id 0x6>\n    +-o a  <class A, id 0x5>\n");
    assert_eq!(refused(&circle), "a would be its own ancestor");
    let high = text("+-o a  <class A, id 0x8000000000000000>\n");
    assert_eq!(refused(&high), "no entry gets to the number 0x8000000000000000");
    let root = text("+-o a  <class A, id 0x5>\n+-o Root  <class IORegistryEntry, id 0x5>\n");
    assert_eq!(refused(&root), "Root has the number 0x5, which is another entry's");
    assert_eq!(refused(&text("+-o a  <class A>\n").in_plane("a:b")), "\"a:b\" cannot be the name of a plane");
}

#[test]
fn a_deep_registry_costs_no_stack() {
    let depth = if cfg!(miri) { 30 } else { 10_000 };
    let entry = |depth: u32| ArchivedEntry {
        depth,
        name: "n".into(),
        class: "N".into(),
        id: Some(0x1_0000_0000 + u64::from(depth) * 2),
        service: Some(ArchivedService { state: 30, ..ArchivedService::default() }),
        ..ArchivedEntry::default()
    };
    let archive = Archive { entries: (0..depth).map(entry).collect(), ..Archive::default() };
    let machine = Machine::from_archive(&archive).unwrap();
    let captured = capture(&machine, &Plane::SERVICE);
    assert_eq!(captured.entries.len(), depth as usize + 3);
    assert_eq!(captured.entries.last().unwrap().depth, depth + 1);
}

#[test]
fn what_goes_away_while_it_is_captured_is_left_out() {
    let machine = Machine::new();
    let parent = machine.publish(Nub::new("com_example_Parent"));
    for index in 0..3 {
        machine.publish(Nub::new("com_example_Child").provider(parent).property("Index", index));
    }
    let kernel = kernel(&machine);
    let entry = Service::first(&kernel, &Matching::class("com_example_Parent")).unwrap().unwrap();
    assert_eq!(Archive::capture(&entry, &Plane::SERVICE).unwrap().entries.len(), 4);
    machine.terminate(parent, TerminateOptions::default());
    assert_eq!(
        Archive::capture(&entry, &Plane::SERVICE).unwrap_err().kind(),
        iokit_uc::ErrorKind::Terminated
    );
    // Entries come and go while another thread looks.
    let watched = machine.publish(Nub::new("com_example_Parent"));
    let entry = Service::first(&kernel, &Matching::class("com_example_Parent")).unwrap().unwrap();
    let rounds = if cfg!(miri) { 3 } else { 200 };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                let child = machine.publish(Nub::new("com_example_Child").provider(watched));
                machine.publish(Nub::new("com_example_Grandchild").provider(child));
                machine.terminate(child, TerminateOptions::default());
            }
        });
        for _ in 0..rounds {
            let archive = Archive::capture(&entry, &Plane::SERVICE).unwrap();
            assert_eq!(archive.entries[0].properties, Dictionary::default());
        }
    });
    drop(entry);
}

#[test]
fn a_machine_is_written_and_read_in_every_form() {
    let machine = Machine::new();
    let bus = machine.publish(Nub::new("com_example_Bus").name("bus").property("Speeds", Value::set([1, 2])));
    machine.publish(
        Nub::new("com_example_Device")
            .provider(bus)
            .property("Text", "two\nlines, \"quoted\" – é")
            .property("Data", Value::data([1, 2])),
    );
    let mut archive = capture(&machine, &Plane::SERVICE);
    archive.entries.iter_mut().filter_map(|entry| entry.service.as_mut()).for_each(|service| {
        (service.state, service.busy_time) = (service.state & 7, Duration::ZERO);
    });
    let mut written = Vec::new();
    archive.write_text(&mut written).unwrap();
    assert_eq!(Archive::read(&*written).unwrap(), archive);
    for binary in [false, true] {
        let mut written = Vec::new();
        let write = if binary { Archive::write_binary } else { Archive::write_xml };
        write(&archive, &mut written).unwrap();
        let mut expected = archive.clone();
        let bus = expected.entries.iter_mut().find(|entry| *entry.name == *"bus").unwrap();
        bus.properties.insert("Speeds", Value::array([1, 2]));
        assert_eq!(Archive::read(&*written).unwrap(), expected);
    }
}
