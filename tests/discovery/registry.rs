//! Entries, those around them, planes, and iterations.

use super::{Desk, assert_gone, assert_text_is_checked, names};
use iokit_uc::interface::EntryId;
use iokit_uc::sim::{Machine, Nub};
use iokit_uc::{
    Detail, Error, ErrorKind, IoReturn, IterateOptions, Matching, Plane, RegistryEntry, RegistryIterator,
    Service,
};

const PLATFORM: &str = "IOService:/";

// ---- Planes ----

#[test]
fn planes_are_found_by_name() {
    let desk = Desk::new();
    desk.machine.add_plane("IOCoffee").unwrap();
    let coffee = Plane::find(&desk.kernel, "IOCoffee").unwrap();
    assert_eq!((coffee.name(), coffee.to_string().as_str()), ("IOCoffee", "IOCoffee"));
    let planes = Plane::all(&desk.kernel).unwrap();
    assert_eq!(planes, [Plane::SERVICE, Plane::POWER, Plane::DEVICE_TREE, coffee]);
    let error = Plane::find(&desk.kernel, "IOTea").unwrap_err();
    assert_eq!(
        error.to_string(),
        "Plane::find: kIOReturnNotFound (0xe00002f0, -536870160): not found; \
         there is no plane `IOTea`, but IOService, IOPower, IODeviceTree, IOCoffee",
    );
    assert_text_is_checked("plane name", 32, |name| Plane::find(&desk.kernel, name));
}

/// A plane that only another machine has.
fn foreign_plane() -> Plane {
    let machine = Machine::new();
    machine.add_plane("IOCoffee").unwrap();
    Plane::find(&machine.task("client").kernel(), "IOCoffee").unwrap()
}

#[test]
fn every_function_that_takes_a_plane_says_that_there_is_none() {
    let desk = Desk::new();
    let coffee = foreign_plane();
    let bus = desk.service(Matching::class("com_example_Bus"));
    #[track_caller]
    fn unknown<T: std::fmt::Debug>(function: &str, result: Result<T, Error>) {
        let error = result.unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "{function}: kIOReturnNotFound (0xe00002f0, -536870160): not found; \
                 there is no plane `IOCoffee`, but IOService, IOPower, IODeviceTree"
            )
        );
    }
    unknown("IORegistryEntryGetNameInPlane", bus.name_in(&coffee));
    unknown("IORegistryEntryGetLocationInPlane", bus.location_in(&coffee));
    unknown("IORegistryEntryGetPath", bus.path(&coffee));
    unknown("IORegistryEntryInPlane", bus.in_plane(&coffee));
    unknown("IORegistryEntryGetChildEntry", bus.child(&coffee));
    unknown("IORegistryEntryGetParentEntry", bus.parent(&coffee));
    unknown("IORegistryEntryGetChildIterator", bus.children(&coffee));
    unknown("IORegistryEntryGetParentIterator", bus.parents(&coffee));
    unknown("IORegistryEntryCreateIterator", bus.descendants(&coffee));
    unknown("IORegistryEntryCreateIterator", bus.ancestors(&coffee));
    let options = IterateOptions::default();
    unknown("IORegistryCreateIterator", RegistryIterator::new(&desk.kernel, &coffee, options));
}

#[test]
fn a_plane_of_one_task_is_good_for_another_of_the_same_machine() {
    let desk = Desk::new();
    desk.machine.add_plane("IOCoffee").unwrap();
    let coffee = Plane::find(&desk.machine.task("other").kernel(), "IOCoffee").unwrap();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_eq!(bus.in_plane(&coffee), Ok(false));
    assert_eq!(bus.name_in(&coffee).unwrap(), "bus");
    assert_eq!(bus.children(&coffee).unwrap().count(), 0);
    assert_eq!(bus.child(&coffee), Ok(None));
}

// ---- Entries ----

#[test]
fn the_root_is_above_every_plane() {
    let desk = Desk::new();
    let root = RegistryEntry::root(&desk.kernel).unwrap();
    assert_eq!(root.name().unwrap(), "Root");
    assert_eq!(root.parent(&Plane::SERVICE), Ok(None));
    assert_eq!(root.parents(&Plane::SERVICE).unwrap().count(), 0);
    assert_eq!(root.in_plane(&Plane::SERVICE), Ok(false));
    let platform = root.child(&Plane::SERVICE).unwrap().unwrap();
    assert_eq!(platform, desk.at(PLATFORM));
    assert_eq!(platform.in_plane(&Plane::SERVICE), Ok(true));
}

#[test]
fn an_entry_knows_those_around_it() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    assert_eq!(bus.parent(&Plane::SERVICE).unwrap().unwrap(), desk.at(PLATFORM));
    assert_eq!(bus.child(&Plane::SERVICE).unwrap().unwrap(), desk.at("IOService:/bus/keys@1"));
    let locations = bus.children(&Plane::SERVICE).unwrap().map(|child| child.location().unwrap().unwrap());
    assert_eq!(locations.collect::<Vec<_>>(), ["1", "2"]);
    let light = desk.at("IOService:/bus/keys/light");
    assert_eq!(light.child(&Plane::SERVICE), Ok(None));
    assert_eq!(light.children(&Plane::SERVICE).unwrap().count(), 0);
    let mut parents = light.parents(&Plane::SERVICE).unwrap();
    assert_eq!(names(&mut parents), ["keys"]);
    parents.reset();
    assert_eq!(names(parents), ["keys"]);
}

#[test]
fn children_are_those_that_there_were_when_they_were_asked_for() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    let mut children = bus.children(&Plane::SERVICE).unwrap();
    let first = children.next().unwrap();
    desk.terminate(&desk.at("IOService:/bus/keys@2"));
    let EntryId(bus_id) = EntryId(bus.id().unwrap());
    desk.machine.publish(Nub::new("com_example_Mouse").provider(EntryId(bus_id)));
    assert_eq!(children.next().unwrap().location().unwrap().as_deref(), Some("2"));
    assert_eq!(children.next(), None);
    children.reset();
    assert_eq!(children.next(), Some(first));
}

#[test]
fn names_and_locations_may_differ_from_plane_to_plane() {
    let desk = Desk::new();
    let nub = Nub::new("com_example_Port").name("port").location("3");
    desk.machine.publish(nub.name_in("IODeviceTree", "usb-port").location_in("IODeviceTree", "f3"));
    desk.machine.publish(Nub::new("com_example_Nameless"));
    let port = desk.service(Matching::class("com_example_Port"));
    assert_eq!((port.name().unwrap().as_str(), port.location().unwrap().as_deref()), ("port", Some("3")));
    for (plane, name, location) in [(Plane::DEVICE_TREE, "usb-port", "f3"), (Plane::SERVICE, "port", "3")] {
        assert_eq!(port.name_in(&plane).unwrap(), name);
        assert_eq!(port.location_in(&plane).unwrap().as_deref(), Some(location));
    }
    let nameless = desk.service(Matching::class("com_example_Nameless"));
    assert_eq!(nameless.name().unwrap(), "com_example_Nameless");
    assert_eq!((nameless.location(), nameless.location_in(&Plane::SERVICE)), (Ok(None), Ok(None)));
}

#[test]
fn an_entry_that_is_gone_says_so() {
    let desk = Desk::new();
    let light = desk.gone();
    assert_gone(light.name());
    assert_gone(light.name_in(&Plane::SERVICE));
    assert_gone(light.location());
    assert_gone(light.location_in(&Plane::SERVICE));
    assert_gone(light.id());
    assert_gone(light.in_plane(&Plane::SERVICE));
    assert_gone(light.child(&Plane::SERVICE));
    assert_gone(light.parent(&Plane::SERVICE));
    assert_gone(light.children(&Plane::SERVICE));
    assert_gone(light.parents(&Plane::SERVICE));
    assert_gone(light.iterate(&Plane::SERVICE, IterateOptions::default()));
    assert_gone(light.descendants(&Plane::SERVICE));
    assert_gone(light.ancestors(&Plane::SERVICE));
}

// ---- Iterations ----

fn collect(entries: &mut RegistryIterator) -> Vec<String> {
    names(entries.map(Result::unwrap))
}

#[test]
fn descendants_come_before_those_beside_their_parent() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    let mut below = bus.descendants(&Plane::SERVICE).unwrap();
    assert_eq!(collect(&mut below), ["keys", "light", "keys"]);
    assert!(below.next().is_none() && below.is_valid());
    below.reset();
    assert_eq!(collect(&mut below), ["keys", "light", "keys"]);
    let children = bus.iterate(&Plane::SERVICE, IterateOptions::default()).unwrap();
    assert_eq!(names(children.map(Result::unwrap)), ["keys", "keys"]);
}

#[test]
fn ancestors_end_with_the_root() {
    let desk = Desk::new();
    let light = desk.at("IOService:/bus/keys/light");
    let mut above: Vec<_> = light.ancestors(&Plane::SERVICE).unwrap().map(Result::unwrap).collect();
    assert_eq!(above.pop(), RegistryEntry::root(&desk.kernel).ok());
    assert_eq!(above.pop(), Some(desk.at(PLATFORM)));
    assert_eq!(names(above), ["keys", "bus"]);
    let parents = IterateOptions { parents: true, ..Default::default() };
    assert_eq!(collect(&mut light.iterate(&Plane::SERVICE, parents).unwrap()), ["keys"]);
}

#[test]
fn the_whole_registry_begins_below_its_root() {
    let desk = Desk::new();
    let level = RegistryIterator::new(&desk.kernel, &Plane::SERVICE, IterateOptions::default()).unwrap();
    let first: Vec<_> = level.map(Result::unwrap).collect();
    assert_eq!(first, [desk.at(PLATFORM)]);
    let all = RegistryIterator::new(&desk.kernel, &Plane::SERVICE, IterateOptions::DESCENDANTS).unwrap();
    let all = all.snapshot(1).unwrap();
    assert_eq!(all[0], first[0]);
    assert!(all.contains(&desk.at("IOService:/bus/keys/light")));
}

#[test]
fn a_program_may_go_from_level_to_level_itself() {
    let desk = Desk::new();
    let mut entries = desk.at("IOService:/bus").iterate(&Plane::SERVICE, Default::default()).unwrap();
    let mut seen = Vec::new();
    loop {
        match entries.next().transpose().unwrap() {
            Some(entry) => {
                seen.push(entry.name().unwrap());
                entries.enter().unwrap();
            }
            None if entries.exit().unwrap() => {}
            None => break,
        }
    }
    assert_eq!(seen, ["keys", "light", "keys"]);
    // The kernel would go on below the entry that came last.
    assert!(entries.next().is_none() && !entries.exit().unwrap() && entries.next().is_none());
    entries.reset();
    assert_eq!(collect(&mut entries), ["keys", "keys"]);
}

#[test]
fn a_recursive_iteration_passes_over_what_is_left() {
    let desk = Desk::new();
    let mut below = desk.at("IOService:/bus").descendants(&Plane::SERVICE).unwrap();
    assert_eq!(below.next().unwrap().unwrap().location().unwrap().as_deref(), Some("1"));
    assert_eq!(below.exit(), Ok(true));
    assert_eq!(below.next().unwrap().unwrap().location().unwrap().as_deref(), Some("2"));
    assert!(below.next().is_none());
}

#[track_caller]
fn assert_changed(step: Option<Result<RegistryEntry, Error>>, after: u64) {
    let error = step.unwrap().unwrap_err();
    assert_eq!((error.code(), error.kind()), (IoReturn::ABORTED, ErrorKind::Aborted));
    assert_eq!(error.detail(), Some(&Detail::RegistryChanged { returned: after }));
}

#[test]
fn a_registry_that_changes_ends_an_iteration_with_an_error_and_a_reset_starts_anew() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    let mut below = bus.descendants(&Plane::SERVICE).unwrap();
    assert_eq!(below.next().unwrap().unwrap().location().unwrap().as_deref(), Some("1"));
    assert!(below.is_valid());
    desk.machine.publish(Nub::new("com_example_Mouse").name("mouse").provider(EntryId(bus.id().unwrap())));
    // What is below the first is not affected, and comes.
    assert_eq!(below.next().unwrap().unwrap().name().unwrap(), "light");
    assert_changed(below.next(), 2);
    assert!(!below.is_valid());
    assert!(below.next().is_none());
    below.reset();
    assert!(below.is_valid());
    assert_eq!(collect(&mut below), ["keys", "light", "keys", "mouse"]);
    assert!(below.next().is_none());
}

#[test]
fn an_entry_that_goes_away_ends_an_iteration_with_an_error() {
    let desk = Desk::new();
    let mut below = desk.at("IOService:/bus").descendants(&Plane::SERVICE).unwrap();
    below.next().unwrap().unwrap();
    desk.terminate(&desk.at("IOService:/bus/keys@2"));
    below.next().unwrap().unwrap();
    assert_changed(below.next(), 2);
}

#[test]
fn a_snapshot_starts_from_the_start() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    let mut below = bus.descendants(&Plane::SERVICE).unwrap();
    below.next().unwrap().unwrap();
    desk.machine.publish(Nub::new("com_example_Mouse").name("mouse").provider(EntryId(bus.id().unwrap())));
    assert_eq!(names(below.snapshot(0).unwrap()), ["keys", "light", "keys", "mouse"]);
}

/// A device that comes and goes all the time, until this is dropped.
struct Flutter(Option<(std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>)>);

impl Flutter {
    fn begin(desk: &Desk, bus: &RegistryEntry) -> Self {
        let (machine, bus) = (desk.machine.clone(), EntryId(bus.id().unwrap()));
        let (keep, ended) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                let moth = machine.publish(Nub::new("com_example_Moth").provider(bus));
                machine.terminate(moth, Default::default());
            }
        });
        Self(Some((keep, thread)))
    }
}

impl Drop for Flutter {
    fn drop(&mut self) {
        let (keep, thread) = self.0.take().unwrap();
        drop(keep);
        thread.join().unwrap();
    }
}

#[test]
#[cfg_attr(miri, ignore = "waits for two threads to meet")]
fn a_snapshot_starts_anew_when_the_registry_changes_and_gives_up_after_its_attempts() {
    let desk = Desk::new();
    let bus = desk.at("IOService:/bus");
    let flutter = Flutter::begin(&desk, &bus);
    let snapshot = |attempts| bus.descendants(&Plane::SERVICE).unwrap().snapshot(attempts);
    let (mut tried, mut spoilt) = (0, 0);
    while spoilt < 8 {
        tried += 1;
        match snapshot(1) {
            Ok(entries) => assert!(entries.len() >= 3),
            Err(error) => {
                assert!(matches!(error.detail(), Some(Detail::RegistryChanged { .. })), "{error}");
                spoilt += 1;
            }
        }
    }
    // As many again: some of these are spoilt too, and nobody notices.
    for _ in 0..tried {
        assert!(snapshot(u32::MAX).unwrap().len() >= 3);
    }
    drop(flutter);
    assert_eq!(Service::all(&desk.kernel, &Matching::class("com_example_Moth")).unwrap().count(), 0);
}
