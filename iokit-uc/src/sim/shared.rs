//! The kernel's lock, and the work that waits until it is given up.

use super::client::Client;
use super::clock::Clock;
use super::driver_work::DriverWork;
use super::fault::Faults;
use super::keys::PortKey;
use super::report::Misuse;
use super::state::{State, Work};
use super::thread;
use super::work_loop::WorkLoop;
use crate::error::{IoReturn, Result};
use crate::interface::code_of;
use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) struct Shared {
    core: Arc<Core>,
    /// Does one piece of work; told by the floor above, which knows what drivers are to hear.
    perform: fn(&Arc<Self>, Work),
}

/// What the rights that drivers hold keep of a machine. It outlives the machine's drivers: when the last handle on the
/// machine goes, its state is emptied.
pub(super) struct Core {
    state: Mutex<State>,
    changed: Condvar,
    /// How many threads wait for `changed`. Raised under the lock, as one begins to wait.
    waiting: AtomicUsize,
    /// Told when a thread begins to wait, if anybody wants to know.
    blocked: Condvar,
    clock: Arc<Clock>,
    work_loop: Arc<WorkLoop<DriverWork>>,
    faults: Faults,
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
        let clock = Arc::clone(&state.clock);
        let core = Core {
            state: Mutex::new(state),
            changed: Condvar::new(),
            waiting: AtomicUsize::new(0),
            blocked: Condvar::new(),
            work_loop: WorkLoop::new(Arc::clone(&clock), settle_pending),
            faults: Faults::default(),
            clock,
        };
        Arc::new(Self { core: Arc::new(core), perform })
    }

    pub(super) fn lock(self: &Arc<Self>) -> Locked<'_> {
        Locked { shared: self, state: Some(self.core.lock()) }
    }

    /// What a right that a driver holds is to keep.
    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Waits until `threads` threads wait for a change, or `timeout` has passed by the host's clock.
    pub(super) fn wait_until_blocked(&self, threads: usize, timeout: Duration) -> bool {
        let mut kernel = self.core.lock();
        kernel.watching_blocked += 1;
        let waited = self
            .core
            .blocked
            .wait_timeout_while(kernel, timeout, |kernel| kernel.blocked < threads + kernel.awakening);
        let (mut kernel, result) = waited.unwrap_or_else(PoisonError::into_inner);
        kernel.watching_blocked -= 1;
        !result.timed_out()
    }

    /// Wakes those who wait for a change that has been made under the lock. Who does not wait by then has not looked yet, or
    /// sees the change.
    pub(super) fn notify(&self) {
        if self.core.waiting.load(Ordering::Relaxed) > 0 {
            self.core.changed.notify_all();
        }
    }

    pub(super) fn freeze_clock(&self) {
        self.core.clock.freeze();
    }

    pub(super) fn advance_clock(self: &Arc<Self>, time: Duration) {
        let mut kernel = self.lock();
        self.core.clock.advance(time);
        kernel.awakening = kernel.blocked;
        kernel.wake_all_ports();
        self.notify();
        drop(kernel);
        self.core.work_loop.time_has_passed();
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

    /// Runs a driver's `function`. A panic is `kIOReturnInternalError`, and recorded; the driver's other calls go on.
    pub(super) fn in_driver<R>(
        self: &Arc<Self>,
        function: &'static str,
        code: impl FnOnce() -> R,
    ) -> Result<R, IoReturn> {
        thread::in_driver(std::ptr::null(), code).inspect_err(|_| self.panicked(function))
    }

    /// [`in_driver`](Self::in_driver) for what returns a result.
    pub(super) fn run_driver(
        self: &Arc<Self>,
        function: &'static str,
        code: impl FnOnce() -> Result<()>,
    ) -> IoReturn {
        self.in_driver(function, code).map_or_else(|panicked| panicked, code_of)
    }

    /// A driver has panicked.
    #[cold]
    pub(super) fn panicked(self: &Arc<Self>, function: &'static str) {
        self.lock().misuses.push(Misuse::Panic(function));
    }

    fn perform_now(self: &Arc<Self>, item: PutOff) {
        match item {
            PutOff::Work(work) => (self.perform)(self, work),
            PutOff::Garbage(garbage) => {
                if thread::in_driver(std::ptr::null(), || drop(garbage)).is_err() {
                    self.panicked("drop");
                }
            }
        }
        self.notify();
    }
}

impl Drop for Shared {
    /// The last handle is gone: every driver is dropped where its panic does no harm, after what it had left to the work
    /// loop.
    fn drop(&mut self) {
        self.core.work_loop.end();
        let left = self.core.lock().dismantle();
        for garbage in left {
            // Nobody is left to tell of a panic, which has been printed.
            let _ = thread::in_driver(std::ptr::null(), || drop(garbage));
        }
        self.notify();
    }
}

impl Core {
    pub(super) fn work_loop(&self) -> &Arc<WorkLoop<DriverWork>> {
        &self.work_loop
    }

    #[inline]
    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Wakes those who wait for a change that is not one of the kernel's state.
    pub(super) fn notify_of_faults(&self) {
        let state = self.lock();
        self.changed.notify_all();
        drop(state);
    }

    /// Waits until something is so, or `timeout` has passed by the host's clock. Returns whether it is so.
    pub(super) fn wait_until(&self, timeout: Duration, mut is_so: impl FnMut(&State) -> bool) -> bool {
        let state = self.lock();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waited = self.changed.wait_timeout_while(state, timeout, |state| !is_so(state));
        let (state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        drop(state);
        !result.timed_out()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No driver runs under this lock, so a poisoned one still guards a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change that no driver has to hear of.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        if !state.woken.is_empty() {
            let woken = std::mem::take(&mut state.woken);
            drop(state);
            woken.wake();
        }
        result
    }
}

impl<'a> Locked<'a> {
    /// Waits until something has changed.
    pub(super) fn wait(self) -> Self {
        self.wait_for_change(None)
    }

    /// Waits until something has changed or `timeout` has passed by the machine's clock. Gives back what is left.
    fn wait_timeout(self, timeout: Duration) -> (Self, Duration) {
        let core = &self.shared.core;
        let began = core.clock.now();
        let waited = self.wait_for_change(Some(timeout));
        (waited, timeout.saturating_sub(core.clock.now().saturating_sub(began)))
    }

    /// Waits until something has changed or the time, if there is one, has passed by the machine's clock. Gives back what is left.
    pub(super) fn wait_for_change_within(self, timeout: Option<Duration>) -> (Self, Option<Duration>) {
        match timeout {
            None => (self.wait(), None),
            Some(timeout) => {
                let (waited, left) = self.wait_timeout(timeout);
                (waited, Some(left))
            }
        }
    }

    /// Whether this thread has put off work.
    pub(super) fn has_own_work(&self) -> bool {
        !self.work.is_empty() || thread::has_pending()
    }

    /// Waits for what work that was put off brings about, for `timeout` at most. This thread's own is done instead, even inside
    /// a driver, which would wait for itself. Gives back what is left.
    pub(super) fn wait_for_work(self, timeout: Option<Duration>) -> (Self, Option<Duration>) {
        if self.has_own_work() {
            let shared = self.shared;
            drop(self);
            settle_now();
            return (shared.lock(), timeout);
        }
        self.wait_for_change_within(timeout)
    }

    /// Waits until something has changed at a port that a task receives from, or `timeout` has passed by the machine's
    /// clock. Gives back what is left.
    pub(super) fn wait_at(mut self, port: PortKey, timeout: Option<Duration>) -> (Self, Option<Duration>) {
        let Some(queue) = self.queue_at(port) else { return (self, timeout) };
        queue.waiting += 1;
        let changed = Arc::clone(&queue.changed);
        let began = timeout.map(|_| self.shared.core.clock.now());
        self.blocked_at_ports += 1;
        let mut waited = self.wait_for(&changed, timeout);
        waited.blocked_at_ports -= 1;
        if let Some(queue) = waited.queue_at(port) {
            queue.waiting -= 1;
        }
        let passed = began.map(|began| waited.shared.core.clock.now().saturating_sub(began));
        (waited, timeout.zip(passed).map(|(timeout, passed)| timeout.saturating_sub(passed)))
    }

    fn wait_for_change(self, timeout: Option<Duration>) -> Self {
        let core = &self.shared.core;
        core.waiting.fetch_add(1, Ordering::Relaxed);
        let waited = self.wait_for(&core.changed, timeout);
        core.waiting.fetch_sub(1, Ordering::Relaxed);
        waited
    }

    fn wait_for(mut self, changed: &Condvar, timeout: Option<Duration>) -> Self {
        let core = &self.shared.core;
        let Some(mut state) = self.state.take() else { return self };
        state.blocked += 1;
        if state.watching_blocked > 0 {
            core.blocked.notify_all();
        }
        std::mem::take(&mut state.woken).wake();
        let waited = match timeout.filter(|_| !core.clock.is_frozen()) {
            None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner).0,
        };
        let state = self.state.insert(waited);
        state.blocked -= 1;
        state.awakening = state.awakening.saturating_sub(1);
        self
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
        if state.work.is_empty() && state.garbage.is_empty() && state.woken.is_empty() {
            return;
        }
        let woken = std::mem::take(&mut state.woken);
        let (garbage, work) = (std::mem::take(&mut state.garbage), std::mem::take(&mut state.work));
        drop(state);
        // Before work is done that may wait for them.
        woken.wake();
        if !(garbage.is_empty() && work.is_empty()) {
            self.shared.put_off(garbage, work);
        }
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
