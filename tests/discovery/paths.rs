//! Paths: of an entry, and to one.

use super::{Desk, assert_gone, assert_text_is_checked};
use iokit_uc::interface::EntryId;
use iokit_uc::sim::Nub;
use iokit_uc::{ErrorKind, IoReturn, Matching, Plane, RegistryEntry, Result};

impl Desk {
    fn look_up(&self, path: &str) -> Result<Option<RegistryEntry>> {
        RegistryEntry::from_path(&self.kernel, path)
    }

    /// The innermost of many entries, one below the other: its name, and a path of about so many bytes.
    fn deep(&self, bytes: usize) -> (String, String) {
        let (mut path, mut name, mut provider) = (String::from("IOService:"), String::new(), None);
        while path.len() < bytes {
            let (stem, length) = (format!("{bytes}-{}-", path.len()), 100.min(bytes - path.len() - 1));
            name = format!("{stem:x<length$}");
            path = format!("{path}/{name}");
            let nub = Nub::new("com_example_Nest").name(&name);
            provider = Some(self.machine.publish(match provider {
                Some(provider) => nub.provider(provider),
                None => nub,
            }));
        }
        (name, path)
    }
}

#[test]
fn a_path_leads_to_the_entry_that_tells_it() {
    let desk = Desk::new();
    for (path, name) in [
        ("IOService:/bus@A", "bus"),
        ("IOService:/bus@A/keys@1", "keys"),
        ("IOService:/bus@A/keys@2", "keys"),
        ("IOService:/bus@A/keys@1/light", "light"),
    ] {
        let entry = desk.at(path);
        assert_eq!(entry.name().unwrap(), name);
        assert_eq!(entry.path(&Plane::SERVICE).unwrap(), path);
    }
    assert_eq!(desk.at("IOService:/").path(&Plane::SERVICE).unwrap(), "IOService:/");
    // Without names, and without locations.
    assert_eq!(desk.at("IOService:/@A/@2"), desk.at("IOService:/bus/keys@2"));
}

#[test]
fn where_there_is_nothing_none_is_found() {
    let desk = Desk::new();
    for path in ["IOService:/bus@B", "IOService:/bus@A/", "IOService:/bus@A/keys@1:more", "IOPower:/bus@A"] {
        assert_eq!(desk.look_up(path), Ok(None), "{path}");
    }
}

#[test]
fn a_path_that_can_lead_nowhere_is_refused() {
    let desk = Desk::new();
    let error = desk.look_up("/bus@A").unwrap_err();
    assert_eq!(
        error.to_string(),
        "IORegistryEntryFromPath: kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; \
         a path begins with the name of a plane and a colon, as `IOService:/` does",
    );
    let error = desk.look_up("IOCoffee:/bus@A").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().starts_with("IORegistryEntryFromPath: "), "{error}");
    assert!(
        error.to_string().ends_with("there is no plane `IOCoffee`, but IOService, IOPower, IODeviceTree"),
        "{error}"
    );
}

#[test]
#[cfg_attr(miri, ignore = "paths of 4 MiB take minutes")]
fn a_path_that_cannot_be_passed_is_refused() {
    let desk = Desk::new();
    assert_text_is_checked("path", 4 << 20, |path| desk.look_up(path));
}

#[test]
fn no_path_is_cut() {
    let desk = Desk::new();
    let lengths: &[usize] = if cfg!(miri) { &[511] } else { &[509, 510, 511, 512, 513, 4095, 4097, 10_000] };
    for &bytes in lengths {
        let (name, path) = desk.deep(bytes);
        assert_eq!(path.len(), bytes);
        let entry = desk.at(&path);
        assert_eq!(entry.name().unwrap(), name);
        assert_eq!(entry.path(&Plane::SERVICE).unwrap(), path);
        let shorter = &path[..path.len() - 2];
        assert!(desk.look_up(shorter).unwrap().is_none());
    }
}

#[test]
#[cfg_attr(miri, ignore = "a path of 4 KiB takes a minute")]
fn the_one_length_that_loses_a_byte_is_refused() {
    let desk = Desk::new();
    let (_, path) = desk.deep(4096);
    let error = desk.look_up(&path).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(
        error.to_string().ends_with("of a path of exactly 4096 bytes, IOKitLib would lose the last"),
        "{error}"
    );
}

#[track_caller]
fn assert_no_path(entry: &RegistryEntry, plane: &Plane, why: &str) {
    let error = entry.path(plane).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().ends_with(why), "{error}");
}

#[test]
fn an_entry_without_a_path_says_why() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    assert_no_path(&bus, &Plane::POWER, "; the entry is not in the plane IOPower");
    let root = RegistryEntry::root(&desk.kernel).unwrap();
    assert_no_path(&root, &Plane::SERVICE, "; the entry is not in the plane IOService");
    assert_gone(desk.gone().path(&Plane::SERVICE));
}

#[test]
#[cfg_attr(miri, ignore = "a path of 16 KiB takes minutes")]
fn an_entry_whose_path_is_too_long_says_so() {
    let desk = Desk::new();
    let (name, _) = desk.deep(17_000);
    let deep = desk.service(Matching::name(&name));
    assert_no_path(&deep, &Plane::SERVICE, "or its path has more than about 16 KiB");
}

#[test]
fn an_entry_is_found_by_its_number_once_it_is_registered() {
    let desk = Desk::new();
    let bus = desk.service(Matching::class("com_example_Bus"));
    let id = bus.id().unwrap();
    assert_eq!(RegistryEntry::from_id(&desk.kernel, id).unwrap().as_ref(), Some(&*bus));
    let EntryId(unregistered) = desk.machine.attach(Nub::new("com_example_Bus"));
    for id in [unregistered, 0, u64::MAX] {
        assert_eq!(RegistryEntry::from_id(&desk.kernel, id), Ok(None));
    }
}
