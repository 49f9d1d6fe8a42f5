//! `CFRunLoopTimer`.

use super::context::Info;
use super::item::{Item, remove_everywhere};
use super::{Places, RunLoop, deadline, loops};
use crate::abi::*;
use crate::date::CFAbsoluteTimeGetCurrent;
use crate::object::{Class, Contents, Kind, Of, make, of};
use crate::ownership::Hold;
use crate::string;
use darwin_calls::misuse;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The shortest interval, in seconds: clocks count no less.
const SHORTEST: CFTimeInterval = 1e-9;

pub(super) struct Timer {
    order: CFIndex,
    /// Seconds; 0 for one that fires once.
    interval: CFTimeInterval,
    callback: CFRunLoopTimerCallBack,
    info: Info,
    places: Places,
    state: Mutex<State>,
}

struct State {
    valid: bool,
    firing: bool,
    tolerance: CFTimeInterval,
    date: CFAbsoluteTime,
    /// None: in more years than a Mac counts.
    due: Option<Instant>,
}

pub(crate) static TIMER_CLASS: Class = Class { name: "CFRunLoopTimer", id: 52 };

impl Contents for Timer {
    fn class(&self) -> &'static Class {
        &TIMER_CLASS
    }

    fn description(&self) -> String {
        let State { valid, firing, date, .. } = *self.lock();
        format!("valid = {valid}, firing = {firing}, interval = {}, next fire date = {date}", self.interval)
    }

    fn dismantle(&self) {
        self.lock().valid = false;
        self.info.release();
    }
}

impl Kind for Timer {
    const CLASS: &'static Class = &TIMER_CLASS;
}

impl Item for Timer {
    fn is_valid(&self) -> bool {
        self.lock().valid
    }

    fn places(&self) -> &Places {
        &self.places
    }
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it is to fire, if it is.
    fn due(&self) -> Option<Instant> {
        let state = self.lock();
        state.due.filter(|_| state.valid && !state.firing)
    }

    /// After it has fired, when it was due `old`.
    fn advance(&self, old: Instant) {
        let mut state = self.lock();
        let later = state.due.is_none_or(|due| due > old);
        if self.interval <= 0.0 || later {
            return;
        }
        let interval = self.interval.max(SHORTEST);
        let missed = (Instant::now().saturating_duration_since(old).as_secs_f64() / interval).floor();
        let seconds = interval * (missed + 1.0);
        let steps = Duration::try_from_secs_f64(seconds).ok();
        state.due = steps.and_then(|steps| old.checked_add(steps));
        state.date += seconds;
    }
}

/// The program's function is running; not again before it is done, even if it throws.
struct Firing<'a>(&'a Timer, Instant);

impl Drop for Firing<'_> {
    fn drop(&mut self) {
        self.0.lock().firing = false;
        self.0.advance(self.1);
    }
}

fn invalidate(timer: &Of<Timer>) {
    let was_valid = std::mem::take(&mut timer.lock().valid);
    if was_valid {
        remove_everywhere(timer.object());
        timer.info.release();
    }
}

/// Fires the timers of a mode that are due, the earliest first.
pub(super) fn fire_due(run_loop: &RunLoop, mode: &str) {
    let now = Instant::now();
    let is_due = |timer: &Of<Timer>| timer.due().filter(|due| *due <= now);
    let mut timers: Vec<_> = run_loop
        .items::<Timer>(mode)
        .into_iter()
        .filter_map(|(hold, timer)| Some((is_due(&timer)?, hold, timer)))
        .collect();
    timers.sort_by_key(|(due, ..)| *due);
    for (_, hold, timer) in timers {
        let Some(due) = is_due(&timer) else { continue };
        timer.lock().firing = true;
        let firing = Firing(&timer, due);
        let info = timer.info.get();
        if let Some(callback) = timer.callback {
            // SAFETY: the program gave the function for this value.
            unsafe { callback(hold.reference(), info) };
        }
        if timer.interval == 0.0 {
            invalidate(&timer);
        }
        drop(firing);
    }
}

/// When the next timer of a mode is due.
pub(super) fn next(run_loop: &RunLoop, mode: &str) -> Option<Instant> {
    run_loop.items::<Timer>(mode).iter().filter_map(|(_, timer)| timer.due()).min()
}

fn due(date: CFAbsoluteTime) -> Option<Instant> {
    deadline(date - CFAbsoluteTimeGetCurrent())
}

pub(crate) unsafe fn CFRunLoopTimerCreate(
    allocator: CFAllocatorRef,
    date: CFAbsoluteTime,
    interval: CFTimeInterval,
    _flags: CFOptionFlags,
    order: CFIndex,
    callback: CFRunLoopTimerCallBack,
    context: *mut CFRunLoopTimerContext,
) -> CFRunLoopTimerRef {
    if interval.is_nan() {
        misuse("the interval is not a number")
    }
    // SAFETY: null or a context by the caller's promise.
    let info = match unsafe { context.as_ref() } {
        Some(&CFRunLoopTimerContext { info, retain, release, copyDescription, .. }) => {
            Info::new(info, retain, release, copyDescription)
        }
        None => Info::new(std::ptr::null_mut(), None, None, None),
    };
    let state = State { valid: true, firing: false, tolerance: 0.0, date, due: due(date) };
    let (interval, state) = (interval.max(0.0), Mutex::new(state));
    make(allocator, Timer { order, interval, callback, info, places: Places::default(), state })
}

pub(crate) fn CFRunLoopTimerGetNextFireDate(timer: CFRunLoopTimerRef) -> CFAbsoluteTime {
    let timer = of::<Timer>(timer);
    let State { valid, date, .. } = *timer.lock();
    if valid { date } else { 0.0 }
}

pub(crate) fn CFRunLoopTimerSetNextFireDate(timer: CFRunLoopTimerRef, date: CFAbsoluteTime) {
    let timer = of::<Timer>(timer);
    let mut state = timer.lock();
    if !state.valid {
        return;
    }
    (state.date, state.due) = (date, due(date));
    drop(state);
    for (run_loop, _) in loops(&timer.places) {
        if let Some(run_loop) = run_loop.downcast::<RunLoop>() {
            run_loop.look_again();
        }
    }
}

pub(crate) fn CFRunLoopTimerGetInterval(timer: CFRunLoopTimerRef) -> CFTimeInterval {
    of::<Timer>(timer).interval
}

pub(crate) fn CFRunLoopTimerDoesRepeat(timer: CFRunLoopTimerRef) -> Boolean {
    (of::<Timer>(timer).interval != 0.0).into()
}

pub(crate) fn CFRunLoopTimerGetOrder(timer: CFRunLoopTimerRef) -> CFIndex {
    of::<Timer>(timer).order
}

pub(crate) fn CFRunLoopTimerGetTolerance(timer: CFRunLoopTimerRef) -> CFTimeInterval {
    of::<Timer>(timer).lock().tolerance
}

/// How much later it may fire; here it never does.
pub(crate) fn CFRunLoopTimerSetTolerance(timer: CFRunLoopTimerRef, tolerance: CFTimeInterval) {
    let timer = of::<Timer>(timer);
    // Up to half of the interval, for one that repeats.
    let most = if timer.interval > 0.0 { timer.interval / 2.0 } else { f64::INFINITY };
    timer.lock().tolerance = tolerance.max(0.0).min(most);
}

pub(crate) unsafe fn CFRunLoopTimerGetContext(timer: CFRunLoopTimerRef, context: *mut CFRunLoopTimerContext) {
    let timer = of::<Timer>(timer);
    let Info { retain, release, copy_description, .. } = timer.info;
    let info = timer.info.get();
    let context_of_timer =
        CFRunLoopTimerContext { version: 0, info, retain, release, copyDescription: copy_description };
    // SAFETY: room for a context by the caller's promise.
    unsafe { context.write(context_of_timer) };
}

pub(crate) fn CFRunLoopTimerInvalidate(timer: CFRunLoopTimerRef) {
    let _hold = Hold::of(timer);
    invalidate(&of::<Timer>(timer));
}

pub(crate) fn CFRunLoopTimerIsValid(timer: CFRunLoopTimerRef) -> Boolean {
    of::<Timer>(timer).is_valid().into()
}

/// 0 if there is none.
pub(crate) fn CFRunLoopGetNextTimerFireDate(run_loop: CFRunLoopRef, mode: CFRunLoopMode) -> CFAbsoluteTime {
    let timers = of::<RunLoop>(run_loop).items::<Timer>(&string::text(mode));
    let dates = timers.iter().filter(|(_, timer)| timer.is_valid()).map(|(_, timer)| timer.lock().date);
    dates.min_by(f64::total_cmp).unwrap_or(0.0)
}

pub(crate) fn CFRunLoopTimerGetTypeID() -> CFTypeID {
    TIMER_CLASS.id
}
