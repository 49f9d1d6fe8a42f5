//! The kernel's lock, and the work that waits until it is given up.

use super::client::Client;
use super::report::Misuse;
use super::state::{State, Work};
use super::thread;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Told when a thread begins to wait for `changed`.
    blocked: Condvar,
    /// Does one piece of work; told by the floor above, which knows what drivers are to hear.
    perform: fn(&Arc<Self>, Work),
}

/// The kernel's state, locked. Giving up the lock does what has been put off meanwhile.
pub(super) struct Locked<'a> {
    shared: &'a Arc<Shared>,
    state: Option<MutexGuard<'a, State>>,
}

thread_local! {
    /// Machines that have work for this thread when it is out of every driver.
    static PENDING: RefCell<Vec<Arc<Shared>>> = const { RefCell::new(Vec::new()) };
}

impl Shared {
    pub(super) fn new(state: State, perform: fn(&Arc<Self>, Work)) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new(), blocked: Condvar::new(), perform })
    }

    pub(super) fn lock(self: &Arc<Self>) -> Locked<'_> {
        // No driver runs under this lock, so a poisoned one still guards a whole state.
        Locked { shared: self, state: Some(self.state.lock().unwrap_or_else(PoisonError::into_inner)) }
    }

    /// Waits until `threads` threads wait for a change, or `timeout` has passed by the host's clock.
    pub(super) fn wait_until_blocked(&self, threads: usize, timeout: Duration) -> bool {
        let kernel = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.blocked.wait_timeout_while(kernel, timeout, |kernel| kernel.blocked < threads);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }

    /// Gives up a user client. The last one to do so has it dropped as whatever else is freed: where a panic of the
    /// driver's harms nobody.
    #[inline]
    pub(super) fn let_go(self: &Arc<Self>, client: Arc<Client>) {
        if let Some(client) = Arc::into_inner(client) {
            self.lock().garbage.push(Box::new(client));
        }
    }

    /// Does what has been put off, now or when this thread is out of every driver.
    #[cold]
    pub(super) fn settle(self: &Arc<Self>) {
        if thread::is_in_driver() {
            return self.settle_later();
        }
        self.settle_now();
        settle_pending();
    }

    fn settle_later(self: &Arc<Self>) {
        PENDING.with_borrow_mut(|pending| {
            if !pending.iter().any(|known| Arc::ptr_eq(known, self)) {
                pending.push(Arc::clone(self));
            }
        });
        thread::set_pending(true);
    }

    /// Does what has been put off, wherever this thread is.
    pub(super) fn settle_now(self: &Arc<Self>) {
        thread::settling(|| {
            loop {
                let mut kernel = self.lock();
                let garbage = std::mem::take(&mut kernel.garbage);
                let work = kernel.work.pop_front();
                if garbage.is_empty() && work.is_none() {
                    return;
                }
                kernel.unlock();
                for item in garbage {
                    if thread::in_driver(std::ptr::null(), || drop(item)).is_err() {
                        self.lock().misuses.push(Misuse::Panic("drop"));
                    }
                }
                if let Some(work) = work {
                    (self.perform)(self, work);
                }
            }
        });
        self.notify();
    }
}

impl<'a> Locked<'a> {
    /// Waits until something has changed.
    pub(super) fn wait(mut self) -> Self {
        self.begin_to_wait();
        if let Some(state) = self.state.take() {
            self.state = Some(self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
        }
        self.blocked -= 1;
        self
    }

    /// Waits until something has changed or `timeout` has passed by the machine's clock. Gives back what is left.
    pub(super) fn wait_timeout(mut self, timeout: Duration) -> (Self, Duration) {
        let (began, frozen) = (Instant::now(), self.frozen);
        self.begin_to_wait();
        let Some(state) = self.state.take() else { return (self, timeout) };
        self.state = Some(match frozen {
            Some(_) => self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            None => {
                self.shared.changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0
            }
        });
        self.blocked -= 1;
        let passed = match (frozen, self.frozen) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => began.elapsed(),
        };
        (self, timeout.saturating_sub(passed))
    }

    fn begin_to_wait(&mut self) {
        self.blocked += 1;
        self.shared.blocked.notify_all();
    }

    fn unlock(mut self) {
        self.state = None;
    }
}

impl Deref for Locked<'_> {
    type Target = State;
    #[inline]
    fn deref(&self) -> &State {
        self.state.as_ref().expect("only `unlock` and `drop` take the guard, and both take the whole")
    }
}

impl DerefMut for Locked<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State {
        self.state.as_mut().expect("only `unlock` and `drop` take the guard, and both take the whole")
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(state) = self.state.take() else { return };
        let is_settled = state.work.is_empty() && state.garbage.is_empty();
        drop(state);
        if !is_settled {
            self.shared.settle();
        }
    }
}

/// Does the work that has been put off, if this thread is out of every driver.
#[inline]
pub(super) fn settle_pending() {
    if thread::has_pending() && !thread::is_in_driver() {
        settle_all();
    }
}

#[cold]
fn settle_all() {
    while let Some(shared) = PENDING.with_borrow_mut(Vec::pop) {
        shared.settle();
    }
    thread::set_pending(false);
}
