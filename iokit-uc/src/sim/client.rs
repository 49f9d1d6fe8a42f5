//! A user client as the kernel keeps it: its policy, and the lock that its calls run under.
//!
//! External methods of one connection run together; closing waits for them and keeps new ones out (EM-15). Entering
//! happens under the kernel's lock, leaving does not: a call costs one atomic addition on its way out.

use super::machine::{Filter, FilteredCall, Locked, Shared};
use super::report::Misuse;
use super::state::{ObjectKey, TaskKey};
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
    entered: AtomicU64,
    /// External methods that have returned.
    left: AtomicU64,
    /// Whether somebody holds the exclusive lock. Changed under the kernel's lock.
    exclusive: AtomicBool,
    /// Whether somebody waits for external methods to return.
    watched: AtomicBool,
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
        filter.map_or(IoReturn::SUCCESS, |filter| filter(call))
    }

    fn locking(&self) -> Locking {
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

    /// Begins an external method, waiting for the lock that its policy names, and gives up the kernel's.
    #[inline]
    pub(super) fn enter(self: &Arc<Self>, kernel: Locked<'_>) {
        if self.exclusive.load(Ordering::Relaxed) || self.locking().single_thread {
            return self.begin(&self.wait_to_enter(kernel));
        }
        self.begin(&kernel);
    }

    #[inline]
    fn begin(&self, _kernel: &Locked<'_>) {
        self.entered.store(self.entered.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    #[cold]
    fn wait_to_enter<'a>(self: &Arc<Self>, mut kernel: Locked<'a>) -> Locked<'a> {
        let Locking { default, single_thread, .. } = self.locking();
        if !default {
            return kernel;
        }
        // A thread that is in already has the lock; waiting for it would be waiting for itself.
        if thread::is_inside(self) {
            if single_thread {
                kernel.misuses.push(Misuse::SelfDeadlock);
            }
            return kernel;
        }
        self.watch();
        while self.exclusive.load(Ordering::Relaxed) || (single_thread && self.in_flight() > 0) {
            kernel = kernel.wait();
        }
        kernel
    }

    /// Ends an external method.
    #[inline]
    pub(super) fn leave(&self, shared: &Arc<Shared>) {
        // Sequentially consistent, like `watch` and `in_flight`: either the watcher sees that this call has left, or
        // this call sees the watcher.
        self.left.fetch_add(1, Ordering::SeqCst);
        if self.watched.load(Ordering::SeqCst) {
            self.tell_watchers(shared);
        }
    }

    #[cold]
    fn tell_watchers(&self, shared: &Arc<Shared>) {
        shared.lock().resume_parked();
        shared.notify();
    }

    /// Runs `code` under the exclusive lock (EM-15). By the default policy no external method runs meanwhile; without
    /// it external methods take no lock.
    pub(super) fn exclusively<R>(self: &Arc<Self>, shared: &Arc<Shared>, code: impl FnOnce() -> R) -> R {
        let mut kernel = shared.lock();
        let waits_for_methods = self.locking().default;
        if waits_for_methods && thread::is_inside(self) {
            kernel.misuses.push(Misuse::SelfDeadlock);
            drop(kernel);
            return code();
        }
        self.watch();
        while self.exclusive.load(Ordering::Relaxed) {
            kernel = kernel.wait();
        }
        self.exclusive.store(true, Ordering::Relaxed);
        while waits_for_methods && self.in_flight() > 0 {
            kernel = kernel.wait();
        }
        drop(kernel);
        // What `code` puts off may want this lock too, so it waits until the lock is given up.
        let scope = thread::Scope::enter(std::ptr::null());
        let result = code();
        let kernel = shared.lock();
        self.exclusive.store(false, Ordering::Relaxed);
        drop(kernel);
        drop(scope);
        shared.notify();
        thread::settle_pending();
        result
    }

    /// [`exclusively`](Self::exclusively) by the default policy, without any lock otherwise.
    pub(super) fn exclusively_by_default<R>(self: &Arc<Self>, shared: &Arc<Shared>, code: impl FnOnce() -> R) -> R {
        if self.locking().default { self.exclusively(shared, code) } else { code() }
    }
}
