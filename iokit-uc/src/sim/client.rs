//! A user client as the kernel keeps it: its policy, and the lock that its calls run under.
//!
//! External methods of one connection run together; closing waits for them and keeps new ones out (EM-15). Entering
//! happens under the kernel's lock, leaving does not: a call costs one atomic addition on its way out.

use super::keys::{ObjectKey, TaskKey};
use super::policy::{Filter, FilteredCall};
use super::thread;
use crate::error::IoReturn;
use crate::interface::{Locking, UserClient};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(super) struct Client {
    pub(super) user_client: Arc<dyn UserClient>,
    pub(super) object: ObjectKey,
    /// Read at the first open (OC-4).
    pub(super) policy: OnceLock<ClientPolicy>,
    /// The sandbox's filters, by the task that they were installed for (OC-6).
    filters: Mutex<Vec<(TaskKey, Filter)>>,
    /// Whether there is any filter.
    filtered: AtomicBool,
    /// Whether `clientClose` has run, or is about to.
    pub(super) closed: AtomicBool,
    /// External methods that have begun. Changed under the kernel's lock.
    pub(super) entered: AtomicU64,
    /// External methods that have returned.
    pub(super) left: AtomicU64,
    /// Whether somebody holds the exclusive lock. Changed under the kernel's lock.
    pub(super) exclusive: AtomicBool,
    /// Whether somebody waits for external methods to return.
    pub(super) watched: AtomicBool,
}

/// What the user client's properties say about its calls.
pub(super) struct ClientPolicy {
    pub(super) locking: Locking,
    pub(super) shared_instance: bool,
}

impl Client {
    pub(super) fn new(user_client: Arc<dyn UserClient>, object: ObjectKey) -> Self {
        Self {
            user_client,
            object,
            policy: OnceLock::new(),
            filters: Mutex::default(),
            filtered: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            entered: AtomicU64::new(0),
            left: AtomicU64::new(0),
            exclusive: AtomicBool::new(false),
            watched: AtomicBool::new(false),
        }
    }

    pub(super) fn set_filter(&self, task: TaskKey, filter: Filter) {
        self.filters.lock().unwrap_or_else(PoisonError::into_inner).push((task, filter));
        self.filtered.store(true, Ordering::Release);
    }

    /// Whether any task's calls go through a filter.
    #[inline]
    pub(super) fn is_filtered(&self) -> bool {
        self.filtered.load(Ordering::Acquire)
    }

    /// What the task's filter says of a call; success without one.
    pub(super) fn judge(&self, task: TaskKey, call: FilteredCall) -> IoReturn {
        if !self.is_filtered() {
            return IoReturn::SUCCESS;
        }
        let filters = self.filters.lock().unwrap_or_else(PoisonError::into_inner);
        let filter = filters
            .iter()
            .find(|(installed_for, _)| *installed_for == task)
            .map(|(_, filter)| Arc::clone(filter));
        drop(filters);
        let asked =
            thread::in_driver(std::ptr::null(), || filter.map_or(IoReturn::SUCCESS, |filter| filter(call)));
        asked.unwrap_or_else(|panicked| panicked)
    }

    pub(super) fn locking(&self) -> Locking {
        self.policy.get().map_or(Locking::DEFAULT, |policy| policy.locking)
    }

    pub(super) fn is_shared_instance(&self) -> bool {
        self.policy.get().is_some_and(|policy| policy.shared_instance)
    }

    /// External methods that run now. Once it is 0 under the kernel's lock, none begins until that lock is given up.
    pub(super) fn in_flight(&self) -> u64 {
        self.entered.load(Ordering::Relaxed) - self.left.load(Ordering::SeqCst)
    }

    /// From now on whoever leaves says so.
    pub(super) fn watch(&self) {
        self.watched.store(true, Ordering::SeqCst);
    }
}
