//! What services are found by.

use super::{Desk, assert_text_is_checked};
use iokit_uc::interface::EntryId;
use iokit_uc::sim::Nub;
use iokit_uc::{Detail, Dictionary, IoReturn, Matching, Service, Value};

impl Desk {
    /// The names of what matches, with their locations.
    fn find(&self, matching: Matching) -> Vec<String> {
        let found = Service::all(&self.kernel, &matching).unwrap();
        found
            .map(|service| {
                assert_eq!(service.matches(&matching), Ok(true));
                match service.location().unwrap() {
                    Some(location) => format!("{}@{location}", service.name().unwrap()),
                    None => service.name().unwrap(),
                }
            })
            .collect()
    }

    /// Three disks.
    fn with_disks() -> Self {
        let desk = Self::new();
        for (name, minor, size) in [("disk0", 0u32, 500u64), ("disk0s1", 1, 100), ("disk1", 2, 500)] {
            let nub = Nub::new("IOMedia").name(name).property("BSD Name", name);
            let nub =
                nub.property("BSD Major", 1u32).property("BSD Minor", minor).property("BSD Unit", minor / 2);
            let nub = nub.property("Size", size);
            desk.machine.publish(if minor == 1 { nub } else { nub.property("Whole", true) });
        }
        desk
    }
}

fn dictionary<V: Into<Value>>(entries: impl IntoIterator<Item = (&'static str, V)>) -> Dictionary {
    entries.into_iter().collect()
}

const KEYBOARDS: [&str; 2] = ["keys@1", "keys@2"];

#[test]
fn by_a_dictionary_made_elsewhere() {
    let desk = Desk::new();
    let dictionary = dictionary([("IOProviderClass", "com_example_Device"), ("IOLocationMatch", "1")]);
    let query = Matching::from(dictionary);
    assert_eq!(query, Matching::class("com_example_Device").location("1"));
    assert_eq!(desk.find(query), ["keys@1"]);
}

#[test]
fn by_class_and_by_what_it_derives_from() {
    let desk = Desk::new();
    assert_eq!(desk.find(Matching::class("com_example_Keyboard")), KEYBOARDS);
    assert_eq!(desk.find(Matching::class("com_example_Device")), KEYBOARDS);
    assert_eq!(desk.find(Matching::name("keys").and_class("com_example_Device")), KEYBOARDS);
    assert_eq!(desk.find(Matching::class("com_example_Unknown")), [""; 0]);
    assert!(desk.find(Matching::any()).len() > 4);
}

#[test]
fn by_one_name_or_any_of_several() {
    let desk = Desk::new();
    assert_eq!(desk.find(Matching::name("light")), ["light"]);
    assert_eq!(desk.find(Matching::class("com_example_Bus").named("light")), [""; 0]);
    assert_eq!(
        desk.find(Matching::class("IOService").any_name(["bus", "lamp", "light"])),
        ["bus@A", "light"]
    );
    assert_eq!(desk.find(Matching::any().any_name([""; 0])), [""; 0]);
}

#[test]
fn by_number_by_path_and_by_location() {
    let desk = Desk::new();
    let id = desk.at("IOService:/bus/keys@2").id().unwrap();
    assert_eq!(desk.find(Matching::entry_id(id)), ["keys@2"]);
    assert_eq!(desk.find(Matching::any().path("IOService:/bus/keys@2")), ["keys@2"]);
    assert_eq!(desk.find(Matching::any().path("IOService:/bus/keys@3")), [""; 0]);
    assert_eq!(desk.find(Matching::any().location("2")), ["keys@2"]);
    assert_eq!(desk.find(Matching::any().location("02")), [""; 0]);
}

#[test]
fn by_a_path_in_the_device_tree() {
    let desk = Desk::new();
    let chip = desk.machine.publish(Nub::new("com_example_Chip").name("chip"));
    let root = EntryId(iokit_uc::RegistryEntry::root(&desk.kernel).unwrap().id().unwrap());
    let board = desk.machine.publish(Nub::new("com_example_Board").name("board"));
    desk.machine.attach_in("IODeviceTree", board, root).unwrap();
    desk.machine.attach_in("IODeviceTree", chip, board).unwrap();
    assert_eq!(desk.find(Matching::open_firmware_path("/chip")), ["chip"]);
    assert_eq!(desk.find(Matching::open_firmware_path("/board")), [""; 0]);
}

#[test]
fn by_properties_all_of_them() {
    let desk = Desk::with_disks();
    let media = || Matching::class("IOMedia");
    assert_eq!(desk.find(media().property("Size", 500)), ["disk0", "disk1"]);
    assert_eq!(desk.find(media().property("Size", 500).property("BSD Unit", 1)), ["disk1"]);
    assert_eq!(desk.find(media().property("Size", 500).property("Size", 500)), ["disk0", "disk1"]);
    assert_eq!(desk.find(media().property("Size", "500")), [""; 0]);
    let properties = dictionary([("Size", Value::from(500)), ("Whole", true.into())]);
    assert_eq!(desk.find(media().properties(properties).property("BSD Minor", 2)), ["disk1"]);
    assert_eq!(desk.find(media().properties(Dictionary::default())).len(), 3);
}

#[test]
fn by_any_of_several_sets_of_properties() {
    let desk = Desk::with_disks();
    let either = [dictionary([("Size", 100), ("BSD Unit", 0)]), dictionary([("BSD Minor", 2)])];
    assert_eq!(desk.find(Matching::any().any_properties(either)), ["disk0s1", "disk1"]);
}

#[test]
fn by_properties_that_there_are() {
    let desk = Desk::with_disks();
    assert_eq!(desk.find(Matching::any().property_exists("Whole")), ["disk0", "disk1"]);
    let either = Matching::any().any_property_exists(["Whole", "idVendor"]);
    let mut found = desk.find(either);
    found.sort();
    assert_eq!(found, ["disk0", "disk1", "keys@1", "keys@2"]);
}

#[test]
fn by_the_numbers_of_the_bsd_side() {
    let desk = Desk::with_disks();
    assert_eq!(desk.find(Matching::bsd_name("disk0s1")), ["disk0s1"]);
    assert_eq!(desk.find(Matching::bsd_name("disk9")), [""; 0]);
    assert_eq!(desk.find(Matching::any().bsd_major(1).bsd_minor(2)), ["disk1"]);
    assert_eq!(desk.find(Matching::any().bsd_unit(0)), ["disk0", "disk0s1"]);
}

#[test]
fn by_what_is_above() {
    let desk = Desk::new();
    let below = |parent| Matching::any().parent(parent);
    let lights = Matching::class("com_example_Light");
    assert_eq!(desk.find(lights.clone().parent(Matching::class("com_example_Bus"))), ["light"]);
    assert_eq!(desk.find(lights.parent(Matching::class("com_example_Light"))), [""; 0]);
    let first = Matching::class("com_example_Keyboard").location("1");
    assert_eq!(desk.find(below(first.parent(Matching::name("bus")))), ["light"]);
}

#[test]
fn by_how_many_drivers_there_are() {
    let desk = Desk::new();
    let driver = |name: &str| {
        let nub =
            Nub::new("com_example_Driver").name(name).property("IOMatchCategory", "IODefaultMatchCategory");
        nub.provider(EntryId(desk.at("IOService:/bus").id().unwrap()))
    };
    desk.machine.attach(driver("one"));
    desk.machine.attach(driver("two"));
    assert_eq!(desk.find(Matching::class("com_example_Bus").client_count(2)), ["bus@A"]);
    assert_eq!(desk.find(Matching::class("com_example_Bus").client_count(1)), [""; 0]);
}

#[test]
fn resources_are_asked_for_all_that_is_wanted() {
    let desk = Desk::new();
    desk.machine.publish_resource("boot-uuid", "x");
    desk.machine.publish_resource("root-device", true);
    let resources = || Matching::class("IOResources");
    assert_eq!(desk.find(resources().resource("boot-uuid")).len(), 1);
    assert_eq!(desk.find(resources().resource("boot-uuid").resource("root-device")).len(), 1);
    let three = resources().resource("boot-uuid").resource("root-device").resource("coffee");
    assert_eq!(desk.find(three), [""; 0]);
}

#[test]
fn a_family_knows_keys_of_its_own() {
    let desk = Desk::new();
    let knows =
        |keys: &Dictionary, _: &mut i64| keys.get("Color").is_none_or(|color| color.as_str() == Some("red"));
    desk.machine.publish(Nub::new("com_example_Car").name("car").on_match(knows));
    let cars = || Matching::class("com_example_Car");
    assert_eq!(desk.find(cars().key("Color", "red")), ["car"]);
    assert_eq!(desk.find(cars().key("Color", "blue")), [""; 0]);
    assert_eq!(desk.find(Matching::class("com_example_Bus").key("Color", "blue")), ["bus@A"]);
}

#[test]
fn a_query_prints_what_it_says() {
    let query = Matching::class("IOMedia").property("Size", 500).bsd_unit(1);
    assert_eq!(
        query.to_string(),
        "IOProviderClass `IOMedia`, IOPropertyMatch {\"Size\": 500u32}, BSD Unit 1u32"
    );
    assert_eq!(query, Matching::any().bsd_unit(1).property("Size", 500).and_class("IOMedia"));
    assert_ne!(query, Matching::class("IOMedia").property("Size", 500));
    assert_eq!(Matching::any().to_string(), "anything");
}

// ---- What is wrong with a query ----

fn flaw(matching: Matching) -> Result<(), iokit_uc::Error> {
    matching.value().map(drop)
}

#[test]
fn texts_are_checked() {
    let any = Matching::any;
    assert_text_is_checked("class name", 127, |text| flaw(Matching::class(text)));
    assert_text_is_checked("class name", 127, |text| flaw(any().and_class(text)));
    assert_text_is_checked("service name", 127, |text| flaw(Matching::name(text)));
    assert_text_is_checked("service name", 127, |text| flaw(any().named(text)));
    assert_text_is_checked("service name", 127, |text| flaw(any().any_name(["a", text])));
    assert_text_is_checked("path", 498, |text| flaw(Matching::open_firmware_path(text)));
    let error = flaw(any().path("/bus")).unwrap_err();
    assert!(error.to_string().starts_with("Matching::path: kIOReturnBadArgument"), "{error}");
}

/// That a text with a NUL, and one that the kernel would not take, are refused, and where that is.
#[track_caller]
fn assert_value_is_checked(at: &str, with: impl Fn(&str) -> Matching) {
    let error = flaw(with("ab\0c")).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().ends_with(&format!("; {at} has a NUL at byte 2")), "{error}");
    let error = flaw(with(&"a".repeat(262_142))).unwrap_err();
    assert_eq!(error, IoReturn::BAD_ARGUMENT);
    assert!(error.to_string().ends_with(" has 262142 bytes, at most 262141 can be passed"), "{error}");
}

#[test]
fn values_are_checked() {
    let any = Matching::any;
    assert_value_is_checked("`BSD Name`: the string", Matching::bsd_name);
    assert_value_is_checked("`IOLocationMatch`: the string", |text| any().location(text));
    assert_value_is_checked("`IOResourceMatch`: the string", |text| any().resource(text));
    assert_value_is_checked("`IOResourceMatch[1]`: the string", |text| any().resource("a").resource(text));
    assert_value_is_checked("`IOPropertyExistsMatch`: the string", |text| any().property_exists(text));
    assert_value_is_checked("`IOPropertyExistsMatch[1]`: the string", |text| {
        any().any_property_exists(["a", text])
    });
    let error = flaw(any().path("a:\0c")).unwrap_err();
    assert!(error.to_string().ends_with("; `IOPathMatch`: the string has a NUL at byte 2"), "{error}");
    assert_value_is_checked("`IOPropertyMatch.a`: the string", |text| any().property("a", text));
    assert_value_is_checked("`IOPropertyMatch.a[0].b`: the string", |text| {
        any().property("a", Value::array([Value::dictionary([("b", text)])]))
    });
    assert_value_is_checked(r#"`IOPropertyMatch["ab\0c"]`: the key"#, |text| any().property(text, 1));
    assert_value_is_checked(r#"`["ab\0c"]`: the key"#, |text| any().key(text, 1));
    assert_value_is_checked(r#"`a["ab\0c"]`: the key"#, |text| {
        any().key("a", Value::dictionary([(text, 1)]))
    });
    let properties = |text: &str| Dictionary::from_iter([("a", 1), (text, 2)]);
    assert_value_is_checked(r#"`IOPropertyMatch["ab\0c"]`: the key"#, |text| {
        any().properties(properties(text))
    });
    assert_value_is_checked(r#"`["ab\0c"]`: the key"#, |text| properties(text).into());
    assert_value_is_checked(r#"`IOPropertyMatch[0]["ab\0c"]`: the key"#, |text| {
        any().any_properties([properties(text)])
    });
    let large = flaw(any().property("a", Value::data(vec![0; 4 << 20]))).unwrap_err();
    assert!(matches!(large.detail(), Some(Detail::Limit { limit: 0x40_0000, .. })), "{large}");
}

#[test]
fn the_first_flaw_is_told_where_the_query_is_used() {
    let desk = Desk::new();
    let flawed = Matching::class("IOMedia").named("a\0b").bsd_name_twice().location("c\0");
    for error in [
        Service::first(&desk.kernel, &flawed).unwrap_err(),
        Service::all(&desk.kernel, &flawed).unwrap_err(),
        Service::expect_first(&desk.kernel, &flawed).unwrap_err(),
        desk.service(Matching::name("bus")).matches(&flawed).unwrap_err(),
        flaw(Matching::any().parent(flawed.clone())).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "Matching::named: kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; \
             the service name has a NUL at byte 1",
        );
    }
}

trait Twice {
    fn bsd_name_twice(self) -> Self;
}

impl Twice for Matching {
    fn bsd_name_twice(self) -> Self {
        self.key("BSD Name", "disk0").key("BSD Name", "disk1")
    }
}

#[test]
fn a_key_has_one_value() {
    let any = Matching::any;
    let properties = || dictionary([("Size", 1)]);
    for (twice, key) in [
        (any().bsd_name_twice(), "BSD Name"),
        (Matching::class("A").and_class("B"), "IOProviderClass"),
        (Matching::name("a").any_name(["a"]), "IONameMatch"),
        (any().property("Size", 1).property("Size", 2), "Size"),
        (any().property("Size", 2).properties(properties()), "Size"),
        (any().property("Size", 1).any_properties([properties()]), "IOPropertyMatch"),
        (any().any_properties([properties()]).property("Size", 1), "IOPropertyMatch"),
        (any().property_exists("a").property_exists("b"), "IOPropertyExistsMatch"),
        (any().parent(Matching::class("A")).parent(Matching::class("B")), "IOParentMatch"),
        (any().location("1").location("2"), "IOLocationMatch"),
        (any().bsd_unit(1).bsd_unit(2), "BSD Unit"),
    ] {
        let error = flaw(twice).unwrap_err();
        assert_eq!(error, IoReturn::BAD_ARGUMENT);
        let text = format!("`{key}` is given two values, of which the kernel would know one");
        assert!(error.to_string().ends_with(&text), "{error}");
    }
    assert_eq!(Matching::class("A").and_class("A"), Matching::class("A"));
}

/// So many arrays, one within the other, around a number.
fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::from(1), |value, _| Value::array([value]))
}

#[test]
#[cfg_attr(miri, ignore = "so many levels take minutes")]
fn a_value_that_is_nested_too_deep_is_refused_with_figures() {
    let any = Matching::any;
    for (levels, build) in [
        (62, Box::new(|value| any().key("a", value)) as Box<dyn Fn(Value) -> Matching>),
        (61, Box::new(|value| any().property("a", value))),
        (61, Box::new(|value| any().properties(dictionary([("a", value)])))),
        (60, Box::new(|value| any().any_properties([dictionary([("a", value)])]))),
        (60, Box::new(|value| any().parent(any().property("a", value)))),
    ] {
        assert_eq!(flaw(build(nested(levels))), Ok(()));
        let error = flaw(build(nested(levels + 1))).unwrap_err();
        assert!(matches!(error.detail(), Some(Detail::Limit { given: 64, limit: 63, .. })), "{error}");
        let error = flaw(build(nested(100_000))).unwrap_err();
        assert!(matches!(error.detail(), Some(Detail::Limit { given: 100_001.., limit: 63, .. })), "{error}");
    }
    // Empty collections do not count.
    assert_eq!(
        flaw(any().key("a", (0..62).fold(Value::array([0; 0]), |value, _| Value::array([value])))),
        Ok(())
    );
    let parents = (0..10_000).fold(any(), |parent, _| any().parent(parent));
    assert!(matches!(flaw(parents).unwrap_err().detail(), Some(Detail::Limit { given: 64, limit: 63, .. })));
}

#[test]
fn a_value_that_shares_its_parts_is_checked_once() {
    let twice = |value: Value, level: u32| match level % 2 {
        0 => Value::array([value.clone(), value]),
        _ => Value::dictionary([("a", value.clone()), ("b", value)]),
    };
    assert_eq!(flaw(Matching::any().key("a", (0..62).fold(Value::from(1), twice))), Ok(()));
    assert!(flaw(Matching::any().key("a", (0..63).fold(Value::from(1), twice))).is_err());
}

#[test]
fn many_keys_are_added_in_their_place() {
    let count = if cfg!(miri) { 50 } else { 5_000 };
    let many = (0..count).fold(Matching::any(), |query, key| query.property(&format!("key {key}"), key));
    let properties = many.value().unwrap().as_dictionary().unwrap().get("IOPropertyMatch").cloned().unwrap();
    assert_eq!(properties.as_dictionary().unwrap().len(), count as usize);
}
