//! Values by key, for sets (whose members are keys) and dictionaries. Keys are told apart by functions of the program's,
//! during which nothing is locked.

use crate::abi::{Opaque, c_void};
use crate::callbacks::Functions;
use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Hashed {
    pub(crate) keys: Functions,
    pub(crate) values: Functions,
    /// By hash: an order that is the same in every run, and of which the program can make nothing.
    entries: Mutex<BTreeMap<usize, Vec<Entry>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Opaque,
    pub(crate) value: Opaque,
}

/// What is done with an entry whose key is there, or is not.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// Only if the key is not there.
    Add,
    /// Only if it is.
    Replace,
    Set,
}

impl Hashed {
    pub(crate) fn new(keys: Functions, values: Functions) -> Self {
        Self { keys, values, entries: Mutex::default() }
    }

    /// The same entries, retained.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new(self.keys, self.values);
        for entry in self.snapshot() {
            copy.change(Change::Add, entry.key.get(), entry.value.get());
        }
        copy
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    pub(crate) fn snapshot(&self) -> Vec<Entry> {
        self.lock().values().flatten().copied().collect()
    }

    pub(crate) fn find(&self, key: *const c_void) -> Option<Entry> {
        self.find_hashed(self.keys.hash(key), key)
    }

    fn find_hashed(&self, hash: usize, key: *const c_void) -> Option<Entry> {
        let candidates = self.lock().get(&hash).cloned().unwrap_or_default();
        candidates.into_iter().find(|entry| self.keys.equal(entry.key.get(), key))
    }

    pub(crate) fn change(&self, change: Change, key: *const c_void, value: *const c_void) {
        let hash = self.keys.hash(key);
        let old = self.find_hashed(hash, key);
        if matches!((change, old), (Change::Add, Some(_)) | (Change::Replace, None)) {
            return;
        }
        let value = self.values.retain(value);
        let new = Entry { key: self.keys.retain(key), value };
        let mut entries = self.lock();
        let bucket = entries.entry(hash).or_default();
        let place = old.and_then(|old| bucket.iter().position(|&entry| entry == old));
        let old = match place {
            Some(place) => Some(std::mem::replace(&mut bucket[place], new)),
            None => {
                bucket.push(new);
                None
            }
        };
        drop(entries);
        self.release(old);
    }

    pub(crate) fn remove(&self, key: *const c_void) {
        let hash = self.keys.hash(key);
        let Some(old) = self.find_hashed(hash, key) else { return };
        let mut entries = self.lock();
        let Some(bucket) = entries.get_mut(&hash) else { return };
        let Some(place) = bucket.iter().position(|&entry| entry == old) else { return };
        let old = bucket.remove(place);
        if bucket.is_empty() {
            entries.remove(&hash);
        }
        drop(entries);
        self.release([old]);
    }

    pub(crate) fn remove_all(&self) {
        let entries = std::mem::take(&mut *self.lock());
        self.release(entries.into_values().flatten());
    }

    fn release(&self, entries: impl IntoIterator<Item = Entry>) {
        for Entry { key, value } in entries {
            self.keys.release(key);
            self.values.release(value);
        }
    }

    pub(crate) fn equal(&self, other: &Hashed) -> bool {
        let equal = |entry: Entry| {
            let found = other.find(entry.key.get());
            found.is_some_and(|found| self.values.equal(entry.value.get(), found.value.get()))
        };
        self.count() == other.count() && self.snapshot().into_iter().all(equal)
    }
}

pub(crate) const NO_VALUE: *const c_void = ptr::null();
