//! `CFRunLoopObserver`: told of what a run loop is about to do.

use super::context::Info;
use super::item::{Item, remove_everywhere};
use super::{Places, RunLoop};
use crate::abi::*;
use crate::object::{Class, Contents, Kind, Of, make, of};
use crate::ownership::Hold;
use std::sync::atomic::{AtomicBool, Ordering};

/// `CFRunLoopActivity`
pub(super) mod activity {
    pub(in super::super) const ENTRY: usize = 1 << 0;
    pub(in super::super) const BEFORE_TIMERS: usize = 1 << 1;
    pub(in super::super) const BEFORE_SOURCES: usize = 1 << 2;
    pub(in super::super) const BEFORE_WAITING: usize = 1 << 5;
    pub(in super::super) const AFTER_WAITING: usize = 1 << 6;
    pub(in super::super) const EXIT: usize = 1 << 7;
}

pub(super) struct Observer {
    activities: CFOptionFlags,
    repeats: bool,
    order: CFIndex,
    callback: CFRunLoopObserverCallBack,
    info: Info,
    places: Places,
    valid: AtomicBool,
    firing: AtomicBool,
}

pub(crate) static OBSERVER_CLASS: Class = Class { name: "CFRunLoopObserver", id: 53 };

impl Contents for Observer {
    fn class(&self) -> &'static Class {
        &OBSERVER_CLASS
    }

    fn description(&self) -> String {
        format!(
            "valid = {}, activities = {:#x}, repeats = {}",
            self.is_valid(),
            self.activities,
            self.repeats
        )
    }

    fn dismantle(&self) {
        self.info.release();
    }
}

impl Kind for Observer {
    const CLASS: &'static Class = &OBSERVER_CLASS;
}

impl Item for Observer {
    fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Acquire)
    }

    fn places(&self) -> &Places {
        &self.places
    }
}

fn invalidate(observer: &Of<Observer>) {
    if observer.valid.swap(false, Ordering::AcqRel) {
        remove_everywhere(observer.object());
        observer.info.release();
    }
}

/// The program's function is running; not again before it is done, even if it throws.
struct Firing<'a>(&'a Observer);

impl Drop for Firing<'_> {
    fn drop(&mut self) {
        self.0.firing.store(false, Ordering::Release);
    }
}

/// Tells the observers of a mode that want to know of `activity`.
pub(super) fn observe(run_loop: &RunLoop, mode: &str, activity: usize) {
    let mut observers = run_loop.items::<Observer>(mode);
    observers.retain(|(_, observer)| observer.activities & activity != 0);
    observers.sort_by_key(|(_, observer)| observer.order);
    for (hold, observer) in observers {
        if !observer.is_valid() || observer.firing.swap(true, Ordering::AcqRel) {
            continue;
        }
        let _firing = Firing(&observer);
        if let Some(callback) = observer.callback {
            // SAFETY: the program gave the function for this value.
            unsafe { callback(hold.reference(), activity, observer.info.get()) };
        }
        if !observer.repeats {
            invalidate(&observer);
        }
    }
}

pub(crate) unsafe fn CFRunLoopObserverCreate(
    allocator: CFAllocatorRef,
    activities: CFOptionFlags,
    repeats: Boolean,
    order: CFIndex,
    callback: CFRunLoopObserverCallBack,
    context: *mut CFRunLoopObserverContext,
) -> CFRunLoopObserverRef {
    // SAFETY: null or a context by the caller's promise.
    let info = match unsafe { context.as_ref() } {
        Some(&CFRunLoopObserverContext { info, retain, release, copyDescription, .. }) => {
            Info::new(info, retain, release, copyDescription)
        }
        None => Info::new(std::ptr::null_mut(), None, None, None),
    };
    let (valid, firing) = (AtomicBool::new(true), AtomicBool::new(false));
    let (repeats, places) = (repeats != 0, Places::default());
    make(allocator, Observer { activities, repeats, order, callback, info, places, valid, firing })
}

pub(crate) fn CFRunLoopObserverGetActivities(observer: CFRunLoopObserverRef) -> CFOptionFlags {
    of::<Observer>(observer).activities
}

pub(crate) fn CFRunLoopObserverDoesRepeat(observer: CFRunLoopObserverRef) -> Boolean {
    of::<Observer>(observer).repeats.into()
}

pub(crate) fn CFRunLoopObserverGetOrder(observer: CFRunLoopObserverRef) -> CFIndex {
    of::<Observer>(observer).order
}

pub(crate) fn CFRunLoopObserverInvalidate(observer: CFRunLoopObserverRef) {
    let _hold = Hold::of(observer);
    invalidate(&of::<Observer>(observer));
}

pub(crate) fn CFRunLoopObserverIsValid(observer: CFRunLoopObserverRef) -> Boolean {
    of::<Observer>(observer).is_valid().into()
}

pub(crate) fn CFRunLoopObserverGetTypeID() -> CFTypeID {
    OBSERVER_CLASS.id
}
