//! The codes in `IOReturn.h` are those of the library.

use iokit_uc::IoReturn;

const HEADER: &str = include_str!("../../../include/IOKit/IOReturn.h");
const IOKIT: u32 = IoReturn::SYSTEM_IOKIT << 26;

/// The names that the header defines as `definition` of a number, with their numbers.
fn defined(definition: &str) -> Vec<(&'static str, u32)> {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse::<i32>().ok().map(i32::cast_unsigned),
    };
    let line = |line: &'static str| {
        let (name, value) = line.strip_prefix("#define ")?.split_once(' ')?;
        let value = value.trim().strip_prefix(definition)?.strip_prefix('(')?.strip_suffix(')')?;
        Some((name, number(value)?))
    };
    HEADER.lines().filter_map(line).collect()
}

#[test]
fn every_common_code_has_its_name_and_none_is_missing() {
    let header = defined("iokit_common_err");
    for (name, number) in &header {
        assert_eq!(IoReturn::from_code(IOKIT | number).name(), Some(*name));
    }
    let named = (0..=0x3fff).filter_map(|number| IoReturn::from_code(IOKIT | number).name());
    assert_eq!(named.count(), header.len());
}

#[test]
fn every_family_has_its_number_and_none_is_missing() {
    let header: Vec<_> = defined("err_sub").into_iter().filter(|(_, number)| *number != 0).collect();
    let family = |number: u32| IoReturn::from_code(IOKIT | (number & 0xfff) << 14).family();
    for (name, number) in &header {
        assert!(family(*number).is_some(), "{name}");
    }
    assert_eq!((0..=0xfff).filter(|number| family(*number).is_some()).count(), header.len());
}
