//! The faults of a machine.

use super::filter::Count;
use super::point::{Passed, Point, Recorder};
use super::spec::Fault;
use crate::memory::MemoryDescriptor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What has been injected.
#[derive(Default)]
pub(in crate::sim) struct Faults {
    /// Whether there is anything for calls to look at.
    armed: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    injected: Vec<Arc<Armed>>,
    recorder: Option<Recorder>,
}

/// A fault that has been injected.
pub(in crate::sim) struct Armed {
    pub(in crate::sim) fault: Fault,
    count: Mutex<Count>,
    lifted: AtomicBool,
    /// The memory that was mapped last, for a fault that damages it.
    pub(in crate::sim) queue: Mutex<Option<MemoryDescriptor>>,
}

impl Armed {
    fn new(fault: Fault) -> Self {
        let count = Mutex::new(Count::new(&fault.filter));
        Self { fault, count, lifted: AtomicBool::new(false), queue: Mutex::default() }
    }

    /// Whether the fault comes to a call that passes its filters.
    pub(in crate::sim) fn choose(&self) -> bool {
        !self.is_lifted() && self.count().choose(&self.fault.filter)
    }

    pub(in crate::sim) fn hits(&self) -> u64 {
        self.count().chosen
    }

    /// From now on it comes to no call. Who hangs by it is to be told.
    pub(in crate::sim) fn lift(&self) {
        self.lifted.store(true, Ordering::SeqCst);
    }

    pub(in crate::sim) fn is_lifted(&self) -> bool {
        self.lifted.load(Ordering::SeqCst)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults {
    /// What a call costs without a fault.
    #[inline]
    pub(in crate::sim) fn are_armed(&self) -> bool {
        self.armed.load(Ordering::Relaxed)
    }

    pub(in crate::sim) fn inject(&self, fault: Fault) -> Arc<Armed> {
        let armed = Arc::new(Armed::new(fault));
        self.change(|inner| inner.injected.push(Arc::clone(&armed)));
        armed
    }

    pub(in crate::sim) fn lift_all(&self) {
        self.change(|inner| inner.injected.drain(..).for_each(|armed| armed.lift()));
    }

    /// Forgets those that have been lifted.
    pub(in crate::sim) fn forget_lifted(&self) {
        self.change(|inner| inner.injected.retain(|armed| !armed.is_lifted()));
    }

    /// From now on every call is written down.
    pub(in crate::sim) fn record(&self) {
        self.change(|inner| inner.recorder = Some(Recorder::default()));
    }

    /// The calls that have been made since, in their order.
    pub(in crate::sim) fn take_record(&self) -> Vec<Passed> {
        let mut recorded = None;
        self.change(|inner| recorded = inner.recorder.take());
        recorded.map_or_else(Vec::new, Recorder::into_calls)
    }

    /// What a call has to look at, and its number in the record if there is one.
    pub(in crate::sim) fn begin(&self, point: &Point, has_service: bool) -> (Vec<Arc<Armed>>, Option<usize>) {
        let mut inner = self.lock();
        let number = inner.recorder.as_mut().map(|recorder| recorder.begin(point, has_service));
        (inner.injected.clone(), number)
    }

    pub(in crate::sim) fn injected(&self) -> Vec<Arc<Armed>> {
        self.lock().injected.clone()
    }

    /// What has become of a call that is in the record.
    pub(in crate::sim) fn end(&self, number: usize, change: impl FnOnce(&mut Passed)) {
        if let Some(recorder) = &mut self.lock().recorder {
            recorder.end(number, change);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        change(&mut inner);
        self.armed.store(!inner.injected.is_empty() || inner.recorder.is_some(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
