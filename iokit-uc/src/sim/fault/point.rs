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
    /// How many of them concern a service that can be terminated; none if this one does not.
    pub(in crate::sim) nth_of_service: Option<u64>,
    pub(in crate::sim) has_ended: bool,
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

impl Passed {
    /// The fault, for this call alone.
    pub(in crate::sim) fn restrict(&self, fault: Fault) -> Fault {
        let Point { function, selector, memory_type } = self.point;
        let nth = if fault.kind.needs_service() { self.nth_of_service } else { None };
        let mut fault = fault.on(function).nth(nth.unwrap_or(self.nth));
        fault.filter.selector = selector;
        fault.filter.memory_type = memory_type;
        fault
    }
}

/// Writes calls down.
#[derive(Default)]
pub(super) struct Recorder {
    calls: Vec<Passed>,
    counts: HashMap<Point, Counts>,
}

/// How many calls of a kind there were.
#[derive(Default)]
struct Counts {
    all: u64,
    of_services: u64,
}

impl Recorder {
    pub(super) fn begin(&mut self, point: &Point, has_service: bool) -> usize {
        let counts = self.counts.entry(*point).or_default();
        counts.all += 1;
        counts.of_services += u64::from(has_service);
        self.calls.push(Passed {
            point: *point,
            nth: counts.all,
            nth_of_service: has_service.then_some(counts.of_services),
            has_ended: false,
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
