//! What `ioreg -a` writes.

use super::{open, sample};
use iokit_uc::archive::{Archive, ArchivedService};
use iokit_uc::{Number, Value};
use std::time::Duration;

/// An XML property list of one entry with this in its dictionary.
pub(crate) fn list(contents: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n{NAME}{contents}\n</dict>\n</plist>\n"
    )
}

pub(crate) const NAME: &str = "<key>IORegistryEntryName</key><string>Root</string><key>IOObjectClass</key><string>IORegistryEntry</string>\n";

fn property(value: &str) -> Value {
    let archive = Archive::from_plist(list(&format!("<key>key</key>{value}")).as_bytes()).unwrap();
    archive.entries[0].properties.get("key").unwrap().clone()
}

#[test]
fn every_kind_of_value_is_read() {
    assert_eq!(property("<true/>"), true.into());
    assert_eq!(property("<false/>"), false.into());
    assert_eq!(property("<integer>-1</integer>"), (-1).into());
    assert_eq!(property("<integer>2147483648</integer>"), 0x8000_0000i64.into());
    assert_eq!(property("<integer>18446744073709551615</integer>"), u64::MAX.into());
    assert_eq!(property("<integer>-9223372036854775808</integer>"), i64::MIN.into());
    assert_eq!(property("<real>0.5</real>"), 0.5.into());
    assert_eq!(
        property("<real>nan</real>").as_number().and_then(Number::as_f64).map(f64::is_nan),
        Some(true)
    );
    assert_eq!(
        property("<string>Jo\u{eb}lle &#8211; &lt;a&amp;b&gt;\n two</string>"),
        "Joëlle – <a&b>\n two".into()
    );
    assert_eq!(property("<string></string>"), "".into());
    assert_eq!(property("<data>\n\tAQID\n\tBA==\n</data>"), Value::data([1, 2, 3, 4]));
    assert_eq!(property("<date>2024-07-29T10:00:00Z</date>"), "2024-07-29T10:00:00Z".into());
    let within =
        Value::dictionary([("a", Value::array([Value::dictionary([("b", 1)]), Value::array([0; 0])]))]);
    assert_eq!(
        property(
            "<dict><key>a</key><array><dict><key>b</key><integer>1</integer></dict><array/></array></dict>"
        ),
        within
    );
}

#[test]
fn what_is_no_property_is_told_apart() {
    let archive = open("apple_silicon.xml");
    let machine = &archive.entries[1];
    assert_eq!((&*machine.name, &*machine.class, machine.depth), ("J413AP", "IOPlatformExpertDevice", 1));
    assert_eq!((machine.id, machine.retains), (Some(0x100000101), Some(39)));
    let service = machine.service.unwrap();
    assert_eq!(
        (service.state, service.busy, service.busy_time),
        (30, 0, Duration::from_nanos(5_230_100_200))
    );
    assert!(
        machine
            .properties
            .keys()
            .all(|key| !key.starts_with("IORegistryEntry") && !key.starts_with("IOObject"))
    );
    assert!(archive.entries[0].service.is_none());
    assert!(
        archive
            .entries
            .iter()
            .any(|entry| entry.conforms_to("IOUserClient") && *entry.class != *"IOUserClient")
    );
    let going = archive.entries.iter().find(|entry| *entry.name == *"going").unwrap();
    assert!(going.service.unwrap().is(ArchivedService::INACTIVE));
}

#[test]
fn children_come_after_their_parents_wherever_the_file_has_them() {
    let child = "<dict><key>IOObjectClass</key><string>B</string><key>IORegistryEntryName</key><string>b</string></dict>";
    let children = format!("<key>IORegistryEntryChildren</key><array>{child}{child}</array>");
    let file = list("").replace(NAME, &format!("{children}{NAME}"));
    let archive = Archive::from_plist(file.as_bytes()).unwrap();
    let names: Vec<(u32, &str)> = archive.entries.iter().map(|entry| (entry.depth, &*entry.name)).collect();
    assert_eq!(names, [(0, "Root"), (1, "b"), (1, "b")]);
    // With -r -t a parent has its one child as it is.
    let one =
        Archive::from_plist(list(&format!("<key>IORegistryEntryChildren</key>{child}")).as_bytes()).unwrap();
    assert_eq!(one.entries.len(), 2);
    // With -r there is an array of trees.
    let several = format!("<plist><array>{child}{child}</array></plist>");
    let several = Archive::from_plist(several.as_bytes()).unwrap();
    assert!(
        several.entries.iter().all(|entry| entry.depth == 0 && *entry.name == *"b")
            && several.entries.len() == 2
    );
}

#[test]
fn whatever_it_is_it_is_recognised() {
    for name in ["apple_silicon.xml", "intel.bplist", "intel.txt"] {
        let bytes = std::fs::read(sample(name)).unwrap();
        let archive = open(name);
        assert_eq!(Archive::read(&*bytes).unwrap(), archive);
        if !name.ends_with("txt") {
            assert_eq!(Archive::from_plist(&bytes).unwrap(), archive);
        }
    }
    assert_eq!(open("intel.txt").plane, "IOService");
    assert_eq!(open("apple_silicon.dt.txt").in_plane("IODeviceTree").plane, "IODeviceTree");
}

#[test]
fn both_kinds_of_property_list_have_the_same_in_them() {
    for name in ["apple_silicon.xml", "intel.bplist"] {
        let archive = open(name);
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        archive.write_xml(&mut xml).unwrap();
        archive.write_binary(&mut binary).unwrap();
        assert!(xml.starts_with(b"<?xml") && binary.starts_with(b"bplist00"));
        assert_eq!(Archive::from_plist(&xml).unwrap(), archive);
        assert_eq!(Archive::from_plist(&binary).unwrap(), archive);
    }
}
