//! `CFDictionary`.

use crate::abi::*;
use crate::callbacks::Functions;
use crate::hashed::{Change, Entry, Hashed};
use crate::memory;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::range::length;
use darwin_calls::misuse;
use std::ptr;

pub(crate) struct Dictionary {
    mutable: bool,
    entries: Hashed,
}

pub(crate) static CLASS: Class = Class { name: "CFDictionary", id: 18 };

impl Contents for Dictionary {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Dictionary>().is_some_and(|other| self.entries.equal(&other.entries))
    }

    fn hash(&self) -> Option<usize> {
        Some(self.entries.count())
    }

    fn description(&self) -> String {
        let entries = self.snapshot();
        let kind = if self.mutable { "mutable" } else { "immutable" };
        let lines = entries.iter().enumerate().map(|(place, entry)| {
            let (key, value) =
                (self.entries.keys.describe(entry.key), self.entries.values.describe(entry.value));
            format!("\n\t{place} : {key} = {value}")
        });
        format!("type = {kind}, count = {}, entries => {}\n", entries.len(), lines.collect::<String>())
    }

    fn summary(&self) -> String {
        format!("of {}", self.entries.count())
    }

    fn dismantle(&self) {
        self.entries.remove_all();
    }
}

impl Kind for Dictionary {
    const CLASS: &'static Class = &CLASS;
}

impl Dictionary {
    pub(crate) fn new(mutable: bool, keys: Functions, values: Functions) -> Self {
        Self { mutable, entries: Hashed::new(keys, values) }
    }

    /// Retains key and value. Of entries with equal keys the first stays.
    pub(crate) fn add(&self, key: *const c_void, value: *const c_void) {
        self.entries.change(Change::Add, key, value);
    }

    pub(crate) fn snapshot(&self) -> Vec<Entry> {
        self.entries.snapshot()
    }

    fn for_change(&self) -> &Hashed {
        if !self.mutable {
            misuse("the CFDictionary is immutable")
        }
        &self.entries
    }
}

pub(crate) unsafe fn CFDictionaryCreate(
    allocator: CFAllocatorRef,
    keys: *mut *const c_void,
    values: *mut *const c_void,
    count: CFIndex,
    key_callbacks: *const CFDictionaryKeyCallBacks,
    value_callbacks: *const CFDictionaryValueCallBacks,
) -> CFDictionaryRef {
    // SAFETY: callbacks or null by the caller's promise.
    let dictionary =
        unsafe { Dictionary::new(false, Functions::of(key_callbacks), Functions::of(value_callbacks)) };
    // SAFETY: so many keys and values by the caller's promise.
    let (keys, values) = unsafe { (memory::values(keys, count), memory::values(values, count)) };
    keys.into_iter().zip(values).for_each(|(key, value)| dictionary.add(key, value));
    make(allocator, dictionary)
}

pub(crate) fn CFDictionaryCreateCopy(
    allocator: CFAllocatorRef,
    dictionary: CFDictionaryRef,
) -> CFDictionaryRef {
    make(allocator, Dictionary { mutable: false, entries: of::<Dictionary>(dictionary).entries.copy() })
}

pub(crate) unsafe fn CFDictionaryCreateMutable(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    key_callbacks: *const CFDictionaryKeyCallBacks,
    value_callbacks: *const CFDictionaryValueCallBacks,
) -> CFMutableDictionaryRef {
    length(capacity);
    // SAFETY: callbacks or null by the caller's promise.
    let (keys, values) = unsafe { (Functions::of(key_callbacks), Functions::of(value_callbacks)) };
    make(allocator, Dictionary::new(true, keys, values))
}

pub(crate) fn CFDictionaryCreateMutableCopy(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    dictionary: CFDictionaryRef,
) -> CFMutableDictionaryRef {
    length(capacity);
    make(allocator, Dictionary { mutable: true, entries: of::<Dictionary>(dictionary).entries.copy() })
}

pub(crate) fn CFDictionaryGetCount(dictionary: CFDictionaryRef) -> CFIndex {
    of::<Dictionary>(dictionary).entries.count().cast_signed()
}

pub(crate) fn CFDictionaryGetCountOfKey(dictionary: CFDictionaryRef, key: *const c_void) -> CFIndex {
    CFDictionaryContainsKey(dictionary, key).into()
}

pub(crate) fn CFDictionaryGetCountOfValue(dictionary: CFDictionaryRef, value: *const c_void) -> CFIndex {
    let dictionary = of::<Dictionary>(dictionary);
    let equal = |entry: &Entry| dictionary.entries.values.equal(entry.value.get(), value);
    dictionary.snapshot().iter().filter(|entry| equal(entry)).count().cast_signed()
}

pub(crate) fn CFDictionaryContainsKey(dictionary: CFDictionaryRef, key: *const c_void) -> Boolean {
    of::<Dictionary>(dictionary).entries.find(key).is_some().into()
}

pub(crate) fn CFDictionaryContainsValue(dictionary: CFDictionaryRef, value: *const c_void) -> Boolean {
    (CFDictionaryGetCountOfValue(dictionary, value) != 0).into()
}

pub(crate) fn CFDictionaryGetValue(dictionary: CFDictionaryRef, key: *const c_void) -> *const c_void {
    of::<Dictionary>(dictionary).entries.find(key).map_or(ptr::null(), |entry| entry.value.get())
}

pub(crate) unsafe fn CFDictionaryGetValueIfPresent(
    dictionary: CFDictionaryRef,
    key: *const c_void,
    value: *mut *const c_void,
) -> Boolean {
    let found = of::<Dictionary>(dictionary).entries.find(key);
    if let Some(entry) = found {
        // SAFETY: null, or room for a value, by the caller's promise.
        unsafe { memory::store(value, entry.value.get()) };
    }
    found.is_some().into()
}

/// Either of the two places may be null.
pub(crate) unsafe fn CFDictionaryGetKeysAndValues(
    dictionary: CFDictionaryRef,
    keys: *mut *const c_void,
    values: *mut *const c_void,
) {
    for (place, entry) in of::<Dictionary>(dictionary).snapshot().into_iter().enumerate() {
        // SAFETY: null, or room for all, by the caller's promise.
        unsafe {
            if !keys.is_null() {
                keys.add(place).write(entry.key.get());
            }
            if !values.is_null() {
                values.add(place).write(entry.value.get());
            }
        }
    }
}

pub(crate) unsafe fn CFDictionaryApplyFunction(
    dictionary: CFDictionaryRef,
    applier: CFDictionaryApplierFunction,
    context: *mut c_void,
) {
    let Some(applier) = applier else { misuse("a null pointer was given for a function") };
    for Entry { key, value } in of::<Dictionary>(dictionary).snapshot() {
        // SAFETY: the program gave the function for these values.
        unsafe { applier(key.get(), value.get(), context) };
    }
}

pub(crate) fn CFDictionaryAddValue(
    dictionary: CFMutableDictionaryRef,
    key: *const c_void,
    value: *const c_void,
) {
    of::<Dictionary>(dictionary).for_change().change(Change::Add, key, value);
}

pub(crate) fn CFDictionarySetValue(
    dictionary: CFMutableDictionaryRef,
    key: *const c_void,
    value: *const c_void,
) {
    of::<Dictionary>(dictionary).for_change().change(Change::Set, key, value);
}

pub(crate) fn CFDictionaryReplaceValue(
    dictionary: CFMutableDictionaryRef,
    key: *const c_void,
    value: *const c_void,
) {
    of::<Dictionary>(dictionary).for_change().change(Change::Replace, key, value);
}

pub(crate) fn CFDictionaryRemoveValue(dictionary: CFMutableDictionaryRef, key: *const c_void) {
    of::<Dictionary>(dictionary).for_change().remove(key);
}

pub(crate) fn CFDictionaryRemoveAllValues(dictionary: CFMutableDictionaryRef) {
    of::<Dictionary>(dictionary).for_change().remove_all();
}

pub(crate) fn CFDictionaryGetTypeID() -> CFTypeID {
    CLASS.id
}
