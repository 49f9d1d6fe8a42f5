//! The kernel's lock, and the work that waits until it is given up.

use super::client::Client;
use super::report::Misuse;
use super::state::{State, Work};
use super::thread;
use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
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
    /// What this thread has put off, oldest first. No other thread does it: its drivers would be called under locks of
    /// theirs, and those of a stranger's.
    static PUT_OFF: RefCell<VecDeque<(Arc<Shared>, PutOff)>> = const { RefCell::new(VecDeque::new()) };
}

enum PutOff {
    Work(Work),
    Garbage(Box<dyn Any + Send>),
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

    /// Leaves what a change of state has put off to this thread.
    #[cold]
    fn put_off(self: &Arc<Self>, garbage: Vec<Box<dyn Any + Send>>, work: VecDeque<Work>) {
        let garbage = garbage.into_iter().map(PutOff::Garbage);
        for item in garbage.chain(work.into_iter().map(PutOff::Work)) {
            let mut item = Some((Arc::clone(self), item));
            let queued = PUT_OFF.try_with(|queue| queue.borrow_mut().extend(item.take()));
            if let (Err(_), Some((_, item))) = (queued, item) {
                // This thread is ending, and its queue is gone.
                self.perform_now(item);
            }
        }
        thread::set_pending(true);
        settle_pending();
    }

    fn perform_now(self: &Arc<Self>, item: PutOff) {
        match item {
            PutOff::Work(work) => (self.perform)(self, work),
            PutOff::Garbage(garbage) => {
                if thread::in_driver(std::ptr::null(), || drop(garbage)).is_err() {
                    self.lock().misuses.push(Misuse::Panic("drop"));
                }
            }
        }
        self.notify();
    }
}

impl Drop for Shared {
    /// The last handle is gone: every driver is dropped where its panic does no harm.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for garbage in state.dismantle() {
            // Nobody is left to tell of a panic, which has been printed.
            let _ = thread::in_driver(std::ptr::null(), || drop(garbage));
        }
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
}

impl Deref for Locked<'_> {
    type Target = State;
    #[inline]
    fn deref(&self) -> &State {
        self.state.as_ref().expect("only `drop` takes the guard for good")
    }
}

impl DerefMut for Locked<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut State {
        self.state.as_mut().expect("only `drop` takes the guard for good")
    }
}

impl Drop for Locked<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else { return };
        if state.work.is_empty() && state.garbage.is_empty() {
            return;
        }
        let (garbage, work) = (std::mem::take(&mut state.garbage), std::mem::take(&mut state.work));
        drop(state);
        self.shared.put_off(garbage, work);
    }
}

/// Does what this thread has put off, if it is out of every driver.
#[inline]
pub(super) fn settle_pending() {
    if thread::has_pending() && !thread::is_in_driver() {
        settle_now();
    }
}

/// Does what this thread has put off, wherever it is.
#[cold]
pub(super) fn settle_now() {
    thread::settling(|| {
        while let Some((shared, item)) =
            PUT_OFF.try_with(|queue| queue.borrow_mut().pop_front()).ok().flatten()
        {
            shared.perform_now(item);
        }
    });
    thread::set_pending(false);
}
