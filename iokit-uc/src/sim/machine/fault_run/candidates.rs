//! What could go wrong with the calls that a test has made.

use super::verdict::Injection;
use crate::backend::Function;
use crate::error::IoReturn;
use crate::sim::fault::{Fault, Passed, QueueDamage, When, can_fail, gives_up, usual_failures};

/// Which faults are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// What calls fail with; if there is none, with what is usual for the function.
    pub(super) codes: Vec<IoReturn>,
    pub(super) hangs: bool,
}

impl Wanted {
    /// Every fault that could come to a call, for that call alone.
    pub(super) fn of_call(&self, call: &Passed, is_last: bool) -> Vec<Injection> {
        let mut faults = Vec::new();
        self.failures(call, &mut faults);
        truncations(call, &mut faults);
        interruptions(call, is_last, &mut faults);
        if call.made_name {
            faults.push(Fault::exhaust_port_names());
        }
        if call.mapped_queue {
            faults.extend(DAMAGES.map(Fault::corrupt_queue));
        }
        if call.is_async {
            faults.extend(self.codes(call.point.function).into_iter().map(Fault::fail_completion));
            faults.push(Fault::duplicate_completion());
            faults.extend(self.hangs.then(Fault::drop_completion));
        }
        faults.extend((self.hangs && call.reached_driver).then(Fault::hang));
        faults.into_iter().map(|fault| Injection::Fault(call.restrict(fault))).collect()
    }

    fn failures(&self, call: &Passed, faults: &mut Vec<Fault>) {
        let function = call.point.function;
        // To release a name fails for who does not have it alone.
        if can_fail(function) && (!gives_up(function) || function == Function::IOServiceClose) {
            faults.extend(self.codes(function).into_iter().map(Fault::fail));
        }
    }

    fn codes(&self, function: Function) -> Vec<IoReturn> {
        if self.codes.is_empty() { usual_failures(function).to_vec() } else { self.codes.clone() }
    }
}

const DAMAGES: [QueueDamage; 5] = [
    QueueDamage::Size(0),
    QueueDamage::Size(u32::MAX),
    QueueDamage::Head(u32::MAX),
    QueueDamage::Tail(u32::MAX),
    QueueDamage::Entry(u32::MAX),
];

/// Nothing comes back, or all but the last.
fn truncations(call: &Passed, faults: &mut Vec<Fault>) {
    let shorter = |length: usize| [0, length.saturating_sub(1)].into_iter().take(length.min(2));
    faults.extend(shorter(call.scalars).map(Fault::truncate_scalars));
    faults.extend(shorter(call.structure).map(Fault::truncate_structure));
}

/// The service goes away, or the task.
fn interruptions(call: &Passed, is_last: bool, faults: &mut Vec<Fault>) {
    let during = call.reached_driver.then_some(When::During);
    // What is released concerns the service no more.
    if call.nth_of_service.is_some() && !gives_up(call.point.function) {
        let whens = [Some(When::Before), during, Some(When::After)];
        faults.extend(whens.into_iter().flatten().map(Fault::terminate));
    }
    // For the task the end of a call is the beginning of the next.
    let whens = [Some(When::Before), during, is_last.then_some(When::After)];
    faults.extend(whens.into_iter().flatten().map(Fault::kill_task));
}
