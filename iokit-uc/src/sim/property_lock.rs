//! The locks under which drivers set properties (PR-10).

use super::keys::ObjectKey;
use std::thread::{self, ThreadId};

/// An entry whose property lock a thread has, as its driver sets properties.
#[derive(Debug)]
pub(super) struct PropertyLock {
    pub(super) entry: ObjectKey,
    holder: ThreadId,
}

impl PropertyLock {
    /// This thread has it.
    pub(super) fn here(entry: ObjectKey) -> Self {
        Self { entry, holder: thread::current().id() }
    }

    pub(super) fn is_elsewhere(&self) -> bool {
        self.holder != thread::current().id()
    }
}
