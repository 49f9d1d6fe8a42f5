//! `CFSet`.

use crate::abi::*;
use crate::callbacks::Functions;
use crate::hashed::{Change, Hashed, NO_VALUE};
use crate::memory;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::range::length;
use darwin_calls::misuse;
use std::ptr;

pub(crate) struct Set {
    mutable: bool,
    members: Hashed,
}

pub(crate) static CLASS: Class = Class { name: "CFSet", id: 17 };

impl Contents for Set {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Set>().is_some_and(|other| self.members.equal(&other.members))
    }

    fn hash(&self) -> Option<usize> {
        Some(self.members.count())
    }

    fn description(&self) -> String {
        let members = self.snapshot();
        let kind = if self.mutable { "mutable" } else { "immutable" };
        let lines = members.iter().map(|&member| format!("\n\t{}", self.members.keys.describe(member)));
        format!("type = {kind}, count = {}, values = ({}\n)", members.len(), lines.collect::<String>())
    }

    fn summary(&self) -> String {
        format!("of {}", self.members.count())
    }

    fn dismantle(&self) {
        self.members.remove_all();
    }
}

impl Kind for Set {
    const CLASS: &'static Class = &CLASS;
}

impl Set {
    /// Retains the members by the functions. Of equal ones the first stays.
    pub(crate) fn new(mutable: bool, functions: Functions, members: &[*const c_void]) -> Self {
        let set = Self { mutable, members: Hashed::new(functions, Functions::default()) };
        members.iter().for_each(|&member| set.members.change(Change::Add, member, NO_VALUE));
        set
    }

    pub(crate) fn snapshot(&self) -> Vec<Opaque> {
        self.members.snapshot().into_iter().map(|entry| entry.key).collect()
    }

    fn for_change(&self) -> &Hashed {
        if !self.mutable {
            misuse("the CFSet is immutable")
        }
        &self.members
    }
}

pub(crate) unsafe fn CFSetCreate(
    allocator: CFAllocatorRef,
    values: *mut *const c_void,
    count: CFIndex,
    callbacks: *const CFSetCallBacks,
) -> CFSetRef {
    // SAFETY: so many values, and callbacks or null, by the caller's promise.
    let (values, functions) = unsafe { (memory::values(values, count), Functions::of(callbacks)) };
    make(allocator, Set::new(false, functions, &values))
}

pub(crate) fn CFSetCreateCopy(allocator: CFAllocatorRef, set: CFSetRef) -> CFSetRef {
    make(allocator, Set { mutable: false, members: of::<Set>(set).members.copy() })
}

pub(crate) unsafe fn CFSetCreateMutable(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    callbacks: *const CFSetCallBacks,
) -> CFMutableSetRef {
    length(capacity);
    // SAFETY: callbacks or null by the caller's promise.
    make(allocator, Set::new(true, unsafe { Functions::of(callbacks) }, &[]))
}

pub(crate) fn CFSetCreateMutableCopy(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    set: CFSetRef,
) -> CFMutableSetRef {
    length(capacity);
    make(allocator, Set { mutable: true, members: of::<Set>(set).members.copy() })
}

pub(crate) fn CFSetGetCount(set: CFSetRef) -> CFIndex {
    of::<Set>(set).members.count().cast_signed()
}

pub(crate) fn CFSetGetCountOfValue(set: CFSetRef, value: *const c_void) -> CFIndex {
    CFSetContainsValue(set, value).into()
}

pub(crate) fn CFSetContainsValue(set: CFSetRef, value: *const c_void) -> Boolean {
    of::<Set>(set).members.find(value).is_some().into()
}

pub(crate) fn CFSetGetValue(set: CFSetRef, value: *const c_void) -> *const c_void {
    of::<Set>(set).members.find(value).map_or(ptr::null(), |entry| entry.key.get())
}

pub(crate) unsafe fn CFSetGetValueIfPresent(
    set: CFSetRef,
    candidate: *const c_void,
    value: *mut *const c_void,
) -> Boolean {
    let found = of::<Set>(set).members.find(candidate);
    if let Some(entry) = found {
        // SAFETY: null, or room for a value, by the caller's promise.
        unsafe { memory::store(value, entry.key.get()) };
    }
    found.is_some().into()
}

pub(crate) unsafe fn CFSetGetValues(set: CFSetRef, values: *mut *const c_void) {
    for (place, member) in of::<Set>(set).snapshot().into_iter().enumerate() {
        // SAFETY: room for all members by the caller's promise.
        unsafe { values.add(place).write(member.get()) };
    }
}

pub(crate) unsafe fn CFSetApplyFunction(set: CFSetRef, applier: CFSetApplierFunction, context: *mut c_void) {
    let Some(applier) = applier else { misuse("a null pointer was given for a function") };
    for member in of::<Set>(set).snapshot() {
        // SAFETY: the program gave the function for these values.
        unsafe { applier(member.get(), context) };
    }
}

pub(crate) fn CFSetAddValue(set: CFMutableSetRef, value: *const c_void) {
    of::<Set>(set).for_change().change(Change::Add, value, NO_VALUE);
}

pub(crate) fn CFSetReplaceValue(set: CFMutableSetRef, value: *const c_void) {
    of::<Set>(set).for_change().change(Change::Replace, value, NO_VALUE);
}

pub(crate) fn CFSetSetValue(set: CFMutableSetRef, value: *const c_void) {
    of::<Set>(set).for_change().change(Change::Set, value, NO_VALUE);
}

pub(crate) fn CFSetRemoveValue(set: CFMutableSetRef, value: *const c_void) {
    of::<Set>(set).for_change().remove(value);
}

pub(crate) fn CFSetRemoveAllValues(set: CFMutableSetRef) {
    of::<Set>(set).for_change().remove_all();
}

pub(crate) fn CFSetGetTypeID() -> CFTypeID {
    CLASS.id
}
