//! Numbers and names (ERR, CN): what `docs/kernel-semantics.md` lists, and what the library has.

use iokit_uc::backend::{DEAD, MAIN_PORT_DEFAULT, MAP_ANYWHERE, MachTimespec, NULL, PortName};
use iokit_uc::interface::{MessageType, SERVICE_SEIZE};
use iokit_uc::memory::{CacheMode, MapOptions};
use iokit_uc::{IoReturn, Matching, Plane};

const RULES: &str = include_str!("../docs/kernel-semantics.md");

/// The first line of a rule, without its number.
fn rule(name: &str) -> &'static str {
    let line =
        RULES.lines().find_map(|line| line.strip_prefix("- **")?.strip_prefix(name)?.strip_prefix("** "));
    let line = line.unwrap_or_else(|| panic!("there is no rule {name}"));
    line.split(" *Tests: ").next().unwrap_or(line)
}

fn hex(digits: &str) -> u32 {
    u32::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("`{digits}` is no number"))
}

#[test]
fn err_02_every_code_of_iokit_has_its_name() {
    let rows: Vec<_> = RULES
        .lines()
        .filter_map(|line| line.strip_prefix("| kIOReturn")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect::<Vec<_>>())
        .collect();
    assert_eq!(rows.len(), 53);
    for row in rows {
        let [name, code, _] = row[..] else { panic!("{row:?}") };
        let code = if name == "Success" { IoReturn::SUCCESS } else { IoReturn::from_code(hex(code)) };
        assert_eq!(code.name(), Some(format!("kIOReturn{name}").as_str()));
    }
    for gap in [0xe000_02cb, 0xe000_02dc] {
        assert_eq!(IoReturn::from_code(gap).name(), None);
    }
}

#[test]
fn err_03_every_family_has_its_base() {
    let mut bases = 0;
    let list = rule("ERR-3").split_once(": ").unwrap().1.trim_end_matches('.');
    for (family, base) in list.split([',', ';']).filter_map(|family| family.trim().rsplit_once(' ')) {
        // The last two are written in full, with the number of the subsystem after it.
        let (family, base) = match family.split_once(" 0x") {
            Some((family, base)) => (family, hex(base.split(' ').next().unwrap())),
            None => (family, 0xe000_0000 | hex(base)),
        };
        let named = IoReturn::from_code(base | 1).family().unwrap_or_else(|| panic!("{family}: {base:#x}"));
        let same = match family {
            "network" => named == "networking",
            "power mgmt" => named == "power management",
            "A/V" => named == "audio/video",
            "vendor specific" => named == "vendor-specific",
            family => named == family,
        };
        assert!(same, "{family} is called {named}");
        bases += 1;
    }
    assert_eq!(bases, 34);
}

/// Whether the name of a code has the words by which a rule calls it, in whatever short form.
fn has_words(code: IoReturn, words: &str) -> bool {
    let name = code.name().map(str::to_lowercase).unwrap_or_default();
    words.split([' ', '/']).all(|word| {
        let word = word.to_lowercase();
        match word.as_str() {
            "in" | "not" | "port" => true,
            "ok" => code.is_success(),
            "urefs" => name.contains("uref"),
            "timed" => name.contains("timed") || name.contains("timeout"),
            word => name.contains(word),
        }
    })
}

fn each(list: &str, check: impl Fn(&str, &str)) -> usize {
    let items = list.trim_end_matches('.').split(';').map(str::trim);
    items
        .map(|item| item.split_once(' ').unwrap_or((item, "")))
        .map(|(code, words)| check(code, words))
        .count()
}

#[test]
fn err_04_every_kern_return_has_its_name() {
    let count = each(rule("ERR-4").split_once(": ").unwrap().1, |code, words| {
        let code = IoReturn::from_raw(code.parse().unwrap());
        assert!(code.is_success() || code.name().is_some_and(|name| name.starts_with("KERN_")), "{code}");
        assert!(has_words(code, words), "{words}: {code}");
    });
    assert_eq!(count, 19);
}

#[test]
fn err_05_every_code_of_mach_messages_has_its_name() {
    let (send, receive) = rule("ERR-5").split_once(" Receive ").unwrap();
    for (list, base, prefix, count) in
        [(send, 0x1000_0000, "MACH_SEND_", 12), (receive, 0x1000_4000, "MACH_RCV_", 7)]
    {
        let counted = each(list.split_once("): ").unwrap().1, |code, words| {
            let code = IoReturn::from_code(base | hex(code));
            assert!(code.name().is_some_and(|name| name.starts_with(prefix)), "{words}: {code}");
            assert!(has_words(code, words), "{words}: {code}");
        });
        assert_eq!(counted, count);
    }
}

#[test]
fn err_06_every_code_of_mig_has_its_name() {
    let list = rule("ERR-6").split_once(": ").unwrap().1.replace('\u{2212}', "-");
    let count = each(&list, |code, words| {
        let code = IoReturn::from_raw(code.parse().unwrap());
        assert!(code.name().is_some_and(|name| name.starts_with("MIG_")), "{words}: {code}");
        assert!(has_words(code, words), "{words}: {code}");
    });
    assert_eq!(count, 10);
}

#[test]
fn cn_01_names_codes_and_times_have_the_sizes_of_c() {
    assert_eq!((size_of::<PortName>(), NULL, DEAD), (4, 0, 0xffff_ffff));
    assert_eq!((size_of::<IoReturn>(), align_of::<IoReturn>()), (4, 4));
    let MachTimespec { seconds, nanoseconds } = MachTimespec { seconds: u32::MAX, nanoseconds: -1 };
    assert_eq!((size_of_val(&seconds), size_of_val(&nanoseconds), nanoseconds < 0), (4, 4, true));
}

#[test]
fn cn_03_the_main_port_is_zero() {
    assert_eq!(MAIN_PORT_DEFAULT, 0);
}

#[test]
fn cn_05_the_planes_of_the_kernel_itself_have_these_names() {
    let planes = [Plane::SERVICE, Plane::POWER, Plane::DEVICE_TREE];
    let names = rule("CN-5").split_once(": ").unwrap().1;
    assert!(names.starts_with(&planes.map(|plane| plane.name().to_owned()).join(", ")), "{names}");
}

#[test]
fn cn_06_matching_uses_keys_of_these_names() {
    let query = Matching::class("A")
        .named("a")
        .property("k", 1)
        .property_exists("k")
        .path("IOService:/")
        .location("1")
        .parent(Matching::class("B"))
        .resource("r")
        .client_count(1);
    let query = query.value().unwrap().as_dictionary().unwrap().clone();
    let names: Vec<_> = rule("CN-6").split_once(": ").unwrap().1.trim_end_matches('.').split(", ").collect();
    for key in query.keys() {
        assert!(names.contains(&key), "{key}");
    }
    assert_eq!(query.len(), 9);
    let more = [Matching::entry_id(1), Matching::bsd_name("disk0")];
    for key in more.iter().flat_map(|query| query.value().unwrap().as_dictionary().unwrap().keys()) {
        assert!(names.iter().any(|name| name.trim_matches('"') == key), "{key}");
    }
}

#[test]
fn cn_07_map_flags_are_those_of_c() {
    use CacheMode::*;
    let modes = [Default, Inhibit, WriteThru, Copyback, WriteCombine];
    assert_eq!(modes.map(CacheMode::bits), [0, 0x100, 0x200, 0x300, 0x400]);
    assert_eq!(MAP_ANYWHERE, 1);
    let options =
        [MapOptions::READ_ONLY, MapOptions::UNIQUE, MapOptions::GUARDED_SMALL, MapOptions::GUARDED_LARGE];
    assert_eq!(options.map(|options| options.0), [0x1000, 0x400_0000, 0x4000_0000, 0x8000_0000]);
}

#[test]
fn cn_08_a_service_is_seized_with_one() {
    assert_eq!(SERVICE_SEIZE, 1);
}

#[test]
fn cn_10_every_message_has_its_name() {
    let count = each(rule("CN-10"), |name, code| {
        let message = MessageType(0xe000_0000 | hex(code));
        let printed = format!("{message:?}");
        assert!(printed.starts_with("kIOMessage") && printed.ends_with(name), "{name}: {printed}");
    });
    assert_eq!(count, 29);
}
