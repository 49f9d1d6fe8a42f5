//! What `ioreg -l` prints.

use super::{open, plain, plain_all, read, text};
use iokit_uc::Value;
use iokit_uc::archive::{Archive, ArchivedEntry, ArchivedService, Missing};
use std::collections::HashMap;
use std::time::Duration;

/// What both forms tell of an entry besides its properties.
fn told(entry: &ArchivedEntry) -> impl PartialEq + std::fmt::Debug {
    let service = entry.service.map(|service| {
        let bits = ArchivedService::INACTIVE | ArchivedService::REGISTERED | ArchivedService::MATCHED;
        (service.state & bits, service.busy, service.busy_time.as_millis())
    });
    (
        entry.depth,
        entry.name.clone(),
        entry.location.clone(),
        entry.class.clone(),
        entry.id,
        entry.retains,
        service,
    )
}

/// The two are of one registry, and what the text does not have are gaps.
fn assert_agree(text: &Archive, list: &Archive) {
    assert_eq!(text.entries.len(), list.entries.len());
    let mut missing = 0;
    for (index, (text_entry, list_entry)) in text.entries.iter().zip(&list.entries).enumerate() {
        assert_eq!(told(text_entry), told(list_entry));
        for (key, value) in list_entry.properties.iter() {
            let gap = text.gaps.iter().any(|gap| gap.entry == index && gap.key.as_deref() == Some(key));
            if gap {
                missing += 1;
            } else {
                assert_eq!(
                    text_entry.properties.get(key).map(plain),
                    Some(plain(value)),
                    "{key} of {text_entry:?}"
                );
            }
        }
        let not_there = |key: &&str| list_entry.properties.get(key).is_none();
        assert_eq!(text_entry.properties.keys().find(not_there), None);
    }
    assert_eq!(missing, text.gaps.iter().filter(|gap| gap.key.is_some()).count());
}

#[test]
fn text_and_property_list_of_a_machine_agree() {
    assert_agree(&open("apple_silicon.txt"), &open("apple_silicon.xml"));
    assert_agree(&open("intel.txt"), &open("intel.bplist"));
    assert_agree(&open("intel.hex.txt"), &open("intel.bplist"));
}

#[test]
fn with_i_the_text_and_the_property_list_have_the_inheritance() {
    let list = open("apple_silicon.xml");
    let text = open("intel.txt");
    let classes = |archive: &Archive| -> HashMap<String, Vec<String>> {
        let inheritance = |entry: &ArchivedEntry| {
            entry.inheritance.iter().flat_map(|list| list.to_vec()).map(|class| class.to_string()).collect()
        };
        archive.entries.iter().map(|entry| (entry.class.to_string(), inheritance(entry))).collect()
    };
    let (list, text) = (classes(&list), classes(&text));
    assert_eq!(text["IOMedia"], ["IOMedia", "IOStorage", "IOService", "IORegistryEntry"]);
    assert_eq!(text["IORegistryEntry"], ["IORegistryEntry"]);
    let both: Vec<_> = list.keys().filter(|class| text.contains_key(*class)).collect();
    assert!(both.len() > 15 && both.iter().all(|&class| list[class] == text[class]));
    assert!(open("apple_silicon.txt").entries.iter().all(|entry| entry.inheritance.is_none()));
}

#[test]
fn what_a_terminal_cut_off_is_a_gap_and_the_rest_is_right() {
    let (cut, whole) = (open("intel.80.txt"), open("intel.txt"));
    let file = read("intel.80.txt");
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(cut.entries.len(), whole.entries.len());
    for gap in cut.gaps.iter().filter(|gap| gap.reason == Missing::CutOff) {
        assert!(lines[gap.line as usize - 1].ends_with('$'));
    }
    let cut_lines = lines.iter().filter(|line| line.ends_with('$')).count();
    assert_eq!(cut.gaps.iter().filter(|gap| gap.reason == Missing::CutOff).count(), cut_lines);
    for (index, (cut_entry, entry)) in cut.entries.iter().zip(&whole.entries).enumerate() {
        assert_eq!((&cut_entry.name, &cut_entry.location), (&entry.name, &entry.location));
        let class_is_cut = cut_entry.class != entry.class;
        let gap = cut.gaps.iter().any(|gap| gap.entry == index && gap.key.is_none());
        assert!(!class_is_cut || (gap && *cut_entry.class == *"IORegistryEntry"));
        for (key, value) in cut_entry.properties.iter() {
            // With a width there are no lines within a string.
            let expected = entry.properties.get(key).unwrap();
            let one_line = expected.as_str().map(|text| Value::from(text.replace('\n', " ")));
            assert_eq!(*value, one_line.unwrap_or(expected.clone()));
        }
        let missing = entry.properties.len() - cut_entry.properties.len();
        let gaps =
            cut.gaps.iter().filter(|gap| gap.entry == index && gap.line > 0 && gap.reason == Missing::CutOff);
        let of_properties = gaps.filter(|gap| !lines[gap.line as usize - 1].contains("+-o ")).count();
        assert_eq!(missing, of_properties);
    }
}

#[test]
fn what_is_not_ascii_is_not_printed_and_is_a_gap() {
    let archive = open("apple_silicon.txt");
    let keyboard = archive.entries.iter().position(|entry| entry.name.contains('\u{eb}')).unwrap();
    let gaps: Vec<_> =
        archive.gaps.iter().filter(|gap| gap.entry == keyboard).map(|gap| gap.key.as_deref()).collect();
    assert_eq!(gaps, [Some("USB Product Name"), Some("kUSBProductString")]);
    assert!(archive.gaps.iter().all(|gap| gap.reason == Missing::NotPrinted));
}

/// One entry with these lines as its properties.
fn properties(lines: &str) -> Archive {
    let lines: String = lines.split_inclusive('\n').map(|line| line.to_string()).collect();
    text(&format!("+-o Root  <class IORegistryEntry>\n    {{\n{lines}\n    }}\n    \n"))
}

fn property(value: &str) -> Value {
    let archive = properties(&format!("      \"key\" = {value}"));
    assert!(archive.gaps.is_empty());
    archive.entries[0].properties.get("key").unwrap().clone()
}

#[test]
fn every_kind_of_value_is_read() {
    assert_eq!(property("Yes"), true.into());
    assert_eq!(property("No"), false.into());
    assert_eq!(property("0"), 0.into());
    assert_eq!(property("4294967295"), 4294967295i64.into());
    assert_eq!(property("18446744073709551615"), (-1).into());
    assert_eq!(property("9223372036854775807"), i64::MAX.into());
    assert_eq!(property("9223372036854775808"), i64::MIN.into());
    assert_eq!(property("0xffffffffffffffff"), (-1).into());
    assert_eq!(property("0x1f"), 31.into());
    assert_eq!(property("-5"), (-5).into());
    assert_eq!(property("0.5"), 0.5f64.into());
    assert_eq!(property("<>"), Value::data([]));
    assert_eq!(property("<00fFa0>"), Value::data([0, 255, 160]));
    assert_eq!(property("<\"a\",\"b c\">"), Value::data(b"a\0b c\0"));
    assert_eq!(property("<\"say \"a\",b\">"), Value::data(b"say \"a\",b\0"));
    assert_eq!(property("()"), Value::array([0; 0]));
    assert_eq!(property("[]"), Value::set([0; 0]));
    assert_eq!(property("{}"), Value::dictionary([("", 0); 0]));
    assert_eq!(property("[1,2]"), Value::set([1, 2]));
    let within =
        Value::array([Value::dictionary([("b", Value::array([1])), ("c", Value::data([1]))]), "x".into()]);
    assert_eq!(property("({\"b\"=(1),\"c\"=<01>},\"x\")"), within);
}

#[test]
fn strings_with_quotes_in_them_end_where_the_text_can_go_on() {
    assert_eq!(property("\"\""), "".into());
    assert_eq!(property("\"a \"quoted\" b\""), "a \"quoted\" b".into());
    assert_eq!(property("\"\"\""), "\"".into());
    assert_eq!(property("(\"a\"b\",\"c\")"), Value::array(["a\"b", "c"]));
    assert_eq!(
        property("{\"k\"=\"12\" disk\",\"l\"=1}"),
        Value::dictionary([("k", Value::from("12\" disk")), ("l", 1.into())])
    );
    // The first quote that could end the string leaves a text that makes no sense.
    assert_eq!(property("(\"a\",b\",\"c\")"), Value::array(["a\",b", "c"]));
    assert_eq!(
        property("{\"k\"=\"x}\"},\",\"l\"=1}"),
        Value::dictionary([("k", Value::from("x}\"},")), ("l", 1.into())])
    );
}

#[test]
fn strings_have_as_many_lines_as_they_have() {
    let archive =
        properties("      \"log\" = \"one\n  | two\n\n      \"three\"\n\"\n      \"next\" = (\"a\nb\",1)");
    let properties = &archive.entries[0].properties;
    assert_eq!(properties.get("log").unwrap().as_str(), Some("one\n  | two\n\n      \"three\"\n"));
    assert_eq!(properties.get("next"), Some(&Value::array([Value::from("a\nb"), 1.into()])));
}

#[test]
fn text_and_keys_may_be_in_any_language() {
    let archive = properties("      \"Größe\" = \"日本語 – ✓\"\n      \"data\" = <\"AirPort\">");
    assert_eq!(archive.entries[0].properties.get("Größe"), Some(&"日本語 – ✓".into()));
}

#[test]
fn data_shown_as_text_are_the_bytes_that_they_are() {
    let mut file =
        b"+-o a  <class IORegistryEntry>\n    {\n      \"name\" = <\"Air\xe9Port\">\n    }\n".to_vec();
    let archive = Archive::from_text(&*file).unwrap();
    assert_eq!(archive.entries[0].properties.get("name"), Some(&Value::data(b"Air\xe9Port\0")));
    file.truncate(file.len() - 6);
    assert!(Archive::from_text(&*file).is_err());
}

#[test]
fn what_was_not_printed_is_told_and_the_rest_is_kept() {
    let archive = properties(
        "      \"a\" = \n       = 5\n      \"b\" = {\"x\"=,\"y\"=1,=2}\n      \"c\" = (1,,<unknown object>)\n      \"d\" = \"e\"",
    );
    let properties = &archive.entries[0].properties;
    assert_eq!(properties.keys().collect::<Vec<_>>(), ["b", "c", "d"]);
    assert_eq!(properties.get("b"), Some(&Value::dictionary([("y", 1)])));
    assert_eq!(properties.get("c"), Some(&Value::array([1])));
    let gaps: Vec<_> = archive.gaps.iter().map(|gap| (gap.line, gap.key.as_deref())).collect();
    assert_eq!(gaps, [(3, Some("a")), (4, None), (5, Some("b")), (6, Some("c"))]);
}

#[test]
fn an_entrys_line_is_taken_apart() {
    let first = |line: &str| text(&format!("+-o {line}\n")).entries.remove(0);
    let entry = first(
        "a@b c@1F,2  <class X, id 0x100000a1b, !registered, matched, inactive, busy 3 (12 ms), retain 4294967295>",
    );
    let service = ArchivedService {
        state: ArchivedService::MATCHED | ArchivedService::INACTIVE,
        busy: 3,
        busy_time: Duration::from_millis(12),
    };
    let expected = ArchivedEntry {
        name: "a@b c".into(),
        location: Some("1F,2".into()),
        class: "X".into(),
        id: Some(0x100000a1b),
        retains: Some(u32::MAX),
        service: Some(service),
        ..ArchivedEntry::default()
    };
    assert_eq!(entry, expected);
    assert!(service.is(ArchivedService::MATCHED) && !service.is(ArchivedService::REGISTERED));
    let plain = first("jo@home and away  <class X>");
    assert_eq!((&*plain.name, plain.location, plain.service), ("jo@home and away", None, None));
    let old = first(
        "IOUSBInterface@0  <class IOUSBInterface, registered, matched, active, busy 0, retain count 6>",
    );
    assert_eq!((old.retains, old.id, old.service.unwrap().busy_time), (Some(6), None, Duration::ZERO));
    let bold = first("\x1b[1mRoot\x1b(B\x1b[m\x0f  <class IORegistryEntry>");
    assert_eq!(&*bold.name, "Root");
    let new = text("+-o a  <class X, id 0x1, dancing, retain 1>\n");
    assert_eq!((new.gaps[0].line, &new.gaps[0].reason), (1, &Missing::Unknown("dancing".into())));
    assert_eq!(new.entries[0].retains, Some(1));
}

#[test]
fn several_trees_are_read_as_they_are_printed() {
    let archive = text(
        "+-o Root  <class IORegistryEntry, id 0x1>\n  +-o a  <class A, id 0x2>\n    +-o b  <class B, id 0x3>\n      | {\n      |   \"k\" = 1\n      | }\n      | \n      +-o c  <class C>\n\n\
         +-o Root  <class IORegistryEntry, id 0x1>\n  +-o b  <class B, id 0x4>\n\n",
    );
    let depths: Vec<u32> = archive.entries.iter().map(|entry| entry.depth).collect();
    assert_eq!(depths, [0, 1, 2, 3, 0, 1]);
    assert_eq!(archive.subtree(1), 1..4);
    assert_eq!((archive.subtree(0), archive.subtree(5)), (0..4, 5..6));
    assert_eq!((archive.ancestors(3), archive.ancestors(5)), (vec![0, 1, 2], vec![4]));
    assert!(archive.has_children(2) && !archive.has_children(3) && !archive.has_children(5));
    assert_eq!(archive.entries[2].properties.get("k"), Some(&1.into()));
}

#[test]
fn line_ends_of_other_systems_and_marks_are_no_hindrance() {
    let unix = read("intel.txt");
    let archive = text(&unix);
    let windows = format!("\u{feff}{}", unix.replace('\n', "\r\n"));
    assert_eq!(text(&windows), archive);
    assert_eq!(Archive::read(windows.as_bytes()).unwrap(), archive);
    let spaced = text(
        &unix
            .lines()
            .filter(|line| !line.contains("beta"))
            .map(|line| format!("{line}\n\n"))
            .collect::<String>()
            .replace("\"1.2\n", "\"1.2\""),
    );
    assert_eq!(spaced.entries.len(), archive.entries.len());
    assert_eq!(plain_all(&spaced.entries[1].properties), plain_all(&archive.entries[1].properties));
}

#[test]
fn a_tree_of_any_depth_is_read_and_written() {
    let depth = if cfg!(miri) { 40 } else { 3_000 };
    let line = |depth: usize| format!("{}+-o n  <class X, id {depth:#x}>\n", "  ".repeat(depth));
    let file: String = (0..depth).map(line).collect();
    let archive = text(&file);
    assert_eq!(archive.entries.len(), depth);
    assert_eq!(archive.ancestors(depth - 1).len(), depth - 1);
    let mut written = Vec::new();
    archive.write_text_with(&mut written, &Default::default(), |_| false).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), file);
}
