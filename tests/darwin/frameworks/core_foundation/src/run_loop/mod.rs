//! `CFRunLoop`: a thread's, which waits for sources and timers in one of its modes and calls what they are for.

mod context;
mod item;
mod observer;
mod source;
mod timer;

pub(crate) use item::*;
pub(crate) use observer::*;
pub(crate) use source::{
    CFRunLoopSourceCreate, CFRunLoopSourceGetContext, CFRunLoopSourceGetOrder, CFRunLoopSourceGetTypeID,
    CFRunLoopSourceInvalidate, CFRunLoopSourceIsValid, CFRunLoopSourceSignal, SOURCE_CLASS,
};
pub use source::{Delivery, Port, Source};
pub(crate) use timer::*;

use crate::abi::{
    Boolean, CFArrayRef, CFRunLoopMode, CFRunLoopRef, CFRunLoopRunResult, CFStringRef, CFTimeInterval,
    CFTypeID,
};
use crate::array::Array;
use crate::callbacks::{Functions, kCFTypeArrayCallBacks};
use crate::constant::Constant;
use crate::object::{Class, Contents, Kind, Object, Of, make, of};
use crate::ownership::Hold;
use crate::string::{self, Text};
use darwin_libsystem::dispatch;
use observer::activity;
use source::Serving;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use timer::Timer;

pub(crate) static kCFRunLoopDefaultMode: Constant = Constant::null();
pub(crate) static kCFRunLoopCommonModes: Constant = Constant::null();

const DEFAULT_MODE: &str = "kCFRunLoopDefaultMode";
/// Stands for several modes, and is none itself.
const COMMON_MODES: &str = "kCFRunLoopCommonModes";

pub(crate) fn init() {
    kCFRunLoopDefaultMode.set(Text::new(DEFAULT_MODE));
    kCFRunLoopCommonModes.set(Text::new(COMMON_MODES));
}

/// `CFRunLoopRunResult`
mod result {
    pub(super) const FINISHED: i32 = 1;
    pub(super) const STOPPED: i32 = 2;
    pub(super) const TIMED_OUT: i32 = 3;
    pub(super) const HANDLED_SOURCE: i32 = 4;
}

pub(crate) struct RunLoop {
    of_main_thread: bool,
    /// What came to the main queue is running, which the loop does not serve meanwhile.
    in_main_queue: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    modes: BTreeMap<String, Vec<Hold>>,
    common_modes: BTreeSet<String>,
    common_items: Vec<Hold>,
    /// How often something has changed that a loop which waits must know.
    changes: u64,
    /// Whether it is to wait no longer.
    woken: bool,
    waiting: bool,
    /// The innermost last: what is called may run the loop again.
    runs: Vec<Run>,
}

struct Run {
    mode: String,
    stopped: bool,
}

pub(crate) static CLASS: Class = Class { name: "CFRunLoop", id: 50 };

impl Contents for RunLoop {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn description(&self) -> String {
        let state = self.lock();
        let mode = state.runs.last().map_or("(none)", |run| &run.mode);
        format!("current mode = {mode}, modes = {:?}", state.modes.keys().collect::<Vec<_>>())
    }
}

impl Kind for RunLoop {
    const CLASS: &'static Class = &CLASS;
}

thread_local! {
    static CURRENT: OnceCell<OfThread> = const { OnceCell::new() };
}

/// A thread's loop, as long as the thread lives.
struct OfThread(Hold);

impl Drop for OfThread {
    fn drop(&mut self) {
        if let Some(run_loop) = Of::cast(self.0.object().clone()) {
            item::remove_all(&run_loop);
        }
    }
}

/// The loop of the thread that the program began on.
fn main_loop() -> &'static Hold {
    static MAIN: OnceLock<Hold> = OnceLock::new();
    MAIN.get_or_init(|| {
        dispatch::serve_main(|| of::<RunLoop>(CFRunLoopGetMain()).look_again());
        Hold::take(RunLoop::create(true))
    })
}

fn is_main_thread() -> bool {
    // SAFETY: have no preconditions.
    unsafe { libc::gettid() == libc::getpid() }
}

impl RunLoop {
    /// A reference that is not the program's.
    fn create(of_main_thread: bool) -> CFRunLoopRef {
        let state = State {
            modes: [(DEFAULT_MODE.to_owned(), Vec::new())].into(),
            common_modes: [DEFAULT_MODE.to_owned()].into(),
            common_items: Vec::new(),
            changes: 0,
            woken: false,
            waiting: false,
            runs: Vec::new(),
        };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        make(ptr::null(), RunLoop { of_main_thread, in_main_queue: AtomicBool::new(false), state, changed })
    }

    /// Not locked while a function of the program runs, or an object dies.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// If it waits, it looks again for what it waits for.
    fn look_again(&self) {
        self.lock().changes += 1;
        self.changed.notify_all();
    }

    /// Ends its waiting: this time, or the next time if it does not wait.
    fn wake(&self) {
        self.lock().woken = true;
        self.look_again();
    }

    /// The items of one class in a mode.
    fn items<T: Kind>(&self, mode: &str) -> Vec<(Hold, Of<T>)> {
        let holds = self.lock().modes.get(mode).cloned().unwrap_or_default();
        holds.into_iter().filter_map(|hold| Some((hold.clone(), Of::cast(hold.object().clone())?))).collect()
    }

    /// Whether there is nothing to wait for in a mode.
    fn is_empty(&self, mode: &str) -> bool {
        let state = self.lock();
        let Some(items) = state.modes.get(mode) else { return true };
        let waited_for = |hold: &Hold| {
            hold.object().downcast::<Serving>().is_some() || hold.object().downcast::<Timer>().is_some()
        };
        !self.serves_main_queue(&state, mode) && !items.iter().any(waited_for)
    }

    /// The main thread's loop does in the common modes.
    fn serves_main_queue(&self, state: &State, mode: &str) -> bool {
        let common = self.of_main_thread && state.common_modes.contains(mode);
        common && is_main_thread() && !self.in_main_queue.load(Ordering::Relaxed)
    }

    /// Whether anything was waiting in the main queue.
    fn run_main_queue(&self, mode: &str) -> bool {
        if !self.serves_main_queue(&self.lock(), mode) {
            return false;
        }
        self.in_main_queue.store(true, Ordering::Relaxed);
        let _in_main_queue = InMainQueue(self);
        dispatch::run_main()
    }

    fn run(&self, mode: &str, seconds: CFTimeInterval, once: bool) -> CFRunLoopRunResult {
        if mode == COMMON_MODES || self.is_empty(mode) {
            return result::FINISHED;
        }
        self.lock().runs.push(Run { mode: mode.to_owned(), stopped: false });
        let _running = Running(self);
        self.observe(mode, activity::ENTRY);
        let result = self.serve(mode, deadline(seconds), once);
        self.observe(mode, activity::EXIT);
        result
    }

    fn serve(&self, mode: &str, deadline: Option<Instant>, once: bool) -> CFRunLoopRunResult {
        let is_past = || deadline.is_some_and(|deadline| deadline <= Instant::now());
        if self.take_stop() {
            return result::STOPPED;
        }
        loop {
            self.observe(mode, activity::BEFORE_TIMERS);
            self.observe(mode, activity::BEFORE_SOURCES);
            let mut handled = source::perform_signalled(self, mode, once);
            let wait = !handled && !is_past();
            if wait {
                self.observe(mode, activity::BEFORE_WAITING);
            }
            let delivery = self.receive(mode, wait, deadline);
            if wait {
                self.observe(mode, activity::AFTER_WAITING);
            }
            timer::fire_due(self, mode);
            if let Some(deliver) = delivery {
                deliver();
                handled = true;
            }
            handled |= self.run_main_queue(mode);
            if handled && once {
                return result::HANDLED_SOURCE;
            }
            if is_past() {
                return result::TIMED_OUT;
            }
            if self.take_stop() {
                return result::STOPPED;
            }
            if self.is_empty(mode) {
                return result::FINISHED;
            }
        }
    }

    /// What has arrived for one of the sources. If it may wait: once something has, the loop is woken, a timer is due, or
    /// the deadline is past.
    fn receive(&self, mode: &str, wait: bool, deadline: Option<Instant>) -> Option<Delivery> {
        loop {
            let before = self.lock().changes;
            if let Some(delivery) = source::receive(self, mode) {
                return Some(delivery);
            }
            if !wait || (self.serves_main_queue(&self.lock(), mode) && dispatch::main_waits()) {
                return None;
            }
            let due = timer::next(self, mode).into_iter().chain(deadline).min();
            let mut state = self.lock();
            if state.changes != before {
                continue;
            }
            if std::mem::take(&mut state.woken) {
                return None;
            }
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return None;
            }
            state.waiting = true;
            let mut state = match left {
                Some(left) => {
                    self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
            state.waiting = false;
        }
    }

    /// Whether the innermost run was stopped.
    fn take_stop(&self) -> bool {
        self.lock().runs.last_mut().is_some_and(|run| std::mem::take(&mut run.stopped))
    }

    fn observe(&self, mode: &str, activity: usize) {
        observer::observe(self, mode, activity);
    }
}

/// While it lasts the main queue is not served.
struct InMainQueue<'a>(&'a RunLoop);

impl Drop for InMainQueue<'_> {
    fn drop(&mut self) {
        self.0.in_main_queue.store(false, Ordering::Relaxed);
    }
}

/// The innermost run, which ends also if what is called throws.
struct Running<'a>(&'a RunLoop);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.runs.pop();
        state.waiting = false;
    }
}

/// None: in more years than a Mac counts.
fn deadline(seconds: CFTimeInterval) -> Option<Instant> {
    const LONGEST: CFTimeInterval = 504_911_232.0;
    if seconds >= LONGEST {
        return None;
    }
    // What is below 0 is past at once, as is what is no number.
    Some(Instant::now() + Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

pub(crate) fn CFRunLoopGetMain() -> CFRunLoopRef {
    main_loop().reference()
}

pub(crate) fn CFRunLoopGetCurrent() -> CFRunLoopRef {
    if is_main_thread() {
        return CFRunLoopGetMain();
    }
    CURRENT.with(|current| current.get_or_init(|| OfThread(Hold::take(RunLoop::create(false)))).0.reference())
}

fn current() -> Of<RunLoop> {
    of::<RunLoop>(CFRunLoopGetCurrent())
}

/// Runs until it is stopped or has nothing to wait for.
pub(crate) fn CFRunLoopRun() {
    const FOREVER: CFTimeInterval = 1.0e10;
    let current = current();
    while !matches!(current.run(DEFAULT_MODE, FOREVER, false), result::STOPPED | result::FINISHED) {}
}

pub(crate) fn CFRunLoopRunInMode(
    mode: CFRunLoopMode,
    seconds: CFTimeInterval,
    once: Boolean,
) -> CFRunLoopRunResult {
    current().run(&string::text(mode), seconds, once != 0)
}

pub(crate) fn CFRunLoopWakeUp(run_loop: CFRunLoopRef) {
    of::<RunLoop>(run_loop).wake();
}

/// Of no effect on a loop that is not running.
pub(crate) fn CFRunLoopStop(run_loop: CFRunLoopRef) {
    let run_loop = of::<RunLoop>(run_loop);
    if let Some(run) = run_loop.lock().runs.last_mut() {
        run.stopped = true;
    }
    run_loop.wake();
}

pub(crate) fn CFRunLoopIsWaiting(run_loop: CFRunLoopRef) -> Boolean {
    of::<RunLoop>(run_loop).lock().waiting.into()
}

/// Null if it is not running.
pub(crate) fn CFRunLoopCopyCurrentMode(run_loop: CFRunLoopRef) -> CFStringRef {
    let run_loop = of::<RunLoop>(run_loop);
    let mode = run_loop.lock().runs.last().map(|run| Text::new(&run.mode));
    mode.map_or(ptr::null(), |mode| make(ptr::null(), mode))
}

pub(crate) fn CFRunLoopCopyAllModes(run_loop: CFRunLoopRef) -> CFArrayRef {
    let modes: Vec<_> = of::<RunLoop>(run_loop).lock().modes.keys().map(|mode| Text::new(mode)).collect();
    let modes: Vec<_> = modes.into_iter().map(|mode| Hold::take(make(ptr::null(), mode))).collect();
    let values: Vec<_> = modes.iter().map(Hold::reference).collect();
    make(ptr::null(), Array::new(false, Functions::from(&kCFTypeArrayCallBacks), &values))
}

pub(crate) fn CFRunLoopGetTypeID() -> CFTypeID {
    CLASS.id
}

/// A source, timer or observer, and the loops and modes that it is in.
type Places = Mutex<Vec<(std::sync::Weak<Object>, String)>>;

fn loops(places: &Places) -> Vec<(Arc<Object>, String)> {
    let places = places.lock().unwrap_or_else(PoisonError::into_inner);
    places.iter().filter_map(|(run_loop, mode)| Some((run_loop.upgrade()?, mode.clone()))).collect()
}

#[cfg(test)]
mod tests;
