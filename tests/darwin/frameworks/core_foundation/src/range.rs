//! Ranges, indices and lengths as the program gives them.

use crate::abi::{CFIndex, CFRange};
use crate::object::Object;
use darwin_calls::misuse;
use std::ops::Range;

/// `kCFNotFound`
pub(crate) const NOT_FOUND: CFIndex = -1;

pub(crate) fn not_found() -> CFRange {
    CFRange { location: NOT_FOUND, length: 0 }
}

/// `range` if it lies within `object`, which has `length` elements; ends the process otherwise.
pub(crate) fn bounds(object: &Object, range: CFRange, length: usize) -> Range<usize> {
    let start = usize::try_from(range.location).ok();
    let bounds = start.and_then(|start| Some(start..start.checked_add(range.length.try_into().ok()?)?));
    match bounds.filter(|bounds| bounds.end <= length) {
        Some(bounds) => bounds,
        None => {
            let CFRange { location, length: of } = range;
            misuse(format_args!(
                "{of} at {location} were asked for of the {length} in {}",
                object.class().name
            ))
        }
    }
}

/// `index` if it is below `limit`; ends the process otherwise.
pub(crate) fn index(object: &Object, index: CFIndex, limit: usize) -> usize {
    match usize::try_from(index).ok().filter(|&index| index < limit) {
        Some(index) => index,
        None => misuse(format_args!("index {index} is out of bounds: {} has {limit}", object.class().name)),
    }
}

/// A number of elements; ends the process if it is negative.
pub(crate) fn length(count: CFIndex) -> usize {
    usize::try_from(count).unwrap_or_else(|_| misuse(format_args!("{count} is no length")))
}
