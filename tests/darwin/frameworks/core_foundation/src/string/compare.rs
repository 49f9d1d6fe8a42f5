//! Comparing strings, and finding one in another.

use super::{Text, units};
use crate::abi::*;
use crate::memory;
use crate::object::of;
use crate::range::bounds;
use darwin_calls::misuse;
use std::cmp::Ordering;
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

const CASE_INSENSITIVE: usize = 1;
pub(super) const BACKWARDS: usize = 4;
const ANCHORED: usize = 8;
const NONLITERAL: usize = 16;
const NUMERICALLY: usize = 64;
const DIACRITIC_INSENSITIVE: usize = 128;
const WIDTH_INSENSITIVE: usize = 256;
const FORCED_ORDERING: usize = 512;

/// These make no difference between strings of ASCII, and need more of Unicode than there is here for others.
const OF_UNICODE: usize = NONLITERAL | DIACRITIC_INSENSITIVE | WIDTH_INSENSITIVE;
const KNOWN: usize = OF_UNICODE | CASE_INSENSITIVE | BACKWARDS | ANCHORED | NUMERICALLY | FORCED_ORDERING;

/// Ends the process if the options ask for what there is no stand-in for.
fn check(options: CFStringCompareFlags, a: &[u16], b: &[u16]) {
    let ascii = a.iter().chain(b).all(|unit| *unit < 0x80);
    if options & !KNOWN != 0 || (options & OF_UNICODE != 0 && !ascii) {
        misuse(format_args!("comparing these strings with options {options:#x} has no stand-in"))
    }
}

/// What is compared at once: a unit, or what a character becomes without case, with the units that it came from.
struct Element {
    value: u32,
    units: Range<usize>,
}

fn elements(units: &[u16], options: CFStringCompareFlags) -> Vec<Element> {
    if options & CASE_INSENSITIVE == 0 {
        let element = |(place, &unit): (usize, &u16)| Element { value: unit.into(), units: place..place + 1 };
        return units.iter().enumerate().map(element).collect();
    }
    let mut elements = Vec::new();
    let mut start = 0;
    for character in char::decode_utf16(units.iter().copied()) {
        let length = character.as_ref().map_or(1, |character| character.len_utf16());
        let range = start..start + length;
        match character {
            Ok(character) => elements.extend(
                character
                    .to_uppercase()
                    .flat_map(char::to_lowercase)
                    .map(|folded| Element { value: folded.into(), units: range.clone() }),
            ),
            Err(half) => elements.push(Element { value: half.unpaired_surrogate().into(), units: range }),
        }
        start += length;
    }
    elements
}

fn compare(a: &[u16], b: &[u16], options: CFStringCompareFlags) -> Ordering {
    check(options, a, b);
    let values =
        |units| elements(units, options).into_iter().map(|element| element.value).collect::<Vec<_>>();
    let (x, y) = (values(a), values(b));
    let order = if options & NUMERICALLY == 0 { x.cmp(&y) } else { compare_numerically(x, y) };
    if options & FORCED_ORDERING == 0 { order } else { order.then_with(|| a.cmp(b)) }
}

/// Digits that follow each other count as the number that they are.
fn compare_numerically(a: Vec<u32>, b: Vec<u32>) -> Ordering {
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    loop {
        let order = match (number(&mut a), number(&mut b)) {
            (Some(x), Some(y)) => x.len().cmp(&y.len()).then(x.cmp(&y)),
            (x, y) => {
                // A number on one side only: its first digit counts, as any character does.
                let first = |number: Option<Vec<u32>>, values: &mut Peekable<IntoIter<u32>>| match number {
                    Some(digits) => Some(digits.first().copied().unwrap_or(u32::from('0'))),
                    None => values.next(),
                };
                let (x, y) = (first(x, &mut a), first(y, &mut b));
                if x.is_none() && y.is_none() {
                    return Ordering::Equal;
                }
                x.cmp(&y)
            }
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The digits that come next, without zeros at the start.
fn number(values: &mut Peekable<IntoIter<u32>>) -> Option<Vec<u32>> {
    let is_digit = |value: &u32| (0x30..0x3a).contains(value);
    values.peek().filter(|value| is_digit(value))?;
    let mut digits = Vec::new();
    while let Some(digit) = values.next_if(|value| is_digit(value)) {
        if digit != 0x30 || !digits.is_empty() {
            digits.push(digit);
        }
    }
    Some(digits)
}

/// Where `wanted` is, in units of `within`.
fn find(within: &[u16], wanted: &[u16], options: CFStringCompareFlags) -> Option<Range<usize>> {
    check(options & !NUMERICALLY, within, wanted);
    let (within, wanted) = (elements(within, options), elements(wanted, options));
    if wanted.is_empty() {
        return None;
    }
    let last = within.len().checked_sub(wanted.len())?;
    let found = |place: &usize| {
        let place = *place;
        let part = &within[place..place + wanted.len()];
        // What one character became is not to be cut.
        let whole = |border: usize| {
            border == 0 || border == within.len() || within[border - 1].units != within[border].units
        };
        part.iter().zip(&wanted).all(|(a, b)| a.value == b.value)
            && whole(place)
            && whole(place + wanted.len())
    };
    let place = match (options & BACKWARDS != 0, options & ANCHORED != 0) {
        (false, true) => Some(0).filter(found),
        (true, true) => Some(last).filter(found),
        (false, false) => (0..=last).find(found),
        (true, false) => (0..=last).rfind(found),
    }?;
    Some(within[place].units.start..within[place + wanted.len() - 1].units.end)
}

/// `find` in a range of the program's string.
pub(super) fn find_in(
    string: CFStringRef,
    wanted: CFStringRef,
    range: CFRange,
    options: CFStringCompareFlags,
) -> Option<CFRange> {
    let string = of::<Text>(string);
    let text = string.units();
    let bounds = bounds(string.object(), range, text.len());
    let start = bounds.start;
    let found = find(&text[bounds], &units(wanted), options)?;
    Some(CFRange { location: (start + found.start).cast_signed(), length: found.len().cast_signed() })
}

fn all(string: CFStringRef) -> CFRange {
    CFRange { location: 0, length: units(string).len().cast_signed() }
}

pub(crate) fn CFStringCompare(
    a: CFStringRef,
    b: CFStringRef,
    options: CFStringCompareFlags,
) -> CFComparisonResult {
    compare(&units(a), &units(b), options) as CFComparisonResult
}

/// The range is of the first string.
pub(crate) fn CFStringCompareWithOptions(
    a: CFStringRef,
    b: CFStringRef,
    range: CFRange,
    options: CFStringCompareFlags,
) -> CFComparisonResult {
    compare(&super::part(a, range).1, &units(b), options) as CFComparisonResult
}

/// No string begins with an empty one, as none is found anywhere.
pub(crate) fn CFStringHasPrefix(string: CFStringRef, prefix: CFStringRef) -> Boolean {
    find_in(string, prefix, all(string), ANCHORED).is_some().into()
}

pub(crate) fn CFStringHasSuffix(string: CFStringRef, suffix: CFStringRef) -> Boolean {
    find_in(string, suffix, all(string), ANCHORED | BACKWARDS).is_some().into()
}

pub(crate) fn CFStringFind(
    string: CFStringRef,
    wanted: CFStringRef,
    options: CFStringCompareFlags,
) -> CFRange {
    find_in(string, wanted, all(string), options).unwrap_or_else(crate::range::not_found)
}

pub(crate) unsafe fn CFStringFindWithOptions(
    string: CFStringRef,
    wanted: CFStringRef,
    range: CFRange,
    options: CFStringCompareFlags,
    result: *mut CFRange,
) -> Boolean {
    let found = find_in(string, wanted, range, options);
    if let Some(found) = found {
        // SAFETY: null, or room for a range, by the caller's promise.
        unsafe { memory::store(result, found) };
    }
    found.is_some().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn order(a: &str, b: &str, options: usize) -> Ordering {
        compare(&units(a), &units(b), options)
    }

    fn place(within: &str, wanted: &str, options: usize) -> Option<Range<usize>> {
        find(&units(within), &units(wanted), options)
    }

    #[test]
    fn strings_compare_unit_by_unit() {
        assert_eq!(order("a", "B", 0), Ordering::Greater);
        assert_eq!(order("ab", "abc", 0), Ordering::Less);
        assert_eq!(order("\u{ffff}", "\u{10000}", 0), Ordering::Greater);
    }

    #[test]
    fn case_does_not_count_if_so_asked() {
        assert_eq!(order("GRÖSSE", "größe", CASE_INSENSITIVE), Ordering::Equal);
        assert_eq!(order("a", "B", CASE_INSENSITIVE), Ordering::Less);
        assert_eq!(order("A", "a", CASE_INSENSITIVE | FORCED_ORDERING), Ordering::Less);
    }

    #[test]
    fn numbers_compare_by_value_if_so_asked() {
        assert_eq!(order("disk10", "disk9", NUMERICALLY), Ordering::Greater);
        assert_eq!(order("disk10", "disk9", 0), Ordering::Less);
        assert_eq!(order("v01.2", "v1.02", NUMERICALLY), Ordering::Equal);
        assert_eq!(order("a1", "ab", NUMERICALLY), Ordering::Less);
        assert_eq!(order("a", "a1", NUMERICALLY), Ordering::Less);
        assert_eq!(order("00", "0", NUMERICALLY), Ordering::Equal);
    }

    #[test]
    fn a_string_is_found_from_either_end() {
        assert_eq!(place("abcabc", "bc", 0), Some(1..3));
        assert_eq!(place("abcabc", "bc", BACKWARDS), Some(4..6));
        assert_eq!(place("abcabc", "bc", ANCHORED), None);
        assert_eq!(place("abcabc", "bc", ANCHORED | BACKWARDS), Some(4..6));
        assert_eq!(place("abc", "abcd", 0), None);
        assert_eq!(place("abc", "", 0), None);
    }

    #[test]
    fn without_case_no_character_is_cut() {
        assert_eq!(place("xStraße", "STRASSE", CASE_INSENSITIVE), Some(1..7));
        assert_eq!(place("ß", "s", CASE_INSENSITIVE), None);
    }

    #[test]
    fn options_without_stand_in_say_so() {
        let refused = darwin_calls::catch(|| order("ä", "a", DIACRITIC_INSENSITIVE));
        assert!(refused.is_err_and(|message| message.contains("0x80 has no stand-in")));
        assert_eq!(order("a", "a", DIACRITIC_INSENSITIVE), Ordering::Equal);
    }
}
