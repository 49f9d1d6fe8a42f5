//! Changing strings.

use super::compare::{BACKWARDS, find_in};
use super::create::c_string;
use super::encoding::Encoding;
use super::{Text, units};
use crate::abi::*;
use crate::memory;
use crate::object::of;
use crate::range::{bounds, index, length};
use darwin_calls::misuse;

pub(crate) fn CFStringAppend(string: CFMutableStringRef, more: CFStringRef) {
    let more = units(more);
    of::<Text>(string).change(|units| units.extend_from_slice(&more));
}

pub(crate) unsafe fn CFStringAppendCharacters(
    string: CFMutableStringRef,
    characters: *const UniChar,
    count: CFIndex,
) {
    // SAFETY: so many units by the caller's promise.
    let more = unsafe { memory::slice(characters, count) };
    of::<Text>(string).change(|units| units.extend_from_slice(more));
}

/// Nothing if the bytes are not in this encoding.
pub(crate) unsafe fn CFStringAppendCString(
    string: CFMutableStringRef,
    more: *const c_char,
    encoding: CFStringEncoding,
) {
    // SAFETY: a C string by the caller's promise.
    let more = Encoding::of(encoding).decode(unsafe { c_string(more) }, false);
    of::<Text>(string).change(|units| units.extend(more.unwrap_or_default()));
}

pub(crate) fn CFStringInsert(string: CFMutableStringRef, place: CFIndex, more: CFStringRef) {
    CFStringReplace(string, CFRange { location: place, length: 0 }, more);
}

pub(crate) fn CFStringDelete(string: CFMutableStringRef, range: CFRange) {
    let string = of::<Text>(string);
    string.change(|units| drop(units.drain(bounds(string.object(), range, units.len()))));
}

pub(crate) fn CFStringReplace(string: CFMutableStringRef, range: CFRange, new: CFStringRef) {
    let new = units(new).to_vec();
    let string = of::<Text>(string);
    string.change(|units| drop(units.splice(bounds(string.object(), range, units.len()), new)));
}

pub(crate) fn CFStringReplaceAll(string: CFMutableStringRef, new: CFStringRef) {
    let new = units(new).to_vec();
    of::<Text>(string).change(|units| *units = new);
}

/// How many were replaced.
pub(crate) fn CFStringFindAndReplace(
    string: CFMutableStringRef,
    wanted: CFStringRef,
    new: CFStringRef,
    range: CFRange,
    options: CFStringCompareFlags,
) -> CFIndex {
    let (mut left, mut places) = (range, Vec::new());
    while let Some(found) = find_in(string, wanted, left, options) {
        if options & BACKWARDS != 0 {
            left.length = found.location - left.location;
        } else {
            left.location = found.location + found.length;
            left.length = range.location + range.length - left.location;
        }
        places.push(found);
    }
    places.sort_by_key(|place| place.location);
    places.iter().rev().for_each(|&place| CFStringReplace(string, place, new));
    places.len().cast_signed()
}

/// Fills up to `length` units with `pad`, from its unit `start` on, or cuts what is more. Without `pad` it only cuts.
pub(crate) fn CFStringPad(string: CFMutableStringRef, pad: CFStringRef, wanted: CFIndex, start: CFIndex) {
    let text = of::<Text>(string);
    let wanted = length(wanted);
    let old = text.units().len();
    if wanted <= old || pad.is_null() {
        return text.change(|units| units.truncate(wanted));
    }
    let object = of::<Text>(pad);
    let pad = object.units();
    let start = index(object.object(), start, pad.len());
    text.change(|units| {
        memory::reserve(units, wanted - old);
        units.extend(pad.iter().cycle().skip(start).take(wanted - old));
    });
}

/// Takes as many of `trim` from both ends as there are.
pub(crate) fn CFStringTrim(string: CFMutableStringRef, trim: CFStringRef) {
    let trim = units(trim);
    of::<Text>(string).change(|units| {
        if trim.is_empty() {
            return;
        }
        while units.starts_with(&trim) {
            units.drain(..trim.len());
        }
        while units.ends_with(&trim) {
            units.truncate(units.len() - trim.len());
        }
    });
}

pub(crate) fn CFStringTrimWhitespace(string: CFMutableStringRef) {
    let is_space = |unit: &u16| char::from_u32((*unit).into()).is_some_and(char::is_whitespace);
    of::<Text>(string).change(|units| {
        let end = units.iter().rposition(|unit| !is_space(unit)).map_or(0, |last| last + 1);
        units.truncate(end);
        let start = units.iter().position(|unit| !is_space(unit)).unwrap_or(0);
        units.drain(..start);
    });
}

pub(crate) fn CFStringUppercase(string: CFMutableStringRef, locale: CFLocaleRef) {
    map(string, locale, str::to_uppercase);
}

pub(crate) fn CFStringLowercase(string: CFMutableStringRef, locale: CFLocaleRef) {
    map(string, locale, str::to_lowercase);
}

fn map(string: CFMutableStringRef, locale: CFLocaleRef, map: impl Fn(&str) -> String) {
    if !locale.is_null() {
        misuse("a locale has no stand-in")
    }
    let text = of::<Text>(string);
    let new = map(&text.to_string_lossy()).encode_utf16().collect();
    text.change(|units| *units = new);
}
