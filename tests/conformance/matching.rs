//! Finding services, by every key: MT-1 … MT-20. And OC-20.

use crate::steps::{UNKNOWN, children, drain, id, name, references, release, service};
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
    let fish = Matching::class("Fish");
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
    let built_in = ["Simulated1,1", "IOResources", "IOUserResources"];
    assert_eq!(by_class(&kernel, "IOService"), [&built_in[..], &ANIMALS].concat());

    let safe = Service::all(&kernel, &Matching::class("Animal")).unwrap();
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
    assert_eq!(find(&world.kernel(), &empty).len(), 8);
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
            "OSObject" | "IORegistryEntry" => assert_eq!(found.len(), 8),
            _ => assert_eq!(found, [""; 0], "{class:?}"),
        }
    }
}

#[test]
fn mt_08_a_class_that_is_no_string_is_ignored() {
    let world = World::boot("family");
    let kernel = world.kernel();
    for value in [Value::from(5u32), Value::array(["Cat"])] {
        assert_eq!(find(&kernel, &query("IOProviderClass", value)).len(), 8);
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
    assert_eq!(find(&kernel, &query("IORegistryEntryID", "dog 4")).len(), 8, "no number is no key");
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
}

/// A query for one key.
fn by(kernel: &Kernel, key: &str, value: impl Into<Value>) -> Vec<String> {
    find(kernel, &query(key, value))
}

const NONE: [&str; 0] = [];

// ---- MT-10 … MT-15: keys about the service ----

#[test]
fn mt_10_a_location_is_the_global_one_and_compared_as_text() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    assert_eq!(by(&kernel, "IOLocationMatch", "1"), ["Hub"]);
    assert_eq!(by(&kernel, "IOLocationMatch", "1,0"), ["Disk"]);
    for location in ["2", "01", "1,00", ""] {
        assert_eq!(by(&kernel, "IOLocationMatch", location), NONE, "{location:?}");
    }
    assert_eq!(by(&kernel, "IOLocationMatch", 1u32).len(), 12, "no string is no key");
}

#[test]
fn mt_10_a_location_that_is_a_dictionary_is_matched_with_a_device_of_the_platform() {
    let world = World::boot("names");
    let kernel = world.kernel();
    let at = |location: Value| {
        let matching =
            Value::dictionary([("IONameMatch", "on the platform".into()), ("IOLocationMatch", location)]);
        find(&kernel, &matching)
    };
    assert_eq!(at(query("IONameMatch", "platform device")), ["on the platform"]);
    assert_eq!(at(Value::dictionary::<&str, Value>([])), ["on the platform"]);
    assert_eq!(at(query("IONameMatch", "something else")), NONE);
    let apart = Value::dictionary([
        ("IONameMatch", Value::from("thing")),
        ("IOLocationMatch", Value::dictionary::<&str, Value>([])),
    ]);
    assert_eq!(find(&kernel, &apart), NONE, "no device of the platform is above it");
}

#[test]
fn mt_11_all_properties_of_a_dictionary_must_be_there_and_equal() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let both = ["Disk", "Twin"];
    let has = |entries: &[(&str, Value)]| {
        by(&kernel, "IOPropertyMatch", Value::dictionary(entries.iter().cloned()))
    };
    assert_eq!(has(&[("Text", "abc".into()), ("Flag", true.into())]), both);
    assert_eq!(has(&[("Text", "abc".into()), ("Flag", false.into())]), NONE);
    assert_eq!(has(&[("Text", "abc".into()), ("Missing", true.into())]), NONE);
    assert_eq!(has(&[]).len(), 12, "nothing is asked of anybody");
    let nested = |entries: &[(&str, u32)]| has(&[("Nested", Value::dictionary(entries.iter().copied()))]);
    assert_eq!(nested(&[("b", 2), ("a", 1)]), both);
    assert_eq!(nested(&[("a", 1)]), NONE, "a dictionary within is equal in full, or not");
}

#[test]
fn mt_11_what_is_there_for_users_comes_before_the_rest() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let has = |key, value: &str| by(&kernel, "IOPropertyMatch", query(key, value));
    assert_eq!(has("Text", "its own"), NONE);
    assert_eq!(by(&kernel, "IOPropertyMatch", query("Rest", 1u32)), ["Twin"]);
    assert_eq!(by(&kernel, "IOPropertyExistsMatch", "Rest"), ["Twin"]);
    assert_eq!(by(&kernel, "IOPropertyExistsMatch", "Text"), ["Disk", "Twin"]);
}

#[test]
fn mt_11_any_of_several_dictionaries_will_do_up_to_the_first_that_is_none() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let (ports, order, wrong) = (query("Ports", 4u32), query("Order", 1u32), query("Order", 2u32));
    let any =
        |members: &[&Value]| by(&kernel, "IOPropertyMatch", Value::array(members.iter().copied().cloned()));
    assert_eq!(any(&[&wrong, &ports, &order]), ["Hub", "Slice"]);
    assert_eq!(any(&[&ports, &"x".into(), &order]), ["Hub"]);
    assert_eq!(any(&[]), NONE);
    assert_eq!(by(&kernel, "IOPropertyMatch", Value::set([wrong, order])), ["Slice"]);
    for value in [Value::from("Ports"), Value::from(4u32), Value::from(true), Value::data(b"Ports")] {
        assert_eq!(by(&kernel, "IOPropertyMatch", value), NONE);
    }
}

#[test]
fn mt_11_any_of_several_properties_is_enough_to_exist() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let exists = |keys: Value| by(&kernel, "IOPropertyExistsMatch", keys);
    assert_eq!(exists("Ports".into()), ["Hub"]);
    assert_eq!(exists(Value::array(["Missing", "Order"])), ["Slice"]);
    assert_eq!(exists(Value::array([Value::from("Missing"), 5.into(), "Order".into()])), NONE);
    assert_eq!(exists(Value::set(["Ports", "Order"])), ["Hub", "Slice"]);
    assert_eq!(exists(Value::dictionary([("Ports", 9)])), ["Hub"], "by its keys");
    assert_eq!(exists(5.into()), NONE);
    assert_eq!(exists("Missing".into()), NONE);
}

#[test]
fn pr_13_the_services_property_is_the_receiver_of_a_property_match() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let (both, has) =
        (["Disk", "Twin"], |key, value: Value| by(&kernel, "IOPropertyMatch", query(key, value)));
    assert_eq!(has("Bytes", "abc".into()), both);
    assert_eq!(has("Text", Value::data(b"abc")), NONE);
    assert_eq!(has("Text", Value::data(b"abc\0")), both);
    assert_eq!(has("Number", 255u64.into()), both, "by value, whatever the width");
    assert_eq!(has("Number", 255.9.into()), both);
    assert_eq!(has("Number", 256u64.into()), NONE);
    assert_eq!(has("List", Value::array([2u32, 1])), NONE);
    assert_eq!(has("List", Value::array([1u64, 2])), both);
    assert_eq!(has("Flag", 1u32.into()), NONE);
}

#[test]
fn mt_12_a_path_is_looked_up() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let at = |path: &str| by(&kernel, "IOPathMatch", path);
    assert_eq!(at("IOService:/Hub"), ["Hub"]);
    assert_eq!(at("IOService:/Hub/Disk@2/Slice"), ["Slice"]);
    assert_eq!(at("IOService:/"), ["Simulated1,1"]);
    for path in ["", "Hub", "IOService:/Hub/", "IOService:/Slice", "Nowhere:/Hub", "nowhere"] {
        assert_eq!(at(path), NONE, "{path:?}");
    }
    assert_eq!(by(&kernel, "IOPathMatch", 5).len(), 12, "no string is no key");
}

#[test]
fn mt_12_a_services_own_path_counts_where_properties_are_looked_at() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let with = |key, value: Value, path: &str| {
        find(&kernel, &Value::dictionary([(key, value), ("IOPathMatch", path.into())]))
    };
    assert_eq!(with("IOPropertyExistsMatch", "IOPath".into(), "nowhere"), ["Volume"]);
    assert_eq!(with("IOPropertyMatch", Value::dictionary::<&str, Value>([]), "nowhere"), ["Volume"]);
    assert_eq!(with("IOPropertyExistsMatch", "Ports".into(), "nowhere"), NONE);
    assert_eq!(with("IOProviderClass", "Volume".into(), "nowhere"), NONE);
    assert_eq!(with("IOPropertyExistsMatch", "Ports".into(), "IOService:/Hub"), ["Hub"]);
}

#[test]
fn mt_14_clients_are_counted_that_are_active_and_have_a_category() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let count = |class: &str, count: Value| {
        let entries = [("IOProviderClass", class.into()), ("IOMatchedServiceCountMatch", count)];
        find(&kernel, &Value::dictionary(entries)).len()
    };
    let slice = service(&kernel, "Slice");
    assert_eq!([0u32, 1, 2].map(|number| count("Slice", number.into())), [0, 1, 0]);
    assert_eq!([0u32, 1].map(|number| count("Disk", number.into())), [1, 0], "its client has none");
    assert_eq!(count("Disk", (1u64 << 32).into()), 1, "32 bits are compared");
    assert_eq!(count("Disk", "0".into()), 1, "no number is no key");
    assert_eq!(world.command("categorize", &[id(&kernel, slice)]), 1);
    assert_eq!(count("Disk", 1u32.into()), 1);
    let volume = service(&kernel, "Volume");
    world.command("start_matching", &[id(&kernel, volume)]);
    world.command("terminate", &[id(&kernel, volume)]);
    assert_eq!(count("Slice", 0u32.into()), 1, "it is attached still, and counts no more");
    world.command("finish_matching", &[]);
    release(&kernel, volume);
    release(&kernel, slice);
}

#[test]
fn mt_15_the_keys_of_bsd_are_the_services_properties_and_the_query_is_the_receiver() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let both = ["Disk", "Twin"];
    assert_eq!(
        find(&kernel, &kernel.io_bsd_name_matching(MAIN_PORT_DEFAULT, 0, Some(c"disk0")).unwrap()),
        both
    );
    assert_eq!(by(&kernel, "BSD Name", "disk1"), NONE);
    assert_eq!(by(&kernel, "BSD Name", "disk"), NONE);
    // Data equals a string of the same bytes, if it is the receiver.
    assert_eq!(by(&kernel, "BSD Name", Value::data(b"disk0")), both);
    for (key, number) in [("BSD Major", 1u64), ("BSD Minor", 5), ("BSD Unit", 0)] {
        assert_eq!(by(&kernel, key, number), both, "{key}");
        assert_eq!(by(&kernel, key, number + 1), NONE, "{key}");
    }
    let all = [("BSD Name", Value::from("disk0")), ("BSD Major", 1.into()), ("BSD Unit", 7.into())];
    assert_eq!(find(&kernel, &Value::dictionary(all)), NONE);
}

// ---- MT-16: families ----

#[test]
fn mt_16_a_family_is_asked_about_keys_that_are_left_and_no_others() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    world.command("plug_picky", &[]);
    let cameras = |key: &str, value: Value| {
        find(&kernel, &Value::dictionary([("IOProviderClass", Value::from("Camera")), (key, value)])).len()
    };
    let asked = || world.command("asked", &[]);
    assert_eq!(cameras("IONameMatch", "Camera".into()), 1);
    assert_eq!(asked(), 0, "every key is the kernel's own");
    assert_eq!(cameras("Wheels", 3u32.into()), 0);
    assert_eq!(cameras("Wheels", 4u32.into()), 1);
    assert_eq!(asked(), 4, "each look-up asked once");
    assert_eq!(cameras("Colour", "red".into()), 1);
    let wrong = Value::dictionary([("IONameMatch", "Bus"), ("IOProviderClass", "Camera"), ("Colour", "red")]);
    let before = asked();
    assert_eq!(find(&kernel, &wrong), NONE);
    assert_eq!(asked(), before, "what the kernel reads decides first");
}

#[test]
fn mt_16_a_family_that_panics_says_no() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    world.command("plug_reckless", &[]);
    let matching = Value::dictionary([("IOProviderClass", "Camera"), ("Colour", "red")]);
    assert_eq!(kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching)), NULL);
    assert_eq!(world.misuses(), ["a driver panicked in matchPropertyTable"]);
    assert_eq!(by_class(&kernel, "Camera"), ["Camera"]);
    drop(world.unchecked());
}

#[test]
fn mt_16_resources_must_all_be_there() {
    let world = World::boot("names");
    let kernel = world.kernel();
    let resources = |class: &str, key: &str, value: Value| {
        find(&kernel, &Value::dictionary([("IOProviderClass", class.into()), (key, value)])).len()
    };
    let of = |value: Value| resources("IOResources", "IOResourceMatch", value);
    assert_eq!(of("Resource 1".into()), 0);
    world.command("publish_resource", &[1]);
    assert_eq!(of("Resource 1".into()), 1);
    assert_eq!(of(Value::array(["Resource 1", "Resource 2"])), 0);
    world.command("publish_resource", &[2]);
    for names in [Value::array(["Resource 1", "Resource 2"]), Value::set(["Resource 2"])] {
        assert_eq!(of(names), 1);
    }
    assert_eq!(of(Value::dictionary([("Resource 1", 0), ("Resource 2", 0)])), 1);
    assert_eq!(of(Value::array([Value::from("Resource 1"), 5.into()])), 0, "all of them");
    assert_eq!(of(5.into()), 0);
    assert_eq!(of(Value::array::<Value>([])), 1);
    assert_eq!(resources("IOUserResources", "IOResourceMatch", "Resource 1".into()), 0, "another object");
    assert_eq!(resources("Plain", "IOResourceMatch", "Nothing".into()), 1, "nothing to other services");
}

#[test]
fn mt_16_the_list_of_matched_resources_is_not_for_tasks() {
    let world = World::boot("names");
    let kernel = world.kernel();
    world.command("publish_resource", &[1]);
    let resources = service(&kernel, "IOResources");
    let matched = kernel.io_registry_entry_create_cf_property(resources, c"IOResourceMatched").unwrap();
    assert!(matched.as_array().unwrap().contains(&"Resource 1".into()));
    let of = |entries: &[(&str, &str)]| {
        let class = [("IOProviderClass", "IOResources")];
        find(&kernel, &Value::dictionary(class.iter().chain(entries).copied())).len()
    };
    assert_eq!(of(&[("IOResourceMatched", "Resource 1")]), 0, "a string is no symbol");
    // The other key comes first.
    assert_eq!(of(&[("IOResourceMatched", "Resource 1"), ("IOResourceMatch", "Resource 1")]), 1);
    release(&kernel, resources);
}

// ---- MT-17: services above ----

/// The services of a class below one that matches.
fn below(kernel: &Kernel, class: &str, parent: Value) -> Vec<String> {
    find(kernel, &Value::dictionary([("IOProviderClass", Value::from(class)), ("IOParentMatch", parent)]))
}

#[test]
fn mt_17_some_service_above_must_match() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let class = |class: &str| query("IOProviderClass", class);
    for parent in ["Slice", "Disk", "Hub", "IOPlatformExpertDevice", "IOService"] {
        assert_eq!(below(&kernel, "Volume", class(parent)), ["Volume"], "{parent}");
    }
    for parent in ["Volume", "Twin", "Fish"] {
        assert_eq!(below(&kernel, "Volume", class(parent)), NONE, "{parent}");
    }
    assert_eq!(below(&kernel, "Hub", query("IONameMatch", "Root")), NONE, "the root is no service");
    assert_eq!(below(&kernel, "Volume", query("IOPropertyMatch", query("Ports", 4))), ["Volume"]);
    assert_eq!(below(&kernel, "Volume", Value::from("Disk")), ["Volume"], "no dictionary is no key");
    let below_disk = find(&kernel, &query("IOParentMatch", class("Disk")));
    assert_eq!(below_disk, ["Slice", "Volume", "Alias"]);
}

#[test]
fn mt_17_what_is_above_may_have_to_be_below_another() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let chain = |middle: &str, top: &str| {
        let top = query("IOProviderClass", top);
        Value::dictionary([("IOProviderClass", Value::from(middle)), ("IOParentMatch", top)])
    };
    assert_eq!(below(&kernel, "Volume", chain("Disk", "Hub")), ["Volume"]);
    assert_eq!(below(&kernel, "Volume", chain("Hub", "Disk")), NONE);
    // The nearest that matches is not the one that is below a disk's hub.
    assert_eq!(below(&kernel, "Volume", chain("IOService", "Hub")), ["Volume"]);
}

#[test]
fn mt_17_what_is_above_needs_no_state() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    let hidden = world.command("attach", &[0]);
    world.command("plug_below", &[hidden, 1]);
    assert_eq!(by_class(&kernel, "Device"), ["Camera"]);
    assert_eq!(below(&kernel, "Camera", query("IORegistryEntryID", hidden)), ["Camera"]);
}

#[test]
fn mt_17a_a_service_can_name_another_whose_parents_count_too() {
    let world = World::boot("matches");
    let kernel = world.kernel();
    let class = |class: &str| query("IOProviderClass", class);
    for parent in ["Apart", "Slice", "Disk", "Hub"] {
        assert_eq!(below(&kernel, "Alias", class(parent)), ["Alias"], "{parent}");
    }
    assert_eq!(below(&kernel, "Alias", class("Volume")), NONE);
    assert_eq!(below(&kernel, "Wanderer", class("Fish")), NONE, "two that name each other are no way up");
    // Before the named service is matched it does not count.
    let slice = service(&kernel, "Slice");
    world.command("terminate", &[id(&kernel, slice)]);
    assert_eq!(below(&kernel, "Alias", class("Hub")), NONE);
    release(&kernel, slice);
}

// ---- MT-18, MT-19 ----

#[test]
fn mt_18_keys_of_drivers_mean_nothing_in_a_query() {
    let world = World::boot("family");
    let kernel = world.kernel();
    for key in ["IOProbeScore", "IOMatchCategory", "IOClass", "IOUserClass", "CFBundleIdentifier"] {
        assert_eq!(find(&kernel, &query(key, "x")).len(), 8, "{key}");
        assert_eq!(find(&kernel, &query(key, 5)).len(), 8, "{key}");
    }
}

/// What a service says to a query.
fn asked(kernel: &Kernel, service: PortName, matching: &Value) -> Result<bool, IoReturn> {
    let answers = [true, false].map(|before| {
        let mut answer = before;
        let code = kernel.io_service_match_property_table(service, Some(matching), &mut answer);
        if code.is_success() { Ok(answer) } else { Err(code) }
    });
    assert_eq!(answers[0], answers[1]);
    answers[0]
}

#[test]
fn mt_19_a_service_is_asked_whatever_it_has_come_to() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    let bus = service(&kernel, "Bus");
    let hidden = world.command("attach", &[1]);
    let [camera] = children(&kernel, bus)[..] else { panic!("one device is attached") };
    let device = query("IOProviderClass", "Device");
    assert_eq!(find(&kernel, &device), NONE);
    assert_eq!(asked(&kernel, camera, &device), Ok(true));
    assert_eq!(asked(&kernel, bus, &device), Ok(false));
    assert_eq!(asked(&kernel, camera, &query("IORegistryEntryID", hidden)), Ok(true));
    assert_eq!(asked(&kernel, camera, &query("IOParentMatch", query("IOProviderClass", "Bus"))), Ok(true));
    assert_eq!(asked(&kernel, camera, &query("IOPropertyMatch", query("Number", 1))), Ok(false));
    release(&kernel, camera);
    release(&kernel, bus);
}

#[test]
fn mt_19_what_is_no_service_is_a_bad_argument() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    let any = Value::dictionary::<&str, Value>([]);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    let bus = service(&kernel, "Bus");
    assert_eq!(asked(&kernel, root, &any), Err(IoReturn::BAD_ARGUMENT));
    assert_eq!(asked(&kernel, kernel.mach_task_self(), &any), Err(IoReturn::BAD_ARGUMENT));
    assert_eq!(asked(&kernel, NULL, &any), Err(IoReturn::MACH_SEND_INVALID_DEST));
    assert_eq!(asked(&kernel, bus, &"Bus".into()), Err(IoReturn::BAD_ARGUMENT), "no dictionary");
    let none = kernel.io_service_match_property_table(bus, None, &mut true);
    assert_eq!(none, IoReturn::BAD_ARGUMENT);
    assert_eq!(asked(&kernel, bus, &any), Ok(true));
    release(&kernel, bus);
    release(&kernel, root);
}

// ---- OC-20 ----

#[test]
fn oc_20_a_probe_is_for_the_service_to_make() {
    let world = World::boot("hotplug");
    let kernel = world.kernel();
    let bus = service(&kernel, "Bus");
    assert_eq!(kernel.io_service_request_probe(bus, 0), IoReturn::UNSUPPORTED);
    world.command("plug_probed", &[]);
    let camera = service(&kernel, "Camera");
    assert_eq!(kernel.io_service_request_probe(camera, 7), IoReturn::SUCCESS);
    assert_eq!(kernel.io_service_request_probe(camera, 8), IoReturn::BUSY);
    assert_eq!(world.command("probed", &[]), 15);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(kernel.io_service_request_probe(root, 0), IoReturn::BAD_ARGUMENT);
    for name in [bus, camera, root] {
        release(&kernel, name);
    }
}

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
    assert_eq!(Matching::class("Cat").value(), Ok(&query("IOProviderClass", "Cat")));
    assert_eq!(Matching::name("cat").value(), Ok(&query("IONameMatch", "cat")));
    assert_eq!(Matching::class("a\0b").value().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
    assert_eq!(Matching::name(&"n".repeat(128)).value().unwrap_err().code(), IoReturn::BAD_ARGUMENT);
    assert!(Matching::name(&"n".repeat(127)).value().is_ok());
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
