//! The lock that a connection's calls run under (EM-15).
//!
//! Entering happens under the kernel's lock, leaving does not: a call costs one atomic addition on its way out.

use super::client::Client;
use super::report::Misuse;
use super::shared::{Locked, Shared, settle_pending};
use super::thread::{self, Scope};
use crate::interface::Locking;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Client {
    /// What a thread in one of the client's external methods knows it by.
    #[inline]
    fn address(self: &Arc<Self>) -> *const () {
        Arc::as_ptr(self).cast()
    }

    /// What the thread that has the exclusive lock knows the client by: an address within the client.
    fn lock_address(self: &Arc<Self>) -> *const () {
        self.address().wrapping_byte_add(1)
    }

    /// Begins an external method, waiting for the lock that its policy names, and gives up the kernel's. The thread
    /// counts as inside from before it does, so that what it has put off waits until the method is over.
    #[inline(always)]
    pub(super) fn enter(self: &Arc<Self>, kernel: Locked<'_>) -> Scope {
        if self.exclusive.load(Ordering::Relaxed) || self.locking().single_thread {
            return self.begin(&self.wait_to_enter(kernel));
        }
        self.begin(&kernel)
    }

    #[inline]
    fn begin(self: &Arc<Self>, _kernel: &Locked<'_>) -> Scope {
        self.entered.store(self.entered.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        Scope::enter(self.address())
    }

    #[cold]
    fn wait_to_enter<'a>(self: &Arc<Self>, mut kernel: Locked<'a>) -> Locked<'a> {
        let Locking { default, single_thread, .. } = self.locking();
        if !default {
            return kernel;
        }
        // A thread that is in already has the lock; waiting for it would be waiting for itself.
        if thread::is_inside(self.address()) || thread::is_inside(self.lock_address()) {
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
        let mut kernel = shared.lock();
        kernel.resume_parked();
        if kernel.blocked == kernel.blocked_at_ports {
            // Nobody waits any more; whoever parks what was parked again says so again.
            self.watched.store(false, Ordering::SeqCst);
        }
        // Before the lock goes: what is done when it does may wait for those who wait here.
        shared.notify();
    }

    /// Runs `code` under the exclusive lock (EM-15). By the default policy no external method runs meanwhile; without
    /// it external methods take no lock.
    pub(super) fn exclusively<R>(self: &Arc<Self>, shared: &Arc<Shared>, code: impl FnOnce() -> R) -> R {
        let mut kernel = shared.lock();
        let waits_for_methods = self.locking().default;
        let waits_for_itself = thread::is_inside(self.lock_address())
            || (waits_for_methods && thread::is_inside(self.address()));
        if waits_for_itself {
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
        // What `code` puts off may want this lock too, so it waits until the lock is given up.
        let scope = Scope::enter(self.lock_address());
        drop(kernel);
        let result = code();
        let mut kernel = shared.lock();
        self.exclusive.store(false, Ordering::Relaxed);
        kernel.resume_parked();
        shared.notify();
        drop(kernel);
        drop(scope);
        settle_pending();
        result
    }

    /// [`exclusively`](Self::exclusively) by the default policy, without any lock otherwise. Either way the client is not
    /// finalized meanwhile (TERM-7).
    pub(super) fn exclusively_by_default<R>(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        code: impl FnOnce() -> R,
    ) -> R {
        if self.locking().default {
            return self.exclusively(shared, code);
        }
        let scope = self.enter(shared.lock());
        let result = code();
        self.leave(shared);
        drop(scope);
        result
    }
}
