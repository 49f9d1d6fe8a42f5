//! Where faults could come to a program: the calls that it has made.

use super::spec::Fault;
use crate::backend::Function;
use std::collections::HashMap;
use std::fmt;

/// A kind of call, as the filters of a fault tell it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::sim) struct Point {
    pub(in crate::sim) function: Function,
    pub(in crate::sim) selector: Option<u32>,
    pub(in crate::sim) memory_type: Option<u32>,
}

/// A call that has been made, and what can go wrong with it besides.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Passed {
    pub(in crate::sim) point: Point,
    /// How many calls of its kind there were with it.
    pub(in crate::sim) nth: u64,
    pub(in crate::sim) has_ended: bool,
    /// It concerns a service that can be terminated.
    pub(in crate::sim) has_service: bool,
    /// The driver was about to be called.
    pub(in crate::sim) reached_driver: bool,
    /// Scalars and bytes of structure that came out.
    pub(in crate::sim) scalars: usize,
    pub(in crate::sim) structure: usize,
    /// The task has got a name that it did not have.
    pub(in crate::sim) made_name: bool,
    /// A data queue was mapped.
    pub(in crate::sim) mapped_queue: bool,
    /// The driver was given a reference to complete the call by.
    pub(in crate::sim) is_async: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.function)?;
        self.selector.iter().try_for_each(|selector| write!(f, ", selector {selector}"))?;
        self.memory_type.iter().try_for_each(|memory_type| write!(f, ", memory type {memory_type}"))
    }
}

impl Point {
    /// The fault, for the `nth` call of this kind alone.
    pub(in crate::sim) fn restrict(&self, fault: Fault, nth: u64) -> Fault {
        let mut fault = fault.on(self.function).nth(nth);
        fault.filter.selector = self.selector;
        fault.filter.memory_type = self.memory_type;
        fault
    }
}

/// Writes calls down.
#[derive(Default)]
pub(super) struct Recorder {
    calls: Vec<Passed>,
    counts: HashMap<Point, u64>,
}

impl Recorder {
    pub(super) fn begin(&mut self, point: &Point) -> usize {
        let count = self.counts.entry(*point).or_default();
        *count += 1;
        self.calls.push(Passed {
            point: *point,
            nth: *count,
            has_ended: false,
            has_service: false,
            reached_driver: false,
            scalars: 0,
            structure: 0,
            made_name: false,
            mapped_queue: false,
            is_async: false,
        });
        self.calls.len() - 1
    }

    pub(super) fn end(&mut self, number: usize, change: impl FnOnce(&mut Passed)) {
        if let Some(call) = self.calls.get_mut(number) {
            change(call);
            call.has_ended = true;
        }
    }

    pub(super) fn into_calls(self) -> Vec<Passed> {
        self.calls
    }
}
