//! The names that things have in C.

use std::collections::BTreeSet;
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
