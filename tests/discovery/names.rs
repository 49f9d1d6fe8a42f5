//! The names that things have in C.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The functions that a C header declares.
fn functions(header: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = header.match_indices('(').map(|(index, _)| header[..index].trim_end());
    let names = before.map(|before| &before[before.trim_end_matches(is_name).len()..]);
    names.filter(|name| name.starts_with("IO")).collect()
}

/// Everything of the library's source.
fn sources(directory: &Path, all: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, all),
            false => all.push_str(&fs::read_to_string(&path).unwrap()),
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn every_function_of_iokitlib_is_found_by_its_name_or_it_is_told_why_not() {
    let header = fs::read_to_string(root().join("tests/darwin/include/IOKit/IOKitLib.h")).unwrap();
    let functions = functions(&header);
    assert!(functions.len() > 80 && functions.contains("IOServiceGetMatchingServices"), "{functions:?}");

    let mut source = String::new();
    sources(&root().join("iokit-uc/src"), &mut source);
    let library = fs::read_to_string(root().join("iokit-uc/src/lib.rs")).unwrap();
    let told = library.split("//! # ").find(|part| part.starts_with("IOKitLib's names")).unwrap();
    for function in functions {
        let is_found = source.contains(&format!("#[doc(alias = \"{function}\")]"));
        assert_ne!(is_found, told.contains(&format!("`{function}`")), "{function}");
    }
}

/// The identifiers between backquotes, one by one: of `A::b` both.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split('`').skip(1).step_by(2).flat_map(move |code| code.split(move |c| !is_name(c)))
}

/// The names in C that the library's items can be found by, each with the names of these items.
fn aliases(source: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut aliases = BTreeMap::<_, BTreeSet<_>>::new();
    for (index, start) in source.match_indices("#[doc(alias = \"") {
        let after = &source[index + start.len()..];
        let (alias, after) = after.split_once('"').unwrap();
        let mut item = after.lines().skip(1).map(str::trim);
        let item = item.find(|line| !line.starts_with(['#', '/']) && !line.is_empty()).unwrap_or_default();
        let words: Vec<&str> = item.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let kinds = ["fn", "struct", "enum", "type", "const", "trait"];
        let kind = words.iter().position(|word| kinds.contains(word));
        aliases.entry(alias).or_default().extend(kind.and_then(|kind| words.get(kind + 1)));
    }
    aliases
}

#[test]
#[cfg_attr(miri, ignore = "reads files")]
fn the_guide_from_c_names_every_function_once_with_what_stands_for_it() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let headers =
        ["IOKitLib.h", "IODataQueueClient.h"].map(|name| read(&format!("tests/darwin/include/IOKit/{name}")));
    let expected: BTreeSet<&str> = headers.iter().flat_map(|header| functions(header)).collect();

    let text = read("docs/from-c.md");
    let (tables, without) = text.split_once("## Without a counterpart").unwrap();
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(&str, &str)> = rows.map(|row| row.split_once(" | ").unwrap()).collect();
    let in_tables = rows.iter().flat_map(|(names, _)| names.split('`')).filter(|name| name.starts_with("IO"));
    let mut named: Vec<&str> =
        in_tables.chain(quoted(without).filter(|name| name.starts_with("IO"))).collect();
    named.sort_unstable();
    assert_eq!(named.windows(2).find(|two| two[0] == two[1]), None, "named twice");
    assert_eq!(expected.difference(&named.iter().copied().collect()).next(), None, "missing");

    let mut source = String::new();
    sources(&root().join("iokit-uc/src"), &mut source);
    let aliases = aliases(&source);
    for (names, rest) in rows {
        let here: BTreeSet<&str> = quoted(rest.split(" | ").next().unwrap()).collect();
        for name in names.split('`').filter(|name| name.starts_with("IO")) {
            if let Some(items) = aliases.get(name) {
                assert!(!items.is_disjoint(&here), "{name}: {here:?}, but the library's are {items:?}");
            }
        }
    }
    for name in quoted(without) {
        assert!(!aliases.contains_key(name), "{name} has a counterpart");
    }
}
