//! Sources, timers and observers come and go.

use super::observer::Observer;
use super::source::Serving;
use super::timer::Timer;
use super::{COMMON_MODES, Places, RunLoop, loops};
use crate::abi::{
    Boolean, CFRunLoopMode, CFRunLoopObserverRef, CFRunLoopRef, CFRunLoopSourceRef, CFRunLoopTimerRef,
};
use crate::object::{Object, Of, of};
use crate::ownership::Hold;
use crate::string;
use std::ptr;
use std::sync::{Arc, PoisonError};

/// What is put into the modes of run loops.
pub(super) trait Item {
    /// Whether it may be in several loops.
    fn is_shared(&self) -> bool {
        false
    }

    fn is_valid(&self) -> bool;

    fn places(&self) -> &Places;

    /// `this` is the item as an object.
    fn joined(&self, _this: &Arc<Object>, _run_loop: &Object, _mode: &str) {}

    fn left(&self, _run_loop: &Object, _mode: &str) {}
}

fn item(object: &Object) -> &dyn Item {
    let source = object.downcast::<Serving>().map(|source| source as &dyn Item);
    let timer = || object.downcast::<Timer>().map(|timer| timer as &dyn Item);
    let observer = || object.downcast::<Observer>().map(|observer| observer as &dyn Item);
    source.or_else(timer).or_else(observer).expect("nothing else is put into run loops")
}

fn position(items: &[Hold], object: &Arc<Object>) -> Option<usize> {
    items.iter().position(|hold| Arc::ptr_eq(hold.object(), object))
}

fn add(run_loop: &Of<RunLoop>, object: &Arc<Object>, mode: &str) {
    let item = item(object);
    let elsewhere = || loops(item.places()).iter().any(|(other, _)| !Arc::ptr_eq(other, run_loop.object()));
    if !item.is_valid() || (!item.is_shared() && elsewhere()) {
        return;
    }
    if mode == COMMON_MODES {
        let hold = Hold::new(object);
        let mut state = run_loop.lock();
        let modes = state.common_modes.clone();
        if position(&state.common_items, object).is_none() {
            state.common_items.push(hold);
        }
        drop(state);
        modes.iter().for_each(|mode| add_to_mode(run_loop, object, mode));
    } else {
        add_to_mode(run_loop, object, mode);
    }
    run_loop.look_again();
}

fn add_to_mode(run_loop: &Of<RunLoop>, object: &Arc<Object>, mode: &str) {
    let hold = Hold::new(object);
    let mut state = run_loop.lock();
    let items = state.modes.entry(mode.to_owned()).or_default();
    if position(items, object).is_some() {
        return;
    }
    items.push(hold);
    drop(state);
    let item = item(object);
    let place = (Arc::downgrade(run_loop.object()), mode.to_owned());
    item.places().lock().unwrap_or_else(PoisonError::into_inner).push(place);
    item.joined(object, run_loop.object(), mode);
}

fn remove(run_loop: &Of<RunLoop>, object: &Arc<Object>, mode: &str) {
    if mode != COMMON_MODES {
        return remove_from_mode(run_loop, object, mode);
    }
    let mut state = run_loop.lock();
    let removed = position(&state.common_items, object).map(|place| state.common_items.remove(place));
    let modes = state.common_modes.clone();
    drop(state);
    if removed.is_some() {
        modes.iter().for_each(|mode| remove_from_mode(run_loop, object, mode));
    }
}

fn remove_from_mode(run_loop: &Of<RunLoop>, object: &Arc<Object>, mode: &str) {
    let mut state = run_loop.lock();
    let items = state.modes.get_mut(mode);
    let removed = items.and_then(|items| Some(items.remove(position(items, object)?)));
    drop(state);
    if removed.is_none() {
        return;
    }
    let item = item(object);
    let here = Arc::as_ptr(run_loop.object());
    let mut places = item.places().lock().unwrap_or_else(PoisonError::into_inner);
    places.retain(|(other, of)| !(ptr::eq(other.as_ptr(), here) && of == mode));
    drop(places);
    item.left(run_loop.object(), mode);
}

/// Takes an item that is no longer valid out of all loops.
pub(super) fn remove_everywhere(object: &Arc<Object>) {
    for (run_loop, mode) in loops(item(object).places()) {
        let Some(run_loop) = Of::cast(run_loop) else { continue };
        remove(&run_loop, object, COMMON_MODES);
        remove(&run_loop, object, &mode);
        run_loop.look_again();
    }
}

/// Takes all items out of a loop whose thread ends.
pub(super) fn remove_all(run_loop: &Of<RunLoop>) {
    let modes = run_loop.lock().modes.clone();
    for (mode, items) in &modes {
        items.iter().for_each(|hold| remove_from_mode(run_loop, hold.object(), mode));
    }
}

fn contains(run_loop: &Of<RunLoop>, object: &Arc<Object>, mode: &str) -> bool {
    let state = run_loop.lock();
    let items = if mode == COMMON_MODES { Some(&state.common_items) } else { state.modes.get(mode) };
    items.is_some_and(|items| position(items, object).is_some())
}

macro_rules! functions {
    ($($kind:ident $reference:ident: $add:ident $contains:ident $remove:ident;)*) => {$(
        pub(crate) fn $add(run_loop: CFRunLoopRef, item: $reference, mode: CFRunLoopMode) {
            add(&of::<RunLoop>(run_loop), of::<$kind>(item).object(), &string::text(mode));
        }

        pub(crate) fn $contains(run_loop: CFRunLoopRef, item: $reference, mode: CFRunLoopMode) -> Boolean {
            contains(&of::<RunLoop>(run_loop), of::<$kind>(item).object(), &string::text(mode)).into()
        }

        pub(crate) fn $remove(run_loop: CFRunLoopRef, item: $reference, mode: CFRunLoopMode) {
            remove(&of::<RunLoop>(run_loop), of::<$kind>(item).object(), &string::text(mode));
        }
    )*};
}

functions! {
    Serving CFRunLoopSourceRef: CFRunLoopAddSource CFRunLoopContainsSource CFRunLoopRemoveSource;
    Timer CFRunLoopTimerRef: CFRunLoopAddTimer CFRunLoopContainsTimer CFRunLoopRemoveTimer;
    Observer CFRunLoopObserverRef: CFRunLoopAddObserver CFRunLoopContainsObserver CFRunLoopRemoveObserver;
}

/// The items that are in the common modes are then in this one too.
pub(crate) fn CFRunLoopAddCommonMode(run_loop: CFRunLoopRef, mode: CFRunLoopMode) {
    let mode = string::text(mode);
    let run_loop = of::<RunLoop>(run_loop);
    let mut state = run_loop.lock();
    let new = state.common_modes.insert(mode.clone());
    let items = if new { state.common_items.clone() } else { Vec::new() };
    drop(state);
    items.iter().for_each(|hold| add_to_mode(&run_loop, hold.object(), &mode));
}
