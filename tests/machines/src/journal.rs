//! What drivers note down, in order, and what they wait at.

use crate::Scene;
use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A list that drivers write and tests read.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    /// A journal that the command `journal` reads: the word `arguments[1]` of the line `arguments[0]`, eight bytes of
    /// text each; 0 past the end.
    pub(crate) fn of(scene: &mut Scene) -> Self {
        let this = Self::default();
        let read = this.clone();
        scene.on("journal", move |arguments| read.word(arguments[0] as usize, arguments[1] as usize));
        this
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    /// How many lines begin with a word.
    pub(crate) fn count(&self, word: &str) -> u64 {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| line.starts_with(word)).count() as u64
    }

    fn word(&self, line: usize, word: usize) -> u64 {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = lines.get(line).map(String::as_bytes).unwrap_or_default();
        let mut bytes = [0; 8];
        for (byte, &letter) in bytes.iter_mut().zip(text.iter().skip(8 * word)) {
            *byte = letter;
        }
        u64::from_le_bytes(bytes)
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
    /// Gates that the command `open_gate` opens. `wait_until_inside` waits until that many threads wait at one.
    pub(crate) fn of(scene: &mut Scene) -> Self {
        let this = Self::default();
        let gates = this.clone();
        scene.on("open_gate", move |arguments| {
            gates.open(arguments[0]);
            0
        });
        let gates = this.clone();
        scene.on("wait_until_inside", move |arguments| {
            let mut state = gates.lock();
            while state.waiting < arguments[0] {
                state = gates.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            0
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
        while !state.open.contains(&gate) {
            state = self.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }
}
