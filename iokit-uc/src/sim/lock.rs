//! The lock that a connection's calls run under (EM-15).
//!
//! Entering happens under the kernel's lock, leaving does not: a call costs one atomic addition on its way out.

use super::client::Client;
use super::report::Misuse;
use super::shared::{Locked, Shared, settle_pending};
use super::thread;
use crate::interface::Locking;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Client {
    /// What threads know the client by.
    #[inline]
    pub(super) fn address(self: &Arc<Self>) -> *const () {
        Arc::as_ptr(self).cast()
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
        if thread::is_inside(self.address()) {
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
        if waits_for_methods && thread::is_inside(self.address()) {
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
        let scope = thread::Scope::enter(self.address());
        let result = code();
        let kernel = shared.lock();
        self.exclusive.store(false, Ordering::Relaxed);
        drop(kernel);
        drop(scope);
        shared.notify();
        settle_pending();
        result
    }

    /// [`exclusively`](Self::exclusively) by the default policy, without any lock otherwise.
    pub(super) fn exclusively_by_default<R>(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        code: impl FnOnce() -> R,
    ) -> R {
        if self.locking().default { self.exclusively(shared, code) } else { code() }
    }
}
