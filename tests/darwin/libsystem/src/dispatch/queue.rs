//! Queues: what is given to them runs one after the other or, in concurrent ones, at the same time but for barriers.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::CString;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use darwin_calls::misuse;

use super::object::{Header, Object};
use super::pool::{self, Work};
use crate::thread::is_main_thread;

/// A dispatch queue.
pub struct Queue {
    header: Header,
    label: CString,
    kind: Kind,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Serial,
    Concurrent,
    /// Serial, on the main thread.
    Main,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Item>,
    running: usize,
    /// Whether what runs wants to be alone.
    exclusive: bool,
    suspended: usize,
}

struct Item {
    exclusive: bool,
    start: Start,
}

enum Start {
    Asynchronously(Work),
    /// Someone waits to run it.
    Granting(Arc<Turn>),
}

#[derive(Default)]
struct Turn {
    granted: Mutex<bool>,
    change: Condvar,
}

impl Turn {
    fn grant(&self) {
        *self.granted.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.change.notify_one();
    }

    fn wait(&self) {
        let granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        let _granted =
            self.change.wait_while(granted, |granted| !*granted).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Work that another thread does while this one waits.
struct Borrowed(Box<dyn FnOnce()>);

// SAFETY: what programs have done on the main thread is theirs to make fit for it.
unsafe impl Send for Borrowed {}

impl Borrowed {
    /// # Safety
    /// The work must be done, or dropped, before what it borrows ends.
    unsafe fn new<'work>(work: impl FnOnce() + 'work) -> Self {
        let work: Box<dyn FnOnce() + 'work> = Box::new(work);
        // SAFETY: only the lifetime changes, to which the caller keeps.
        Self(unsafe { std::mem::transmute::<Box<dyn FnOnce() + 'work>, Box<dyn FnOnce()>>(work) })
    }

    fn do_it(self) {
        (self.0)();
    }
}

impl Object for Queue {
    const KIND: &'static str = "queue";

    fn header(&self) -> &Header {
        &self.header
    }

    fn suspend(&self) {
        self.state().suspended += 1;
    }

    fn resume(self: Arc<Self>) {
        let resumed = {
            let mut state = self.state();
            state.suspended.checked_sub(1).map(|suspended| state.suspended = suspended)
        };
        if resumed.is_none() {
            misuse("the queue is not suspended");
        }
        self.start();
    }

    fn check_release(&self) {
        if self.state().suspended > 0 {
            misuse("the queue is suspended");
        }
    }
}

thread_local! {
    /// The queues whose work runs on this thread, the innermost last.
    static CURRENT: RefCell<Vec<Arc<Queue>>> = const { RefCell::new(Vec::new()) };
}

/// Work of a queue that runs on this thread.
struct Running;

impl Running {
    fn on(queue: &Arc<Queue>) -> Self {
        CURRENT.with_borrow_mut(|current| current.push(Arc::clone(queue)));
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let queue = CURRENT.with_borrow_mut(Vec::pop);
        // Outside of the borrow: this may be the queue's last reference.
        drop(queue);
    }
}

impl Queue {
    pub(super) fn new(label: CString, kind: Kind) -> Arc<Self> {
        Arc::new(Self { header: Header::default(), label, kind, state: Mutex::default() })
    }

    /// The queue that this thread does the work of.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(|current| current.last().cloned())
    }

    pub(super) fn label(&self) -> &CString {
        &self.label
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` when its turn comes.
    pub fn run(self: &Arc<Self>, work: impl FnOnce() + Send + 'static) {
        self.submit(false, Box::new(work));
    }

    pub(super) fn submit(self: &Arc<Self>, barrier: bool, work: Work) {
        self.add(barrier, Start::Asynchronously(work));
    }

    /// Runs `work` when its turn comes, on this thread if the queue leaves that open, and waits for its end.
    pub(super) fn perform(self: &Arc<Self>, barrier: bool, work: impl FnOnce()) {
        let is_current = CURRENT.with_borrow(|current| current.iter().any(|queue| Arc::ptr_eq(queue, self)));
        let waits_for_itself = match self.kind {
            Kind::Main => is_main_thread(),
            Kind::Serial => is_current,
            Kind::Concurrent => is_current && barrier,
        };
        if waits_for_itself {
            misuse("waits for the queue whose work this thread does");
        }
        let turn = Arc::new(Turn::default());
        if self.kind == Kind::Main {
            let done = Arc::clone(&turn);
            // SAFETY: this function returns when the work is done.
            let work = unsafe { Borrowed::new(work) };
            self.run(move || {
                work.do_it();
                done.grant();
            });
            turn.wait();
        } else {
            self.add(barrier, Start::Granting(Arc::clone(&turn)));
            turn.wait();
            self.do_work(work);
        }
    }

    fn do_work(self: &Arc<Self>, work: impl FnOnce()) {
        {
            let _running = Running::on(self);
            work();
        }
        {
            let mut state = self.state();
            state.running -= 1;
            state.exclusive = false;
        }
        self.start();
    }

    fn add(self: &Arc<Self>, barrier: bool, start: Start) {
        let exclusive = barrier || self.kind != Kind::Concurrent;
        self.state().waiting.push_back(Item { exclusive, start });
        self.start();
    }

    /// Starts what can start now.
    fn start(self: &Arc<Self>) {
        while let Some(item) = self.state().next() {
            match item.start {
                Start::Granting(turn) => turn.grant(),
                Start::Asynchronously(work) => {
                    let queue = Arc::clone(self);
                    let work: Work = Box::new(move || queue.do_work(work));
                    match self.kind {
                        Kind::Main => MAIN.give(work),
                        _ => pool::run(work),
                    }
                }
            }
        }
    }
}

impl State {
    fn next(&mut self) -> Option<Item> {
        let exclusive = self.waiting.front()?.exclusive;
        let can_start = self.suspended == 0 && !self.exclusive && (!exclusive || self.running == 0);
        if !can_start {
            return None;
        }
        self.running += 1;
        self.exclusive = exclusive;
        self.waiting.pop_front()
    }
}

/// What waits for the main thread.
struct Main {
    waiting: Mutex<VecDeque<Work>>,
    change: Condvar,
    wake: OnceLock<fn()>,
}

static MAIN: Main =
    Main { waiting: Mutex::new(VecDeque::new()), change: Condvar::new(), wake: OnceLock::new() };

impl Main {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Work>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self, work: Work) {
        self.waiting().push_back(work);
        self.change.notify_all();
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

pub(super) fn main() -> &'static Arc<Queue> {
    static QUEUE: LazyLock<Arc<Queue>> =
        LazyLock::new(|| Queue::new(c"com.apple.main-thread".into(), Kind::Main));
    &QUEUE
}

/// Has `wake` called whenever something waits in the main queue, so that a run loop of the main thread can
/// [`run_main`]. The first one to be given stays.
pub fn serve_main(wake: fn()) {
    MAIN.wake.get_or_init(|| wake);
}

/// Whether something waits in the main queue.
pub fn main_waits() -> bool {
    !MAIN.waiting().is_empty()
}

/// Runs what waits in the main queue, on the main thread, and returns whether there was any.
pub fn run_main() -> bool {
    let count = MAIN.waiting().len();
    for _ in 0..count {
        let work = MAIN.waiting().pop_front();
        if let Some(work) = work {
            work();
        }
    }
    count > 0
}

/// Runs what comes to the main queue, forever.
pub(super) fn serve_main_forever() -> ! {
    loop {
        let waiting = MAIN.waiting();
        drop(MAIN.change.wait_while(waiting, |waiting| waiting.is_empty()));
        run_main();
    }
}
