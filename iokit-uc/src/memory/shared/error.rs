//! What is said of a range that does not fit.

use crate::error::{Call, Detail, Error, IoReturn, Result};
use std::ops::{Bound, Range, RangeBounds};

/// `kIOReturnBadArgument` with the figures.
#[cold]
pub(in crate::memory) fn bad_argument(function: &'static str, figures: String) -> Error {
    Error::new(Call::Function(function), IoReturn::BAD_ARGUMENT).with_detail(Detail::Text(figures.into()))
}

/// The range as numbers, if it lies within `length`.
#[inline]
pub(super) fn within(
    function: &'static str,
    range: impl RangeBounds<usize>,
    length: usize,
) -> Result<Range<usize>> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => length,
    };
    if start <= end && end <= length {
        Ok(start..end)
    } else {
        Err(bad_argument(function, format!("the range {start}..{end} does not lie within 0..{length}")))
    }
}

/// Fails unless both have the same length.
#[inline]
pub(super) fn same_length(function: &'static str, mapped: usize, given: usize) -> Result<()> {
    if mapped == given { Ok(()) } else { Err(different_lengths(function, mapped, given)) }
}

/// Not in line, where what the figures take would be part of every copy.
#[cold]
#[inline(never)]
fn different_lengths(function: &'static str, mapped: usize, given: usize) -> Error {
    bad_argument(function, format!("the mapped slice has {mapped} elements, the other {given}"))
}
