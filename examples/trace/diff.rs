//! In what two traces differ.

use super::cli::Failure;
use iokit_uc::trace::{Trace, TracedCall};
use std::io::Write;

/// Shows what only one of two traces has: calls, apart from when they were and how long they took.
pub(crate) fn show(before: &Trace, after: &Trace, out: &mut dyn Write) -> Result<(), Failure> {
    let (a, b) = (before.calls(), after.calls());
    let mut differences = 0;
    let (mut left, mut right) = (0, 0);
    while left < a.len() || right < b.len() {
        if a.get(left).is_some_and(|call| b.get(right).is_some_and(|other| is_same(call, other))) {
            (left, right) = (left + 1, right + 1);
            continue;
        }
        let (skipped, added) = next_in_common(&a[left..], &b[right..]);
        for call in &a[left..left + skipped] {
            writeln!(out, "- {call}")?;
        }
        for call in &b[right..right + added] {
            writeln!(out, "+ {call}")?;
        }
        differences += skipped.max(added);
        (left, right) = (left + skipped, right + added);
    }
    match differences {
        0 => Ok(writeln!(out, "no difference in {} calls", a.len())?),
        _ => Err(format!("{differences} differences").into()),
    }
}

fn is_same(a: &TracedCall, b: &TracedCall) -> bool {
    (a.function, &a.inputs, &a.outputs) == (b.function, &b.inputs, &b.outputs)
}

/// How many calls there are on each side before the next that both have, as few as can be.
fn next_in_common(a: &[TracedCall], b: &[TracedCall]) -> (usize, usize) {
    /// Farther apart, two calls are no pair.
    const FARTHEST: usize = 200;
    for distance in 1..FARTHEST.min(a.len() + b.len()) {
        for skipped in 0..=distance.min(a.len()) {
            let added = distance - skipped;
            if let (Some(call), Some(other)) = (a.get(skipped), b.get(added))
                && is_same(call, other)
            {
                return (skipped, added);
            }
        }
    }
    (a.len(), b.len())
}
