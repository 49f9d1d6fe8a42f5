//! What a call meets on its way, told by the functions that it goes through.

use super::plan::{Plan, Seen};
use crate::interface::arguments::Arguments;
use crate::memory::MemoryDescriptor;
use crate::sim::Task;
use crate::sim::fault::{CompletionFaults, Kind};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::PoisonError;

thread_local! {
    /// The plan of the call that this thread makes.
    static CURRENT: RefCell<Option<Rc<Plan>>> = const { RefCell::new(None) };
}

/// Puts back what there was before: a driver may have called the kernel in the middle of a call.
struct Restore(Option<Rc<Plan>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Makes a call that goes by `plan`, or as it would without one.
pub(super) fn with<R>(plan: Option<&Rc<Plan>>, call: impl FnOnce() -> R) -> R {
    let _restore = Restore(CURRENT.replace(plan.cloned()));
    call()
}

fn current() -> Option<Rc<Plan>> {
    CURRENT.with_borrow(Option::clone)
}

impl Task {
    /// A driver is about to be called for this task.
    #[inline]
    pub(in crate::sim) fn driver_is_called(&self) {
        if self.is_faulted() {
            driver_is_called();
        }
    }

    /// A driver's external method has succeeded.
    #[inline]
    pub(in crate::sim) fn driver_has_answered(&self, arguments: &mut Arguments<'_>) {
        if self.is_faulted() {
            driver_has_answered(arguments);
        }
    }

    /// What comes to the completions of the call that is being made.
    #[inline]
    pub(in crate::sim) fn completion_faults(&self) -> Option<Box<CompletionFaults>> {
        if self.is_faulted() { completion_faults() } else { None }
    }

    /// Memory has been mapped for this task.
    pub(in crate::sim) fn memory_is_mapped(&self, memory: &MemoryDescriptor, memory_type: u32) {
        if !self.is_faulted() {
            return;
        }
        for armed in self.shared.core().faults().injected() {
            let filter = &armed.fault.filter;
            if matches!(armed.fault.kind, Kind::CorruptQueue(_))
                && filter.memory_type.is_none_or(|filtered| filtered == memory_type)
                && filter.task.as_ref().is_none_or(|filtered| filtered.id == self.id())
            {
                armed.queue.lock().unwrap_or_else(PoisonError::into_inner).replace(memory.clone());
            }
        }
        if let Some(plan) = current() {
            plan.seen.borrow_mut().mapped = Some(memory.clone());
        }
    }
}

#[cold]
fn driver_is_called() {
    if let Some(plan) = current() {
        plan.happen_during();
    }
}

#[cold]
fn driver_has_answered(arguments: &mut Arguments<'_>) {
    let Some(plan) = current() else { return };
    let scalars = plan.room(|kind| match kind {
        Kind::TruncateScalars(count) => Some(count),
        _ => None,
    });
    let structure = plan.room(|kind| match kind {
        Kind::TruncateStructure(size) => Some(size),
        _ => None,
    });
    arguments.truncate(scalars, structure);
    let Seen { scalars, structure, .. } = &mut *plan.seen.borrow_mut();
    *scalars = arguments.scalar_output_count as usize;
    *structure = arguments.structure_output_size();
}

#[cold]
fn completion_faults() -> Option<Box<CompletionFaults>> {
    let plan = current()?;
    plan.seen.borrow_mut().is_async = true;
    CompletionFaults::of(plan.kinds().map(|(kind, _)| kind))
}
