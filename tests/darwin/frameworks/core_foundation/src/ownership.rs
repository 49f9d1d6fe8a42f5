//! Who holds an object: the program, with references that it was given or took, or others: collections, run loops,
//! this crate while it works. An object dies with the last reference; the program must not release more than it has,
//! whoever else may hold the object.

use crate::abi::CFTypeRef;
use crate::object::{self, Object};
use darwin_calls::{Call, complain, misuse};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The references to an object.
pub(crate) struct References(Mutex<Counts>);

struct Counts {
    program: usize,
    others: usize,
    immortal: bool,
    dead: bool,
    /// The last call that gave the program another reference than its first, and the last that took one.
    retained: Option<Call>,
    released: Option<Call>,
}

impl References {
    /// One reference, not the program's.
    pub(crate) fn one() -> Self {
        Self::new(1, false)
    }

    /// Of an object that does not die.
    pub(crate) fn immortal() -> Self {
        Self::new(0, true)
    }

    fn new(others: usize, immortal: bool) -> Self {
        let counts = Counts { program: 0, others, immortal, dead: false, retained: None, released: None };
        Self(Mutex::new(counts))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `CFGetRetainCount`. As on a Mac, that of an object which does not die is huge.
    pub(crate) fn count(&self) -> usize {
        let counts = self.lock();
        if counts.immortal { isize::MAX.cast_unsigned() } else { counts.program + counts.others }
    }
}

/// A reference that is not the program's.
pub(crate) struct Hold(Arc<Object>);

impl Hold {
    pub(crate) fn new(object: &Arc<Object>) -> Self {
        let mut counts = object.references.lock();
        if !counts.dead {
            counts.others += 1;
        }
        drop(counts);
        Self(object.clone())
    }

    /// Holds what a pointer of the program stands for.
    pub(crate) fn of(reference: CFTypeRef) -> Self {
        Self::new(&object::find(reference))
    }

    /// Takes over a reference that is not the program's: of an object just made, say.
    pub(crate) fn take(reference: CFTypeRef) -> Self {
        Self(object::find(reference))
    }

    /// The reference is whoever's gets the pointer.
    pub(crate) fn into_reference(self) -> CFTypeRef {
        let hold = std::mem::ManuallyDrop::new(self);
        hold.0.reference()
    }

    pub(crate) fn reference(&self) -> CFTypeRef {
        self.0.reference()
    }

    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Clone for Hold {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut counts = self.0.references.lock();
        counts.others = counts.others.saturating_sub(1);
        let released = counts.released;
        let last = counts.program == 0 && counts.others == 0 && !counts.immortal && !counts.dead;
        counts.dead |= last;
        drop(counts);
        if last {
            self.0.die(released);
        }
    }
}

/// A function returns `reference` to the program with a reference, which becomes the program's.
pub fn returned(reference: CFTypeRef) {
    if reference.is_null() {
        return;
    }
    let object = object::find(reference);
    let mut counts = object.references.lock();
    counts.others = counts.others.saturating_sub(1);
    counts.program += 1;
    if counts.program > 1 || counts.released.is_some() {
        counts.retained = Some(darwin_calls::current());
    }
}

/// The program gives up a reference to `reference`, which the function it called takes over.
pub fn consumed(reference: CFTypeRef) {
    if reference.is_null() {
        return;
    }
    let object = object::find(reference);
    let mut counts = object.references.lock();
    if counts.program == 0 {
        let immortal = counts.immortal;
        let last = counts.released.map(|call| format!(", last released by {call}")).unwrap_or_default();
        counts.others += usize::from(immortal);
        drop(counts);
        let origin = origin(&object);
        let what = format!("over-released: {object}, to which the program has no reference{origin}{last}");
        if immortal {
            return complain(what);
        }
        misuse(what)
    }
    counts.program -= 1;
    counts.others += 1;
    counts.released = Some(darwin_calls::current());
}

/// Adds a reference that is not the program's.
pub fn retain(reference: CFTypeRef) {
    Hold::of(reference).into_reference();
}

/// Gives up a reference that is not the program's: one from [`retain`], [`consumed`], or a function of this crate that makes
/// an object.
pub fn release(reference: CFTypeRef) {
    drop(Hold::take(reference));
}

/// Which call made the object, for reports; nothing for one that is always there.
pub(crate) fn origin(object: &Object) -> String {
    let immortal = object.references.lock().immortal;
    if immortal { String::new() } else { format!(", made by {}", object.made()) }
}

/// What the program still holds, a line for each object, with the call that it came from.
pub fn alive() -> Vec<String> {
    object::alive().iter().filter_map(|object| line(object)).collect()
}

fn line(object: &Object) -> Option<String> {
    let counts = object.references.lock();
    let (program, immortal, retained) = (counts.program, counts.immortal, counts.retained);
    drop(counts);
    if program == 0 || immortal {
        return None;
    }
    let plural = if program == 1 { "" } else { "s" };
    let mut line = format!("{object}, {program} reference{plural}{}", origin(object));
    if let Some(call) = retained {
        let _ = write!(line, ", last retained by {call}");
    }
    Some(line)
}
