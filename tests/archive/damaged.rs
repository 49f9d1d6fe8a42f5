//! Files with something wrong in them: the line, or the byte, and the reason.

use super::plist::{NAME, list};
use super::sample;
use iokit_uc::Value;
use iokit_uc::archive::{Archive, ArchivedEntry};

fn text_error(text: impl AsRef<[u8]>) -> String {
    Archive::from_text(text.as_ref()).unwrap_err().to_string()
}

/// The error of one entry, whose properties begin in line 3.
fn property_error(lines: &str) -> String {
    text_error(format!("+-o Root  <class IORegistryEntry>\n    {{\n{lines}\n    }}\n"))
}

fn value_error(value: &str) -> String {
    let error = property_error(&format!("      \"key\" = {value}"));
    error.strip_prefix("line 3, in /Root: the value of \"key\": ").unwrap_or(&error).to_string()
}

#[test]
fn a_value_that_is_none_is_told() {
    assert_eq!(value_error("12x"), "12x is no number");
    assert_eq!(value_error("Maybe"), "Maybe is no number");
    assert_eq!(value_error("18446744073709551616"), "18446744073709551616 is no number");
    assert_eq!(value_error("0xfffffffffffffffff"), "0xfffffffffffffffff is no number");
    assert_eq!(value_error("1e400"), "1e400 is no number");
    assert_eq!(value_error("<0g>"), "0g are no bytes in hexadecimal");
    assert_eq!(value_error("<001>"), "data have an odd number of digits");
    assert_eq!(value_error("<00"), "data have no end");
    assert_eq!(value_error("<\"a\""), "data have no end");
    assert_eq!(value_error("\"abc"), "a string has no end");
    assert_eq!(value_error("(1,2"), "`,` or `)` was expected before the end");
    assert_eq!(value_error("(1}"), "`,` or `)` was expected before }");
    assert_eq!(value_error("[1"), "`,` or `]` was expected before the end");
    assert_eq!(value_error("{1=2}"), "a key was expected before 1=2}");
    assert_eq!(value_error("{\"a\"=1"), "`,` or `}` was expected before the end");
    assert_eq!(value_error("(1),2"), "nothing can follow it, but ,2 does");
    assert_eq!(value_error("{\"a\"=1,\"a\"=2}"), "the key \"a\" is there twice");
    assert_eq!(value_error(&"(".repeat(10_000)), "there are more than 63 collections, one within the other");
}

#[test]
fn a_property_that_is_none_is_told() {
    assert_eq!(property_error("      \"key\""), "line 3, in /Root: a property without ` = `");
    let error = property_error("      key = 1");
    assert_eq!(error, "line 3, in /Root: a property or the end of them (`}`) was expected, not key = 1");
    let error = property_error("      \"a\" = 1\n      \"a\" = 2");
    assert_eq!(error, "line 2, in /Root: the key \"a\" is there twice");
    let error = property_error("      \"a\" = \"one\n      \"b\" = \"two\"");
    assert_eq!(error, "line 3, in /Root: the value of \"a\": a string has no end");
    let error = property_error("      \"a\" = 1\n+-o b  <class B>");
    assert_eq!(
        error,
        "line 4, in /Root: a property or the end of them (`}`) was expected, not +-o b  <class B>"
    );
    let error = text_error("+-o a  <class A>\n    {\n      \"k\" = 1\n");
    assert_eq!(error, "line 2, in /a: the file ends within the properties that begin here");
    let error = text_error(b"+-o a  <class A>\n    {\n      \"k\" = \"\xff\"\n    }\n");
    assert_eq!(error, "line 3, in /a: the value of \"k\": a string is not UTF-8");
    let error = text_error(b"+-o a  <class A>\n    {\n      \"\xff\" = 1\n    }\n");
    assert_eq!(error, "line 3, in /a: the key is not UTF-8");
}

#[test]
fn a_line_that_is_no_entry_is_told() {
    assert_eq!(text_error(""), "there is no entry in it; if nothing matches, `ioreg` prints nothing");
    assert_eq!(text_error("\n\n"), "there is no entry in it; if nothing matches, `ioreg` prints nothing");
    assert_eq!(
        text_error("jo@mac ~ % ioreg -l\n"),
        "line 1: an entry was expected (`+-o`), not jo@mac ~ % ioreg -l"
    );
    let error = text_error("+-o a  <class A>\n  } \"x\"\n");
    assert_eq!(error, "line 2, in /a: an entry was expected (`+-o`), not } \"x\"");
    assert_eq!(text_error(b"+-o \xff  <class A>\n"), "line 1: the entry's line is not UTF-8");
    assert_eq!(text_error("+-o a\n"), "line 1: an entry without `<class`");
    assert_eq!(text_error("+-o a\0  <class A>\n"), "line 1: a NUL, which no text has");
    for class in ["", "A:", "A::B"] {
        let error = text_error(format!("+-o a  <class {class}, retain 1>\n"));
        assert_eq!(error, "line 1: an entry without the name of its class, or of a superclass");
    }
    assert_eq!(text_error("+-o a  <class A, retain 1\n"), "line 1: the entry's line does not end with `>`");
    let error = text_error("+-o abcdefg$\n");
    assert_eq!(error, "line 1: the line is cut off within the entry's name; `ioreg -w0` cuts nothing");
    let error = text_error("+-o a  <class A>\n    +-o b  <class B>\n");
    assert_eq!(error, "line 2, in /a: the entry is indented by 4; here it can be 2 at most");
    assert_eq!(
        text_error("  +-o b  <class B>\n"),
        "line 1: the entry is indented by 2; here it can be 0 at most"
    );
    let error = text_error("+-o a  <class A>\n +-o b  <class B>\n");
    assert_eq!(error, "line 2, in /a: the entry is indented by 1; here it can be 2 at most");
    for (fact, expected) in [
        ("id 12", "a number in hexadecimal was expected in `id 12`"),
        ("id 0x1ffffffffffffffff", "a number in hexadecimal was expected in `id 0x1ffffffffffffffff`"),
        ("busy x", "a number was expected in `busy x`"),
        ("busy 1 (x ms)", "a time was expected in `busy 1 (x ms)`"),
        ("busy 1 2 3 4", "a time was expected in `busy 1 2 3 4`"),
        ("retain many", "a number was expected in `retain many`"),
    ] {
        assert_eq!(text_error(format!("+-o a  <class A, {fact}>\n")), format!("line 1: {expected}"));
    }
}

#[test]
fn an_error_tells_the_path_of_the_entry() {
    let error = Archive::from_text(
        &b"+-o Root  <class IORegistryEntry>\n  +-o a@1  <class A>\n  | +-o b  <class B>\n  +-o c  <class C>\n      {\n        \"x\" = ?\n      }\n"[..],
    );
    let error = error.unwrap_err();
    assert_eq!((error.line(), error.byte(), error.entry()), (Some(6), None, Some("/Root/c")));
    assert_eq!(error.reason(), "the value of \"x\": ? is no number");
}

fn list_error(contents: &str) -> String {
    let error = Archive::from_plist(list(contents).as_bytes()).unwrap_err();
    assert_eq!(error.byte(), None);
    error.to_string()
}

#[test]
fn an_xml_property_list_that_is_none_is_told_with_the_line() {
    // The dictionary's contents begin in line 5, of which the first is the name.
    let cases = [
        ("<key>a</key>\n<integer>12x</integer>", "line 7, in /Root: this is not an integer of 64 bits"),
        (
            "<key>a</key><integer>18446744073709551616</integer>",
            "line 6, in /Root: this is not an integer of 64 bits",
        ),
        ("<key>a</key><real>x</real>", "line 6, in /Root: this is not a number"),
        ("<key>a</key>\n\n<data>AQ?=</data>", "line 8, in /Root: data that are not base64"),
        ("<key>a</key><date>now</date>", "line 6, in /Root: this is not a date"),
        ("<key>a</key><widget/>", "line 6, in /Root: an element that no property list has"),
        ("<key>a</key><string>a<b/></string>", "line 6, in /Root: an element within a value"),
        ("<key>a</key>b<string/>", "line 6, in /Root: text where there has to be an element"),
        (
            "<key>a</key><array></dict>",
            "line 6, in /Root: this is not XML: tags do not match, or the syntax is wrong",
        ),
        (
            "<key>a</key>\n<string><![CDATA[x]]></string>",
            "line 7, in /Root: a CDATA section, which no property list of `ioreg` has",
        ),
        ("<key>a</key>", "line 7, in /Root: a key without a value"),
        (
            "<key>a</key><string>b&amp;c&unknown;d</string>",
            "line 6, in /Root: a reference to a character (`&`) that XML does not know",
        ),
        (
            "<key>a</key><string>b & c and more than any name has</string>",
            "line 6, in /Root: a reference to a character (`&`) that XML does not know",
        ),
        (
            "<key>IOObjectClass</key><string>A</string>",
            "line 6, in /Root: the key \"IOObjectClass\" is there twice",
        ),
        (
            "<key>IORegistryEntryChildren</key><array/>\n<key>IORegistryEntryChildren</key><array/>",
            "line 7, in /Root: the key \"IORegistryEntryChildren\" is there twice",
        ),
        ("<integer>1</integer><true/>", "line 6, in /Root: a key was expected"),
        ("<array/><true/>", "line 6, in /Root: a key was expected"),
        ("<dict/><true/>", "line 6, in /Root: a key was expected"),
        ("<key>a</key><true/><key>a</key><true/>", "line 6, in /Root: the key \"a\" is there twice"),
        (
            "<key>a</key><dict><key>b</key><true/>\n<key>b</key><true/></dict>",
            "line 7, in /Root: the key \"b\" is there twice",
        ),
        ("</dict></plist><plist><dict>", "line 6: something follows the end of the property list"),
    ];
    for (contents, expected) in cases {
        assert_eq!(list_error(contents), expected, "{contents}");
    }
    let whole = std::fs::read(sample("apple_silicon.xml")).unwrap();
    let half = Archive::from_plist(&whole[..whole.len() / 2]).unwrap_err();
    let line = whole[..whole.len() / 2].split(|&byte| byte == b'\n').count();
    assert_eq!(half.line(), Some(line as u64));
    assert_eq!(half.reason(), "the file ends too early");
    assert!(half.entry().unwrap().starts_with("/"));
    let mut wrong = list("<key>a</key>\n<string>a?b</string>").into_bytes();
    let place = wrong.iter().rposition(|&byte| byte == b'?').unwrap();
    wrong[place] = 0xff;
    let error = Archive::from_plist(&wrong).unwrap_err().to_string();
    assert_eq!(error, "line 7, in /Root: this is not UTF-8, or an unknown character reference");
}

#[test]
fn a_cdata_section_is_told_wherever_a_reader_may_stop() {
    // A long line is read in pieces, of which one may end within what begins the section.
    for length in 8_150..8_200 {
        let error = list_error(&format!("<key>a</key><string>{}<![CDATA[y]]></string>", "x".repeat(length)));
        assert_eq!(error, "line 6, in /Root: a CDATA section, which no property list of `ioreg` has");
    }
}

#[test]
fn a_property_list_that_is_no_archive_is_told() {
    let field = |key: &str, value: &str| list_error(&format!("<key>{key}</key>{value}"));
    let cases = [
        field("IORegistryEntryID", "<string>1</string>"),
        field("IORegistryEntryLocation", "<integer>1</integer>"),
        field("IOObjectRetainCount", "<integer>-1</integer>"),
        field("IOServiceState", "<real>1</real>"),
        field("IOServiceBusyState", "<integer>4294967296</integer>"),
        field("IOServiceBusyTime", "<integer>-5</integer>"),
        field("IOObjectInheritance", "<array><integer>1</integer></array>"),
        field("IOObjectInheritance", "<string>A</string>"),
        field("IOObjectInheritance", "<array><string>A</string></array>"),
        field("IORegistryEntryChildren", "<string>a</string>"),
        field("IORegistryEntryChildren", "<array><true/></array>"),
        field("IORegistryEntryChildren", "<array><array/></array>"),
        field("IORegistryEntryChildren", "<array><dict/></array>"),
    ];
    let expected = [
        "line 6, in /Root: IORegistryEntryID cannot be this string; an integer was expected",
        "line 6, in /Root: IORegistryEntryLocation cannot be this number; a string was expected",
        "line 6, in /Root: IOObjectRetainCount cannot be this number; an integer of 32 bits was expected",
        "line 6, in /Root: IOServiceState cannot be this number; an integer was expected",
        "line 6, in /Root: IOServiceBusyState cannot be this number; an integer of 32 bits was expected",
        "line 6, in /Root: IOServiceBusyTime cannot be this number; an integer that is not negative was expected",
        "line 6, in /Root: IOObjectInheritance cannot be this array; an array of strings was expected",
        "line 6, in /Root: IOObjectInheritance cannot be this string; an array of strings was expected",
        "line 7, in /Root: the last of IOObjectInheritance has to be the class, IORegistryEntry",
        "line 6, in /Root: an entry was expected, which is a dictionary",
        "line 6, in /Root: an entry was expected, which is a dictionary",
        "line 6, in /Root: an entry was expected, which is a dictionary",
        "line 6, in /Root/?: an entry without IORegistryEntryName",
    ];
    assert_eq!(cases, expected);
    let unnamed = |file: String| Archive::from_plist(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(unnamed(list("").replace(NAME, "")), "line 6, in /?: an entry without IORegistryEntryName");
    let class = "<key>IORegistryEntryName</key><string>a</string>";
    assert_eq!(unnamed(list("").replace(NAME, class)), "line 6, in /a: an entry without IOObjectClass");
    assert_eq!(unnamed("<plist><array/></plist>".into()), "there is no entry in it");
    assert_eq!(
        unnamed("<plist><string>a</string></plist>".into()),
        "line 1: an entry was expected, which is a dictionary"
    );
    assert_eq!(unnamed("<plist></plist>".into()), "line 1: the file ends too early");
    let empty = list("").replace("<string>Root</string>", "<string/>");
    assert_eq!(
        unnamed(empty),
        "line 5, in /?: IORegistryEntryName cannot be this string; a string that is not empty was expected"
    );
}

#[test]
fn depth_is_refused_before_it_costs_the_stack() {
    let deep = |depth: usize, open: &str, close: &str| {
        format!("<key>a</key>{}{}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [64, 10_000, 200_000] {
        let expected = "line 6, in /Root: a value of more than 63 collections, one within the other";
        assert_eq!(list_error(&deep(depth, "<array>", "</array>")), expected);
        let dictionaries = deep(depth, "<dict><key>a</key>", "</dict>");
        assert_eq!(list_error(&dictionaries), expected);
    }
    let children = "<dict><key>IORegistryEntryName</key><string>a</string><key>IOObjectClass</key><string>A</string><key>IORegistryEntryChildren</key><array>";
    let entries = |depth: usize| {
        format!("<plist>{}{}</plist>", children.repeat(depth), "</array></dict>".repeat(depth))
    };
    // The innermost of them has an empty array of children.
    assert_eq!(Archive::from_plist(entries(256).as_bytes()).unwrap().entries.len(), 256);
    for depth in [257, 10_000] {
        let error = Archive::from_plist(entries(depth).as_bytes()).unwrap_err();
        assert_eq!(error.reason(), "entries nested more than 255 deep");
        assert_eq!(error.entry().unwrap(), "/a".repeat(256));
    }
    let value = (0..63).fold(Value::from(1), |value, _| Value::array([value]));
    let mut archive = Archive { entries: vec![entry(0, "a")], ..Archive::default() };
    archive.entries[0].properties.insert("deep", value.clone());
    let mut file = Vec::new();
    archive.write_binary(&mut file).unwrap();
    assert_eq!(Archive::from_plist(&file).unwrap(), archive);
}

fn entry(depth: u32, name: &str) -> ArchivedEntry {
    ArchivedEntry { depth, name: name.into(), class: "X".into(), ..ArchivedEntry::default() }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let refused = |archive: &Archive| {
        let errors = [archive.write_xml(Vec::new()), archive.write_binary(Vec::new())];
        errors.map(|error| error.unwrap_err().to_string())
    };
    let mut archive = Archive { entries: vec![entry(0, "a"), entry(2, "b")], ..Archive::default() };
    let expected = "entry 1, b, is at depth 2, where 1 is the deepest possible";
    assert_eq!(refused(&archive), [expected; 2]);
    assert_eq!(archive.write_text(Vec::new()).unwrap_err().to_string(), expected);
    archive.entries[1].depth = 1;
    let deep = (0..100_000).fold(Value::from(1), |value, _| Value::array([value]));
    archive.entries[1].properties.insert("deep", deep);
    let expected = "the property \"deep\" of entry 1, b, has more than 63 collections, one within the other";
    assert_eq!(refused(&archive), [expected; 2]);
    let entries = (0..=256).map(|depth| entry(depth, "a")).collect();
    let expected = "entry 256, a, is at depth 256, more than 255";
    assert_eq!(refused(&Archive { entries, ..Archive::default() }), [expected; 2]);
}

#[test]
fn a_binary_property_list_that_is_damaged_is_told_with_the_byte() {
    let whole = std::fs::read(sample("intel.bplist")).unwrap();
    let error = |bytes: &[u8]| Archive::from_plist(bytes).unwrap_err();
    let (bare, version) =
        (error(b"bplist00"), error(b"bplist15aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_eq!(bare.reason(), "the file ends too early, or cannot be read");
    assert!(!version.reason().is_empty());
    for cut in [whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let error = error(&whole[..cut]);
        assert!(error.byte().is_some() && error.line().is_none(), "{error}");
    }
    // The first byte of the name's object: a string that becomes a date.
    let name = whole.windows(23).position(|window| window == b"AppleACPIPlatformExpert").unwrap();
    let mut wrong = whole.clone();
    wrong[name] = 0xff;
    let utf8 = error(&wrong);
    assert_eq!((utf8.byte(), utf8.reason()), (Some(name as u64 - 3), "a string that is not Unicode"));
}

/// A binary property list of these objects, the first of which is the outermost.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"bplist00".to_vec();
    let mut places = Vec::new();
    for object in objects {
        places.push(file.len() as u16);
        file.extend(object);
    }
    let table = file.len() as u64;
    places.iter().for_each(|place| file.extend(place.to_be_bytes()));
    file.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    [objects.len() as u64, 0, table].iter().for_each(|word| file.extend(word.to_be_bytes()));
    file
}

#[test]
fn what_a_binary_property_list_shares_does_not_unfold_without_end() {
    let string = |text: &str| [&[0x5f, 0x10, text.len() as u8][..], text.as_bytes()].concat();
    let mut objects = vec![
        vec![0xd3, 1, 2, 5, 3, 4, 6],
        string("IORegistryEntryName"),
        string("IOObjectClass"),
        string("a"),
        string("A"),
        string("key"),
    ];
    // Arrays of twice the same array.
    for index in 6..46 {
        objects.push(vec![0xa2, index + 1, index + 1]);
    }
    objects.push(vec![0x09]);
    let error = Archive::from_plist(&binary(&objects)).unwrap_err();
    assert_eq!(error.reason(), "what is in several collections unfolds to far more than the file");
    objects.truncate(6);
    objects.push(vec![0xa1, 6]);
    let error = Archive::from_plist(&binary(&objects)).unwrap_err();
    assert_eq!(error.reason(), "a collection that contains itself");
    objects[6] = vec![0xa1, 200];
    let error = Archive::from_plist(&binary(&objects)).unwrap_err();
    assert_eq!(error.reason(), "a reference to an object that is not there");
    objects[6] = vec![0x4f, 0x12, 0, 0, 1, 0];
    let error = Archive::from_plist(&binary(&objects)).unwrap_err();
    assert_eq!(error.reason(), "an object that reaches beyond the end");
    objects[6] = vec![0x52, b'a', 0];
    let error = Archive::from_plist(&binary(&objects)).unwrap_err();
    assert_eq!(error.reason(), r#"a NUL in the text "a\0""#);
    objects[6] = vec![0x09];
    assert_eq!(
        Archive::from_plist(&binary(&objects)).unwrap().entries[0].properties.get("key"),
        Some(&true.into())
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let error = Archive::open(sample("nothing.txt")).unwrap_err();
    assert_eq!((error.line(), error.byte(), error.entry()), (None, None, None));
    assert!(error.to_string().starts_with("it cannot be read: "));
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn no_damage_makes_a_reader_panic() {
    // Every file, with a byte changed, or cut.
    let steps = if cfg!(miri) { 3 } else { 60 };
    for name in ["intel.bplist", "apple_silicon.dt.txt", "intel.txt", "apple_silicon.xml"] {
        let whole = std::fs::read(sample(name)).unwrap();
        let mut errors = 0;
        for step in 0..steps {
            let place = step * whole.len() / steps;
            let mut wrong = whole.clone();
            wrong[place] ^= 1 << (step % 8);
            errors += usize::from(Archive::read(&*wrong).is_err());
            errors += usize::from(Archive::read(&whole[..place]).is_err());
        }
        assert!(errors > steps / 2, "{name}: {errors}");
    }
}
