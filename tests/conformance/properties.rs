//! Properties: what is read of them, and what is given to drivers to set (PR-1 … PR-13, OC-19).

use crate::steps::{
    PLANE, UNKNOWN, close, dead_name, id, only_client, release, service, terminate, try_open,
};
use crate::world::World;
use iokit_uc::backend::{Backend, MAIN_PORT_DEFAULT, NULL, PortName};
use iokit_uc::{IoReturn, Kernel, Value};
use std::ffi::CStr;
use std::thread;

/// A name of the first service of a class, released when dropped.
struct Entry {
    kernel: Kernel,
    name: PortName,
}

impl Entry {
    fn of(world: &World, class: &str) -> Self {
        let kernel = world.kernel();
        let name = service(&kernel, class);
        Self { kernel, name }
    }

    fn property(&self, key: &CStr) -> Option<Value> {
        self.kernel.io_registry_entry_create_cf_property(self.name, key)
    }

    fn all(&self) -> Value {
        let mut all = None;
        assert_eq!(
            self.kernel.io_registry_entry_create_cf_properties(self.name, &mut all),
            IoReturn::SUCCESS
        );
        all.unwrap()
    }

    fn search(&self, plane: &CStr, key: &CStr, options: u32) -> Option<Value> {
        self.kernel.io_registry_entry_search_cf_property(self.name, plane, key, options)
    }

    fn set(&self, properties: impl Into<Value>) -> IoReturn {
        self.kernel.io_registry_entry_set_cf_properties(self.name, &properties.into())
    }

    /// The property's bytes, into a buffer of this size, and what is left of it.
    fn bytes(&self, key: &CStr, capacity: usize) -> Result<Vec<u8>, IoReturn> {
        let (mut bytes, mut size) = (vec![UNTOUCHED; capacity], u32::MAX);
        let code = self.kernel.io_registry_entry_get_property(self.name, key, &mut bytes, &mut size);
        if code.is_success() {
            assert!(bytes[size as usize..].iter().all(|&byte| byte == UNTOUCHED));
            bytes.truncate(size as usize);
            return Ok(bytes);
        }
        assert_eq!((size, bytes), (u32::MAX, vec![UNTOUCHED; capacity]), "a failure changes nothing");
        Err(code)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !thread::panicking() {
            release(&self.kernel, self.name);
        }
    }
}

const UNTOUCHED: u8 = 0xaa;
const RECURSIVELY: u32 = 1;
const PARENTS: u32 = 2;

/// `innermost` within so many arrays.
fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::from("bottom"), |value, _| Value::array([value]))
}

#[test]
fn pr_01_those_for_users_are_merged_over_the_rest() {
    let world = World::boot("properties");
    let expected = [
        ("Colour", Value::from("red")),
        ("Shape", "round".into()),
        ("Inner", Value::dictionary([("a", 1u32)])),
    ];
    assert_eq!(Entry::of(&world, "Merged").all(), Value::dictionary(expected));
    let unmerged = [("Colour", "green"), ("IOUserServiceProperties", "none")];
    assert_eq!(Entry::of(&world, "Unmerged").all(), Value::dictionary(unmerged), "it is no dictionary");
    assert_eq!(Entry::of(&world, "Deaf").all(), Value::dictionary([("", 0); 0]));
}

#[test]
fn pr_01_all_of_what_is_no_entry_is_an_error() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let dead = dead_name(&world, "Deaf", 1);
    let (_, connect) = try_open(&kernel, "Client", 0);
    let codes = [NULL, UNKNOWN, dead, connect].map(|name| {
        let mut all = Some(Value::from(1));
        let code = kernel.io_registry_entry_create_cf_properties(name, &mut all);
        assert_eq!(all, None, "nothing comes with {code}");
        code
    });
    let gone = IoReturn::MACH_SEND_INVALID_DEST;
    assert_eq!(codes, [gone, gone, gone, IoReturn::BAD_ARGUMENT]);
    close(&kernel, connect);
    release(&kernel, dead);
}

#[test]
fn pr_02_the_entrys_own_come_before_those_for_users() {
    let world = World::boot("properties");
    let merged = Entry::of(&world, "Merged");
    assert_eq!(merged.property(c"Colour"), Some("green".into()));
    assert_eq!(merged.property(c"Shape"), Some("round".into()));
    assert_eq!([merged.property(c"Size"), merged.property(c"")], [None, None]);
    assert_eq!(
        merged.property(c"IORegistryEntryPropertyKeys"),
        Some(Value::array(["Colour", "IOUserServiceProperties", "Inner"]))
    );
}

#[test]
fn pr_02_every_error_is_no_property() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let dead = dead_name(&world, "Merged", 1);
    let (_, connect) = try_open(&kernel, "Client", 0);
    for name in [NULL, UNKNOWN, dead, connect] {
        assert_eq!(kernel.io_registry_entry_create_cf_property(name, c"Colour"), None);
        let searched = kernel.io_registry_entry_search_cf_property(name, PLANE, c"Colour", RECURSIVELY);
        assert_eq!(searched, None);
    }
    close(&kernel, connect);
    release(&kernel, dead);
}

#[test]
fn pr_03_a_search_goes_down_or_up_in_the_order_of_an_iteration() {
    let world = World::boot("properties");
    let top = Entry::of(&world, "Top");
    assert_eq!(top.search(PLANE, c"Level", RECURSIVELY), Some(1u32.into()), "its own first");
    assert_eq!(top.search(PLANE, c"Mark", RECURSIVELY), Some("bottom".into()), "depth first");
    assert_eq!(top.search(PLANE, c"OnlySide", RECURSIVELY), Some(true.into()));
    assert_eq!(top.search(PLANE, c"Colour", RECURSIVELY), None);
    let bottom = Entry::of(&world, "Bottom");
    let up = RECURSIVELY | PARENTS;
    assert_eq!(bottom.search(PLANE, c"Level", up), Some(2u32.into()), "the first parent first");
    assert_eq!(bottom.search(PLANE, c"Mark", up), Some("bottom".into()), "one for users is its own too");
    assert_eq!(bottom.search(PLANE, c"OnlySide", up), Some(true.into()), "and then the second parent");
    assert_eq!(bottom.search(PLANE, c"Level", RECURSIVELY), None);
    let own_keys = Some(Value::array(["IOUserServiceProperties"]));
    assert_eq!(bottom.search(PLANE, c"IORegistryEntryPropertyKeys", up), own_keys);
}

#[test]
fn pr_03_without_recursion_or_a_plane_only_the_entry_is_asked() {
    let world = World::boot("properties");
    let top = Entry::of(&world, "Top");
    for (plane, options) in [
        (PLANE, 0),
        (PLANE, PARENTS),
        (c"NoSuchPlane", RECURSIVELY),
        (c"", RECURSIVELY),
        (c"IOPower", RECURSIVELY),
    ] {
        assert_eq!(top.search(plane, c"Mark", options), None, "{plane:?} {options}");
        assert_eq!(top.search(plane, c"Level", options), Some(1u32.into()), "{plane:?} {options}");
    }
}

#[test]
fn pr_04_a_key_is_its_bytes_and_127_of_them() {
    let world = World::boot("properties");
    let every = Entry::of(&world, "Every");
    assert_eq!(every.property(c"Größe"), Some("a key in UTF-8".into()));
    // The same word in MacRoman.
    assert_eq!(every.property(c"Gr\x9a\xa7e"), None);
    let key = |length: usize| std::ffi::CString::new("K".repeat(length)).unwrap();
    let longest = Some(Value::from("the longest key"));
    assert_eq!([127, 126, 200].map(|length| every.property(&key(length))), [longest.clone(), None, longest]);
    assert_eq!(every.bytes(&key(128), 100), Ok(b"the longest key\0".to_vec()));
}

#[test]
fn pr_05_a_small_integer_is_read_as_one_of_32_bits() {
    let world = World::boot("properties");
    let every = Entry::of(&world, "Every");
    let expected: [(&CStr, Value); 5] = [
        (c"Int8", 0xffu32.into()),
        (c"Int16", 0xfffeu32.into()),
        (c"Int32", (-1i32).into()),
        (c"Int64", (1u64 << 40).into()),
        (c"Huge", (-1i64).into()),
    ];
    for (key, value) in expected {
        assert_eq!(every.property(key), Some(value), "{key:?}");
    }
}

#[test]
fn pr_05_values_of_every_type_are_read() {
    let world = World::boot("properties");
    let every = Entry::of(&world, "Every");
    let expected: [(&CStr, Value); 12] = [
        (c"True", true.into()),
        (c"False", false.into()),
        (c"Float32", 0.1f32.into()),
        (c"Float64", (-2.75f64).into()),
        (c"NaN", f64::NAN.into()),
        (c"Text", "Größe 🜁".into()),
        (c"Cut", "before".into()),
        (c"Data", Value::data([0, 1, 0xff])),
        (c"NoData", Value::data([])),
        (c"Array", Value::array([Value::from(1u32), "two".into(), Value::array([0u8; 0])])),
        (c"Set", Value::set(["b", "a"])),
        (c"Dictionary", Value::dictionary([("In8", 0x80u32), ("In", 1)])),
    ];
    let all = every.all();
    let all = all.as_dictionary().unwrap();
    for (key, value) in expected {
        assert_eq!(every.property(key).as_ref(), Some(&value), "{key:?}");
        assert_eq!(all.get(key.to_str().unwrap()), Some(&value), "{key:?}");
    }
}

#[test]
fn pr_06_what_is_no_property_list_says_so() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let taking = Entry::of(&world, "Taking");
    assert_eq!(taking.property(c"IOGeneralInterest"), None);
    let port = kernel.io_notification_port_create(MAIN_PORT_DEFAULT).unwrap();
    let mut notification = NULL;
    // SAFETY: the port is destroyed below, and nobody reads it.
    let code = unsafe {
        kernel.io_service_add_interest_notification(
            port,
            taking.name,
            c"IOGeneralInterest",
            0,
            0,
            &mut notification,
        )
    };
    assert_eq!(code, IoReturn::SUCCESS);
    let expected = Some("IOCommand is not serializable".into());
    assert_eq!(taking.property(c"IOGeneralInterest"), expected);
    assert_eq!(taking.bytes(c"IOGeneralInterest", 100), Err(IoReturn::BAD_ARGUMENT));
    release(&kernel, notification);
    assert_eq!(taking.property(c"IOGeneralInterest"), expected, "the list stays");
    // SAFETY: it is this test's own, and not used again.
    unsafe { kernel.io_notification_port_destroy(port) };
}

#[test]
fn pr_07_a_driver_is_given_what_a_task_has_set() {
    let world = World::boot("properties");
    let taking = Entry::of(&world, "Taking");
    let numbers = Value::array([Value::from(0.5f32), (-0.5f64).into(), f64::NAN.into()]);
    for value in [
        Value::dictionary([("a", Value::array([Value::from("Größe"), true.into(), Value::data([1])]))]),
        Value::array([Value::from(u32::MAX), u64::MAX.into(), (i64::MIN).into()]),
        numbers,
        Value::set(["x"]),
        "text".into(),
        7u32.into(),
    ] {
        assert_eq!(taking.set(value), IoReturn::SUCCESS);
    }
    assert_eq!(
        world.journal(),
        [
            r#"Taking: {"a": ["Größe", true, <01>]} (by program)"#,
            "Taking: [4294967295u32, 18446744073709551615u64, 9223372036854775808u64] (by program)",
            "Taking: [0.5f32, -0.5f64, NaNf64] (by program)",
            r#"Taking: set {"x"} (by program)"#,
            r#"Taking: "text" (by program)"#,
            "Taking: 7u32 (by program)",
        ]
    );
}

#[test]
fn pr_07_a_string_ends_at_its_first_nul() {
    let world = World::boot("properties");
    let taking = Entry::of(&world, "Taking");
    let value = Value::dictionary([("ke\0y", Value::array(["be\0fore", "\0"]))]);
    assert_eq!(taking.set(value), IoReturn::SUCCESS);
    assert_eq!(world.journal(), [r#"Taking: {"ke": ["be", ""]} (by program)"#]);
}

#[test]
fn pr_07_too_deep_or_too_long_is_refused_as_a_whole() {
    let world = World::boot("properties");
    let taking = Entry::of(&world, "Taking");
    let text = |length| Value::from("x".repeat(length));
    assert_eq!(taking.set(nested(64)), IoReturn::BAD_ARGUMENT);
    assert_eq!(taking.set(Value::array([text(262_142)])), IoReturn::BAD_ARGUMENT);
    assert_eq!(taking.set(Value::dictionary([("x".repeat(262_142), 1)])), IoReturn::BAD_ARGUMENT);
    assert_eq!(world.journal(), [""; 0]);
    assert_eq!(taking.set(nested(63)), IoReturn::SUCCESS);
    let empty_at_the_bottom = (0..63).fold(Value::array([0u8; 0]), |value, _| Value::array([value]));
    assert_eq!(taking.set(empty_at_the_bottom), IoReturn::SUCCESS, "an empty collection does not count");
    assert_eq!(world.journal().len(), 2);
    let picky = Entry::of(&world, "Picky");
    assert_eq!(picky.set(text(262_141)), IoReturn::NOT_PERMITTED, "it has been understood");
}

#[test]
fn pr_08_at_most_4_mib_can_be_set() {
    let world = World::boot("properties");
    // A word for the signature, and one for the data.
    let data = |more: usize| Value::data(vec![0; (4 << 20) - 8 + more]);
    let picky = Entry::of(&world, "Picky");
    assert_eq!(picky.set(data(0)), IoReturn::NOT_PERMITTED, "it has been understood");
    assert_eq!(picky.set(data(1)), IoReturn::MESSAGE_TOO_LARGE);
    let too_deep_too = Value::array([nested(64), data(0)]);
    assert_eq!(
        picky.set(too_deep_too),
        if cfg!(darwin_host) {
            // The backend looks at the depth by itself.
            IoReturn::BAD_ARGUMENT
        } else {
            IoReturn::MESSAGE_TOO_LARGE
        }
    );
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "PickyClient", 0);
    assert_eq!(kernel.io_connect_set_cf_properties(connect, &data(1)), IoReturn::MESSAGE_TOO_LARGE);
    close(&kernel, connect);
}

#[test]
fn pr_09_a_property_is_read_as_its_bytes() {
    let world = World::boot("properties");
    let every = Entry::of(&world, "Every");
    let expected: [(&CStr, &[u8]); 12] = [
        (c"Data", &[0, 1, 0xff]),
        (c"Text", "Größe 🜁\0".as_bytes()),
        (c"Cut", b"before\0"),
        (c"True", b"Yes\0"),
        (c"False", b"No\0"),
        (c"Int8", &[0xff]),
        (c"Int16", &[0xfe, 0xff]),
        (c"Int32", &[0xff; 4]),
        (c"Int64", &[0, 0, 0, 0, 0, 1, 0, 0]),
        // By their integer part, as everything that asks a number for its bits sees a float.
        (c"Float32", &[0; 4]),
        (c"Float64", &[0; 8]),
        (c"Page", &[7; 4096]),
    ];
    for (key, bytes) in expected {
        assert_eq!(every.bytes(key, bytes.len()).as_deref(), Ok(bytes), "{key:?}");
        assert_eq!(every.bytes(key, 10_000).as_deref(), Ok(bytes), "{key:?} into more room");
        assert_eq!(every.bytes(key, bytes.len() - 1), Err(IoReturn::IPC_ERROR), "{key:?} into less room");
    }
    assert_eq!(every.bytes(c"MoreThanAPage", 10_000), Err(IoReturn::IPC_ERROR));
    for key in [c"Array", c"Set", c"Dictionary"] {
        assert_eq!(every.bytes(key, 100), Err(IoReturn::BAD_ARGUMENT), "{key:?}");
    }
    let keys = [c"Missing", c"IORegistryEntryPropertyKeys"];
    assert_eq!(keys.map(|key| every.bytes(key, 100)), [(); 2].map(|()| Err(IoReturn::NO_RESOURCES)));
    let merged = Entry::of(&world, "Merged");
    assert_eq!(merged.bytes(c"Shape", 100), Ok(b"round\0".to_vec()));
    assert_eq!(merged.bytes(c"Colour", 100), Ok(b"green\0".to_vec()));
}

#[test]
fn pr_09a_no_data_are_as_many_zeros_as_there_is_room_for() {
    let world = World::boot("properties");
    let every = Entry::of(&world, "Every");
    assert_eq!(every.bytes(c"NoData", 5), Ok(vec![0; 5]));
    assert_eq!(every.bytes(c"NoData", 10_000), Ok(vec![0; 4096]));
}

#[test]
fn pr_10_by_default_nothing_can_be_set() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    assert_eq!(Entry::of(&world, "Deaf").set(Value::dictionary([("a", 1)])), IoReturn::UNSUPPORTED);
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    assert_eq!(kernel.io_registry_entry_set_cf_property(root, c"a", &1.into()), IoReturn::UNSUPPORTED);
    release(&kernel, root);
    let dead = dead_name(&world, "Taking", 1);
    let code = kernel.io_registry_entry_set_cf_properties(dead, &1.into());
    assert_eq!(code, IoReturn::MACH_SEND_INVALID_DEST);
    release(&kernel, dead);
}

#[test]
fn pr_10_the_drivers_code_is_the_answer() {
    let world = World::boot("properties");
    let one = || Value::dictionary([("a", 1)]);
    assert_eq!(Entry::of(&world, "Busy").set(one()), IoReturn::BUSY);
    assert_eq!(Entry::of(&world, "Panicking").set(one()), IoReturn::INTERNAL_ERROR);
    assert_eq!(world.misuses(), ["a driver panicked in setProperties"]);
    drop(world.unchecked());
}

#[test]
fn pr_10_one_property_is_a_dictionary_of_one_key() {
    let world = World::boot("properties");
    let taking = Entry::of(&world, "Taking");
    let code = taking.kernel.io_registry_entry_set_cf_property(taking.name, c"Größe", &Value::array([1u32]));
    assert_eq!(code, IoReturn::SUCCESS);
    assert_eq!(world.journal(), [r#"Taking: {"Größe": [1u32]} (by program)"#]);
}

#[test]
fn pr_10_an_entry_can_say_which_keys_may_be_set() {
    let world = World::boot("properties");
    let picky = Entry::of(&world, "Picky");
    assert_eq!(picky.set(Value::dictionary([("Mode", 1u32), ("Level", 2)])), IoReturn::SUCCESS);
    assert_eq!(picky.set(Value::dictionary([("", 0); 0])), IoReturn::SUCCESS);
    assert_eq!(picky.set(Value::dictionary([("Mode", 1), ("Colour", 2)])), IoReturn::BAD_ARGUMENT);
    assert_eq!(picky.set("Mode"), IoReturn::NOT_PERMITTED);
    let oddly = Entry::of(&world, "OddlyPicky");
    assert_eq!(oddly.set(Value::dictionary([("Mode", 1)])), IoReturn::NOT_PERMITTED);
    assert_eq!(
        world.journal(),
        [r#"Picky: {"Mode": 1u32, "Level": 2u32} (by program)"#, "Picky: {} (by program)"]
    );
}

/// Whether a reader of the properties, and a second one who sets them, wait for the first who sets them.
fn wait_for_the_property_lock(class: &str) -> bool {
    let world = World::boot("properties");
    let entry = Entry::of(&world, class);
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(entry.set(Value::dictionary([("n", 1)])), IoReturn::SUCCESS));
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        scope.spawn(|| assert_eq!(entry.property(c"Colour"), Some("blue".into())));
        scope.spawn(|| assert_eq!(entry.set(Value::dictionary([("n", 2)])), IoReturn::SUCCESS));
        let waits = match class {
            "Locked" => world.command("wait_until_blocked", &[2]) == 1,
            _ => world.command("wait_until_inside", &[2]) != 1,
        };
        world.command("open_gate", &[0]);
        waits
    })
}

#[test]
fn pr_10_the_property_lock_is_for_entries_that_ask_for_it() {
    assert!(wait_for_the_property_lock("Locked"));
    assert!(!wait_for_the_property_lock("Unlocked"));
}

#[test]
fn pr_10_a_search_waits_for_the_property_lock_too() {
    let world = World::boot("properties");
    let (kernel, locked) = (world.kernel(), Entry::of(&world, "Locked"));
    let root = kernel.io_registry_get_root_entry(MAIN_PORT_DEFAULT);
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(locked.set(Value::dictionary([("n", 1)])), IoReturn::SUCCESS));
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        scope.spawn(|| {
            let key = c"IORegistryEntryDefaultLockingSetProperties";
            let found = kernel.io_registry_entry_search_cf_property(root, PLANE, key, RECURSIVELY);
            assert_eq!(found, Some(true.into()));
        });
        assert_eq!(world.command("wait_until_blocked", &[1]), 1);
        world.command("open_gate", &[0]);
    });
    release(&kernel, root);
}

#[test]
fn pr_11_root_and_the_entitled_publish_resources() {
    for task in ["root", "publisher"] {
        let world = World::boot_as("properties", task);
        let kernel = world.kernel();
        let resources = Entry::of(&world, "IOResources");
        assert_eq!(resources.set("Coffee"), IoReturn::BAD_ARGUMENT);
        let matching = Value::dictionary([("IOProviderClass", "IOResources"), ("IOResourceMatch", "Coffee")]);
        let find = || kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
        assert_eq!(find(), NULL);
        let given = Value::dictionary([("Coffee", Value::from(2u32)), ("Tea", true.into())]);
        assert_eq!(resources.set(given), IoReturn::SUCCESS);
        assert_eq!(resources.property(c"Coffee"), Some(2u32.into()));
        assert_eq!(resources.property(c"Tea"), Some(true.into()));
        let found = find();
        assert_eq!(found, resources.name);
        release(&kernel, found);
    }
}

#[test]
fn pr_11_others_publish_nothing() {
    for task in ["user", "entitled"] {
        let world = World::boot_as("properties", task);
        let resources = Entry::of(&world, "IOResources");
        assert_eq!(resources.set(Value::dictionary([("Coffee", 2)])), IoReturn::NOT_PRIVILEGED);
        assert_eq!(resources.set("Coffee"), IoReturn::NOT_PRIVILEGED);
        assert_eq!(resources.property(c"Coffee"), None);
    }
}

#[test]
fn pr_12_properties_are_read_whatever_the_state_of_the_service() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let platform = service(&kernel, "IOPlatformExpertDevice");
    let unregistered = world.command("attach", &[]);
    let mut iterator = NULL;
    let code = kernel.io_registry_entry_get_child_iterator(platform, PLANE, &mut iterator);
    assert_eq!(code, IoReturn::SUCCESS);
    let colours = |expected: bool| {
        let entry = loop {
            let entry = kernel.io_iterator_next(iterator);
            if id(&kernel, entry) == unregistered {
                break entry;
            }
            release(&kernel, entry);
        };
        assert_eq!(world.command("is_inactive", &[unregistered]) == 1, expected);
        let property = kernel.io_registry_entry_create_cf_property(entry, c"Colour");
        assert_eq!(property, Some("grey".into()));
        entry
    };
    let entry = colours(false);
    terminate(&world, entry);
    // The iterator is over a copy, and gives the entry a new name (REG-16, TERM-5).
    kernel.io_iterator_reset(iterator);
    let renamed = colours(true);
    assert_eq!(kernel.io_registry_entry_create_cf_property(entry, c"Colour"), None, "its port is dead");
    for name in [entry, renamed, iterator, platform] {
        release(&kernel, name);
    }
}

#[test]
fn pr_12a_a_published_collection_is_replaced_and_never_changed() {
    let world = World::boot("properties");
    let merged = Entry::of(&world, "Merged");
    let before = merged.property(c"Inner").unwrap();
    let one = Value::dictionary([("a", 1u32)]);
    assert_eq!(before, one);
    world.command("change_copy", &[]);
    assert_eq!(merged.property(c"Inner"), Some(one.clone()));
    assert_eq!(world.command("replace", &[]), 1);
    assert_eq!(merged.property(c"Inner"), Some(Value::dictionary([("a", 2u32)])));
    assert_eq!(before, one, "what has been read is a copy");
}

#[test]
fn pr_13_a_property_receives_what_a_query_asks_for() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let matches = |key: &str, value: Value| {
        let properties = Value::dictionary([(key, value)]);
        let matching =
            Value::dictionary([("IOProviderClass", Value::from("Every")), ("IOPropertyMatch", properties)]);
        let found = kernel.io_service_get_matching_service(MAIN_PORT_DEFAULT, Some(&matching));
        if found != NULL {
            release(&kernel, found);
        }
        found != NULL
    };
    assert!(matches("Int8", 0xffu64.into()) && matches("Int32", u64::from(u32::MAX).into()));
    assert!(!matches("Int8", (-1i32).into()) && !matches("Int8", true.into()));
    assert!(matches("Float64", 0u32.into()), "below zero is 0, as an unsigned integer");
    let text = "Größe 🜁";
    assert!(matches("Text", text.into()) && !matches("Text", "größe 🜁".into()));
    let with_nuls = [0, 1, 2, 3].map(|nuls| Value::data([text.as_bytes(), &[0; 3][..nuls]].concat()));
    assert_eq!(with_nuls.map(|data| matches("Text", data)), [false, true, true, false]);
    assert!(matches("Data", Value::data([0, 1, 0xff])) && !matches("Data", Value::data([0, 1])));
    assert!(matches("True", true.into()) && !matches("True", 1u32.into()) && !matches("False", true.into()));
    let array = |last: Value| Value::array([Value::from(1u64), "two".into(), last]);
    assert!(matches("Array", array(Value::array([0u8; 0]))) && !matches("Array", array(0.into())));
}

#[test]
fn oc_19_a_connections_driver_is_given_what_is_set() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "Client", 0);
    let given = Value::dictionary([("a", 1u32)]);
    assert_eq!(kernel.io_connect_set_cf_properties(connect, &given), IoReturn::SUCCESS);
    assert_eq!(kernel.io_connect_set_cf_property(connect, c"b", &2u32.into()), IoReturn::SUCCESS);
    // Through the registry it is the same user client.
    let client = only_client(&kernel, "Client");
    assert_eq!(kernel.io_registry_entry_set_cf_property(client, c"c", &3u32.into()), IoReturn::SUCCESS);
    assert_eq!(
        world.journal(),
        [
            r#"Client: {"a": 1u32} (by program)"#,
            r#"Client: {"b": 2u32} (by program)"#,
            r#"Client: {"c": 3u32} (by program)"#
        ]
    );
    assert_eq!(kernel.io_connect_set_cf_properties(client, &given), IoReturn::BAD_ARGUMENT);
    assert_eq!(kernel.io_registry_entry_set_cf_properties(connect, &given), IoReturn::BAD_ARGUMENT);
    close(&kernel, connect);
    release(&kernel, client);
}

#[test]
fn oc_19_what_cannot_be_set_is_refused_as_of_an_entry() {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, "PickyClient", 0);
    let set = |value: &Value| kernel.io_connect_set_cf_properties(connect, value);
    assert_eq!(kernel.io_connect_set_cf_property(connect, c"Mode", &1u32.into()), IoReturn::SUCCESS);
    assert_eq!(kernel.io_connect_set_cf_property(connect, c"Level", &1.into()), IoReturn::BAD_ARGUMENT);
    assert_eq!([set(&"Mode".into()), set(&nested(64))], [IoReturn::NOT_PERMITTED, IoReturn::BAD_ARGUMENT]);
    assert_eq!(world.journal(), [r#"PickyClient: {"Mode": 1u32} (by program)"#]);
    close(&kernel, connect);
    assert_eq!(set(&1.into()), IoReturn::MACH_SEND_INVALID_DEST);
    // One machine runs at a time.
    drop(world);
    let world = World::boot("methods");
    let opened = crate::raw::Opened::on(world, "Classic");
    let code = opened.world.kernel().io_connect_set_cf_properties(opened.connect, &1.into());
    assert_eq!(code, IoReturn::UNSUPPORTED, "by default");
}

/// Whether an external method waits for a driver that sets properties.
fn method_waits(class: &str) -> bool {
    let world = World::boot("properties");
    let kernel = world.kernel();
    let (_, connect) = try_open(&kernel, class, 1);
    let waits = thread::scope(|scope| {
        let set = || kernel.io_connect_set_cf_properties(connect, &1u32.into());
        scope.spawn(move || assert_eq!(set(), IoReturn::SUCCESS));
        assert_eq!(world.command("wait_until_inside", &[1]), 1);
        let method = crate::raw::Call::new(world.kernel(), connect, 0);
        let called = scope.spawn(move || assert_eq!(method.send().code, IoReturn::SUCCESS));
        let waits = class == "LockedClient" && world.command("wait_until_blocked", &[1]) == 1;
        if !waits {
            called.join().unwrap();
        }
        world.command("open_gate", &[1]);
        waits
    });
    let first = if waits { "1u32 (by program)" } else { "a method" };
    assert_eq!(world.journal()[0], format!("{class}: {first}"));
    close(&kernel, connect);
    waits
}

#[test]
fn oc_19_the_exclusive_lock_is_for_clients_that_ask_for_it() {
    assert!(method_waits("LockedClient"));
    assert!(!method_waits("Client"));
}
