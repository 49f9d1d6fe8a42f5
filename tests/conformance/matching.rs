//! Finding services: MT-1 … MT-9, MT-13, MT-16, MT-20, and the keys that are not simulated yet.

use crate::steps::{UNKNOWN, drain, id, name, references, release, service};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel, Matching, Service, Value};
use std::ffi::CString;

/// The names of all services that match, in order.
fn find(kernel: &Kernel, matching: &Value) -> Vec<String> {
    let mut iterator = UNKNOWN;
    let code = kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, Some(matching), &mut iterator);
    assert_eq!(code, IoReturn::SUCCESS);
    let first = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(matching));
    if iterator == NULL {
        assert_eq!(first, NULL);
        return Vec::new();
    }
    let found = drain(kernel, iterator);
    // The call for one gives the first of them.
    assert_eq!(first, found[0]);
    release(kernel, first);
    let name_of = |service| {
        let name = name(kernel, service);
        release(kernel, service);
        name
    };
    found.into_iter().map(name_of).collect()
}

fn query<V: Into<Value>>(key: &str, value: V) -> Value {
    Value::dictionary([(key, value)])
}

fn by_class(kernel: &Kernel, class: &str) -> Vec<String> {
    find(kernel, &query("IOProviderClass", class))
}

fn by_name(kernel: &Kernel, name: impl Into<Value>) -> Vec<String> {
    find(kernel, &query("IONameMatch", name))
}

const ANIMALS: [&str; 5] = ["cat 1", "cat 5", "animal 2", "puppy 3", "dog 4"];

/// The number of an animal, by name.
fn animal(kernel: &Kernel, name: &str) -> u64 {
    let matching = query("IONameMatch", name);
    let service = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
    let id = id(kernel, service);
    release(kernel, service);
    id
}

// ---- MT-1 … MT-4 ----

#[test]
fn mt_01_a_service_that_has_not_registered_is_not_found() {
    let world = World::boot("family");
    let cat = world.command("attach_cat", &[]);
    assert_eq!(by_class(&world.kernel(), "Animal"), ANIMALS);
    assert_eq!(find(&world.kernel(), &query("IORegistryEntryID", cat)), [""; 0]);
}

#[test]
fn mt_01_a_terminated_service_is_not_found() {
    let world = World::boot("family");
    let kernel = world.kernel();
    world.command("terminate", &[animal(&kernel, "cat 1")]);
    assert_eq!(by_class(&kernel, "Cat"), ["cat 5"]);
    world.command("terminate", &[animal(&kernel, "cat 5")]);
    assert_eq!(by_class(&kernel, "Cat"), [""; 0]);
}

#[test]
fn mt_02_a_service_is_found_when_its_first_round_has_ended_and_through_later_ones() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let cat = world.command("attach_cat", &[]);
    world.command("start_matching", &[cat]);
    assert_eq!(by_class(&kernel, "Cat"), ["cat 1", "cat 5"]);
    assert_eq!(world.command("busy", &[cat]), 1);
    world.command("finish_matching", &[]);
    assert_eq!(by_class(&kernel, "Cat"), ["cat 1", "cat 5", "a cat"]);
    assert_eq!(world.command("busy", &[cat]), 0);

    world.command("start_matching", &[cat]);
    assert_eq!(by_class(&kernel, "Cat"), ["cat 1", "cat 5", "a cat"]);
    world.command("finish_matching", &[]);
}

#[test]
fn mt_03_no_match_is_success_without_an_iterator() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let matching = query("IOProviderClass", "Fish");
    let mut iterator = UNKNOWN;
    let code = kernel.io_service_get_matching_services(MAIN_PORT_DEFAULT, Some(&matching), &mut iterator);
    assert_eq!((code, iterator), (IoReturn::SUCCESS, NULL));
    assert_eq!(kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching)), NULL);
}

#[test]
fn mt_03_the_safe_api_finds_nothing_or_says_what_it_looked_for() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let fish = Matching::class("Fish").unwrap();
    assert!(Service::first(&kernel, &fish).unwrap().is_none());
    assert_eq!(Service::all(&kernel, &fish).unwrap().count(), 0);
    let error = Service::expect_first(&kernel, &fish).unwrap_err();
    assert_eq!(error.code(), IoReturn::NOT_FOUND);
    assert!(error.to_string().contains("IOProviderClass `Fish`"), "{error}");
}

/// The code and the iterator of a call with the service's name for the main port, or the default.
fn outcome(kernel: &Kernel, main_port: PortName, matching: Option<&Value>) -> (IoReturn, PortName) {
    let mut iterator = UNKNOWN;
    let code = kernel.io_service_get_matching_services(main_port, matching, &mut iterator);
    assert_eq!(kernel.io_service_get_matching_service(main_port, matching), NULL);
    (code, iterator)
}

#[test]
fn mt_04_the_query_must_be_a_dictionary() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let bad = (IoReturn::BAD_ARGUMENT, UNKNOWN);
    assert_eq!(outcome(&kernel, MAIN_PORT_DEFAULT, None), bad);
    for value in [Value::from("Cat"), Value::from(true), Value::array(["Cat"])] {
        assert_eq!(outcome(&kernel, MAIN_PORT_DEFAULT, Some(&value)), bad, "{value:?}");
    }
}

#[test]
fn mt_04_the_main_port_must_be_the_main_port() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let cat = service(&kernel, "Cat");
    let refused = (IoReturn::NOT_PRIVILEGED, UNKNOWN);
    let matching = query("IOProviderClass", "Cat");
    for port in [cat, kernel.mach_task_self()] {
        assert_eq!(outcome(&kernel, port, Some(&matching)), refused);
        // The kernel looks at the port, the library at a missing dictionary before that.
        assert_eq!(outcome(&kernel, port, None), (IoReturn::BAD_ARGUMENT, UNKNOWN));
        assert_eq!(kernel.io_registry_get_root_entry(port), NULL);
    }
    release(&kernel, cat);
}

// ---- MT-5 … MT-7 ----

#[test]
fn mt_05_matches_come_in_the_order_of_the_class_tree() {
    let world = World::boot("family");
    let kernel = world.kernel();
    assert_eq!(by_class(&kernel, "Animal"), ANIMALS);
    assert_eq!(by_class(&kernel, "Dog"), ["puppy 3", "dog 4"]);
    let built_in = ["Simulated1,1", "IOResources"];
    assert_eq!(by_class(&kernel, "IOService"), [&built_in[..], &ANIMALS].concat());

    let safe = Service::all(&kernel, &Matching::class("Animal").unwrap()).unwrap();
    assert_eq!(safe.map(|service| service.name().unwrap()).collect::<Vec<_>>(), ANIMALS);
}

#[test]
fn mt_05_registering_again_moves_nothing() {
    let world = World::boot("family");
    let kernel = world.kernel();
    world.command("start_matching", &[animal(&kernel, "cat 1")]);
    world.command("finish_matching", &[]);
    assert_eq!(by_class(&kernel, "Animal"), ANIMALS);
}

#[test]
fn mt_05_a_class_without_instances_loses_its_place() {
    let world = World::boot("family");
    let kernel = world.kernel();
    for cat in ["cat 1", "cat 5"] {
        world.command("terminate", &[animal(&kernel, cat)]);
    }
    world.command("publish_cat", &[]);
    assert_eq!(by_class(&kernel, "Animal"), ["animal 2", "puppy 3", "dog 4", "another cat"]);

    // So does every class above it that has no other instance; `Animal` has.
    world.command("terminate", &[animal(&kernel, "puppy 3")]);
    world.command("terminate", &[animal(&kernel, "dog 4")]);
    world.command("publish_dog", &[]);
    assert_eq!(by_class(&kernel, "Animal"), ["animal 2", "another cat", "another dog"]);
}

#[test]
fn mt_05_a_terminated_instance_keeps_the_place_of_its_class_until_it_is_detached() {
    let world = World::boot("family");
    let kernel = world.kernel();
    world.command("terminate", &[animal(&kernel, "cat 5")]);
    let cat = animal(&kernel, "cat 1");
    // A matching round puts the end of a termination off (TERM-8).
    world.command("start_matching", &[cat]);
    world.command("terminate", &[cat]);
    assert_eq!(by_class(&kernel, "Cat"), [""; 0]);
    world.command("publish_cat", &[]);
    assert_eq!(by_class(&kernel, "Animal"), ["another cat", "animal 2", "puppy 3", "dog 4"]);
    world.command("finish_matching", &[]);
    assert_eq!(by_class(&kernel, "Animal"), ["another cat", "animal 2", "puppy 3", "dog 4"]);
}

#[test]
fn mt_06_an_empty_dictionary_matches_every_service() {
    let world = World::boot("family");
    world.command("attach_cat", &[]);
    let empty = Value::dictionary::<&str, Value>([]);
    assert_eq!(find(&world.kernel(), &empty), by_class(&world.kernel(), "IOService"));
    assert_eq!(find(&world.kernel(), &empty).len(), 7);
}

#[test]
fn mt_07_io_resources_is_one_object() {
    let world = World::boot("names");
    let kernel = world.kernel();
    assert_eq!(by_class(&kernel, "IOResources"), ["IOResources"]);
    assert_eq!(by_class(&kernel, "MoreResources"), ["MoreResources"]);
    let named = |name| Value::dictionary([("IOProviderClass", "IOResources"), ("IONameMatch", name)]);
    assert_eq!(find(&kernel, &named("IOResources")), ["IOResources"]);
    assert_eq!(find(&kernel, &named("MoreResources")), [""; 0]);
}

// ---- MT-8, MT-9, MT-13, MT-16 ----

#[test]
fn mt_08_the_class_is_the_services_own_or_one_above() {
    let world = World::boot("family");
    let kernel = world.kernel();
    assert_eq!(by_class(&kernel, "Puppy"), ["puppy 3"]);
    for class in ["Fish", "", "cat", "Ca", "OSObject", "IORegistryEntry"] {
        let found = by_class(&kernel, class);
        match class {
            // Lists of instances hang together up to the root of the class tree.
            "OSObject" | "IORegistryEntry" => assert_eq!(found.len(), 7),
            _ => assert_eq!(found, [""; 0], "{class:?}"),
        }
    }
}

#[test]
fn mt_08_a_class_that_is_no_string_is_ignored() {
    let world = World::boot("family");
    let kernel = world.kernel();
    for value in [Value::from(5u32), Value::array(["Cat"])] {
        assert_eq!(find(&kernel, &query("IOProviderClass", value)).len(), 7);
    }
}

#[test]
fn mt_09_a_name_is_the_entrys_or_its_class() {
    let world = World::boot("names");
    let kernel = world.kernel();
    assert_eq!(by_name(&kernel, "thing"), ["thing"]);
    assert_eq!(by_name(&kernel, "Plain"), ["Plain"]);
    for name in ["Named", "thin", "things", "Thing", "thin*", ""] {
        assert_eq!(by_name(&kernel, name), [""; 0], "{name:?}");
    }
}

#[test]
fn pr_07_a_string_ends_at_its_first_nul() {
    let world = World::boot("names");
    let kernel = world.kernel();
    let longer = "Plain\0 and more";
    assert_eq!(by_class(&kernel, longer), ["Plain"]);
    for names in [longer.into(), Value::array([longer]), Value::dictionary([(longer, 1u32)])] {
        assert_eq!(by_name(&kernel, names), ["Plain"]);
    }
}

#[test]
fn mt_09_any_of_several_names_will_do() {
    let world = World::boot("names");
    let kernel = world.kernel();
    let both = ["Plain", "thing"];
    assert_eq!(by_name(&kernel, Value::array(["nothing", "thing"])), ["thing"]);
    assert_eq!(by_name(&kernel, Value::array(["thing", "Plain"])), both);
    assert_eq!(by_name(&kernel, Value::set(["thing", "Plain"])), both);
    assert_eq!(by_name(&kernel, Value::dictionary([("thing", 1u32), ("Plain", 2u32)])), both);
    assert_eq!(by_name(&kernel, Value::array::<Value>([])), [""; 0]);
}

#[test]
fn mt_09_a_collection_is_read_up_to_the_first_that_is_no_string() {
    let world = World::boot("names");
    let kernel = world.kernel();
    assert_eq!(
        by_name(&kernel, Value::array(["thing".into(), Value::from(5u32), "Plain".into()])),
        ["thing"]
    );
    assert_eq!(by_name(&kernel, Value::set([5u32])), [""; 0]);
}

#[test]
fn mt_09_a_name_that_is_neither_string_nor_collection_matches_nothing() {
    let world = World::boot("names");
    let kernel = world.kernel();
    for value in [Value::from(true), Value::from(5u32), Value::data(b"thing")] {
        assert_eq!(by_name(&kernel, value), [""; 0]);
    }
}

#[test]
fn mt_09_a_nub_of_the_device_tree_goes_by_all_names_in_its_properties() {
    let world = World::boot("names");
    let kernel = world.kernel();
    for name in
        ["node", "uart0", "example,uart-2", "example,uart", "serial", "UART", "example*", "uart0*", "*"]
    {
        assert_eq!(by_name(&kernel, name), ["node"], "{name:?}");
    }
    for name in ["uart", "exa", "2*", "example,uart*2", "", "Tree", "no*"] {
        assert_eq!(by_name(&kernel, name), [""; 0], "{name:?}");
    }
    // Another nub with the same properties does not, nor one that has them for users alone.
    assert_eq!(by_name(&kernel, "leaf"), ["leaf"]);
    assert_eq!(by_name(&kernel, "for users"), [""; 0]);
    assert_eq!(by_name(&kernel, "ForUsers"), ["ForUsers"]);
}

#[test]
fn mt_13_the_number_of_the_entry() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let dog = animal(&kernel, "dog 4");
    assert_eq!(find(&kernel, &kernel.io_registry_entry_id_matching(dog).unwrap()), ["dog 4"]);
    assert_eq!(find(&kernel, &query("IORegistryEntryID", dog + 100)), [""; 0]);
    assert_eq!(
        find(&kernel, &query("IORegistryEntryID", dog as u32)),
        [""; 0],
        "by value, whatever the width"
    );
    assert_eq!(find(&kernel, &query("IORegistryEntryID", "dog 4")).len(), 7, "no number is no key");
}

#[test]
fn mt_16_all_keys_must_pass_and_unknown_ones_do() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let cat = |name: &str| {
        Value::dictionary([("IOProviderClass", "Cat"), ("IONameMatch", name), ("Colour", "red")])
    };
    assert_eq!(find(&kernel, &cat("cat 5")), ["cat 5"]);
    assert_eq!(find(&kernel, &cat("dog 4")), [""; 0]);
    // MT-18.
    for key in ["IOProbeScore", "IOMatchCategory", "IOClass", "IOUserClass", "CFBundleIdentifier"] {
        assert_eq!(find(&kernel, &query(key, "x")).len(), 7, "{key}");
    }
}

/// The keys that no service matches yet.
const NOT_MODELLED: [&str; 10] = [
    "IOLocationMatch",
    "IOPropertyMatch",
    "IOPropertyExistsMatch",
    "IOPathMatch",
    "IOMatchedServiceCountMatch",
    "BSD Name",
    "BSD Major",
    "BSD Minor",
    "BSD Unit",
    "IOParentMatch",
];

#[test]
fn mt_16_the_keys_of_resources_are_not_simulated_and_not_passed_over() {
    for key in ["IOResourceMatch", "IOResourceMatched"] {
        let world = World::boot("empty");
        let matching = Value::dictionary([("IOProviderClass", "IOResources"), (key, "NoSuchResource")]);
        let found = world.kernel().io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
        assert_eq!(found, NULL);
        assert_eq!(world.misuses(), [format!("not simulated yet: matching by {key}")]);
        drop(world.unchecked());
    }
}

#[test]
fn keys_that_are_not_simulated_match_nothing_and_are_recorded() {
    for key in NOT_MODELLED {
        let world = World::boot("family");
        let matching = Value::dictionary([("IOProviderClass", "Cat"), (key, "x")]);
        let found = world.kernel().io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
        assert_eq!(found, NULL);
        assert_eq!(world.misuses(), [format!("not simulated yet: matching by {key}")]);
        drop(world.unchecked());
    }
}

// ---- MT-20 ----

#[test]
fn mt_20_the_library_makes_dictionaries() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    let main = MAIN_PORT_DEFAULT;
    assert_eq!(kernel.io_service_matching(Some(c"Cat")), Some(query("IOProviderClass", "Cat")));
    assert_eq!(kernel.io_service_name_matching(Some(c"cat")), Some(query("IONameMatch", "cat")));
    assert_eq!(kernel.io_bsd_name_matching(main, 0, Some(c"disk0")), Some(query("BSD Name", "disk0")));
    assert_eq!(kernel.io_registry_entry_id_matching(u64::MAX), Some(query("IORegistryEntryID", -1i64)));
    assert_eq!(
        kernel.io_open_firmware_path_matching(main, 0, Some(c"/chosen")),
        Some(query("IOPathMatch", "IODeviceTree:/chosen"))
    );
}

#[test]
fn mt_20_no_name_no_dictionary() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    assert_eq!(kernel.io_service_matching(None), None);
    assert_eq!(kernel.io_service_name_matching(None), None);
    assert_eq!(kernel.io_bsd_name_matching(MAIN_PORT_DEFAULT, 0, None), None);
    assert_eq!(kernel.io_open_firmware_path_matching(MAIN_PORT_DEFAULT, 0, None), None);
}

#[test]
fn mt_20_a_path_must_fit_512_bytes_with_its_plane_and_nul() {
    let world = World::boot("empty");
    let kernel = world.kernel();
    let matching = |length| {
        let path = CString::new("/".repeat(length)).unwrap();
        kernel.io_open_firmware_path_matching(MAIN_PORT_DEFAULT, 0, Some(&path))
    };
    let longest = 511 - "IODeviceTree:".len();
    assert!(matching(longest).is_some());
    assert_eq!(matching(longest + 1), None);
}

#[test]
fn mt_20_the_safe_api_makes_the_same_dictionaries() {
    assert_eq!(*Matching::class("Cat").unwrap().as_value(), query("IOProviderClass", "Cat"));
    assert_eq!(*Matching::name("cat").unwrap().as_value(), query("IONameMatch", "cat"));
    assert_eq!(Matching::class("a\0b").unwrap_err().code(), IoReturn::BAD_ARGUMENT);
    assert_eq!(Matching::name(&"n".repeat(128)).unwrap_err().code(), IoReturn::BAD_ARGUMENT);
    assert!(Matching::name(&"n".repeat(127)).is_ok());
}

#[test]
fn matching_leaves_no_references_behind() {
    let world = World::boot("family");
    let kernel = world.kernel();
    let cat = service(&kernel, "Cat");
    find(&kernel, &query("IOProviderClass", "Animal"));
    assert_eq!(references(&kernel, cat), (1, 0));
    release(&kernel, cat);
}
