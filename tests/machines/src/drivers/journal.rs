//! What drivers note down, in order, and what they wait at.

use super::commands::PATIENCE;
use crate::Scene;
use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A list that drivers write and tests read.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    /// A journal that is the text `journal`.
    pub(crate) fn of(scene: &mut Scene) -> Self {
        let this = Self::default();
        let read = this.clone();
        scene.on_text("journal", move || read.lines().clone());
        this
    }

    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.lines().push(line.into());
    }

    /// How many lines begin with a word.
    pub(crate) fn count(&self, word: &str) -> u64 {
        self.lines().iter().filter(|line| line.starts_with(word)).count() as u64
    }
}

/// Gates, by number, at which drivers' threads wait until somebody opens them.
#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    open: HashSet<u64>,
    waiting: u64,
}

impl Gates {
    /// Gates that the command `open_gate` opens. `wait_until_inside` waits until that many threads wait at one: 1
    /// unless that takes too long.
    pub(crate) fn of(scene: &mut Scene) -> Self {
        let this = Self::default();
        let gates = this.clone();
        scene.on("open_gate", move |arguments| {
            gates.open(arguments[0]);
            0
        });
        let gates = this.clone();
        scene.on("wait_until_inside", move |arguments| {
            let waited =
                gates.0.1.wait_timeout_while(gates.lock(), PATIENCE, |state| state.waiting < arguments[0]);
            (!waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()).into()
        });
        this
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn open(&self, gate: u64) {
        self.lock().open.insert(gate);
        self.0.1.notify_all();
    }

    pub(crate) fn wait(&self, gate: u64) {
        let mut state = self.lock();
        state.waiting += 1;
        self.0.1.notify_all();
        let waited = self.0.1.wait_timeout_while(state, PATIENCE, |state| !state.open.contains(&gate));
        waited.unwrap_or_else(PoisonError::into_inner).0.waiting -= 1;
    }
}
