//! Entitlements that a simulated machine refuses, though a task has them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A machine's. Tasks differ by what they have, not by this: all are equal.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Entitlements>);

#[derive(Default)]
struct Entitlements {
    refused: BTreeSet<String>,
    /// Those that tasks were asked for and had.
    granted: BTreeSet<String>,
}

impl Refusals {
    /// Whether an entitlement, which the task has, is refused. It is written down if not.
    pub(super) fn refuse(&self, entitlement: &str) -> bool {
        let mut entitlements = self.lock();
        if entitlements.refused.contains(entitlement) {
            return true;
        }
        if !entitlements.granted.contains(entitlement) {
            entitlements.granted.insert(entitlement.to_owned());
        }
        false
    }

    /// From now on it is refused.
    pub(crate) fn add(&self, entitlement: String) {
        self.lock().refused.insert(entitlement);
    }

    /// From now on none is refused.
    pub(crate) fn clear(&self) {
        self.lock().refused.clear();
    }

    /// Those that tasks have been asked for and had.
    pub(crate) fn granted(&self) -> Vec<String> {
        self.lock().granted.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Entitlements> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for Refusals {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Refusals {}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.lock().refused).finish()
    }
}
