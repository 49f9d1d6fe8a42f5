//! One receiver at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Lets one thread at a time receive and deliver, so that messages are delivered in the order in which they came. Keeps
/// the buffer that they come in.
#[derive(Debug)]
pub(super) struct Gate {
    /// None while somebody is inside.
    buffer: Mutex<Option<Vec<u8>>>,
    left: Condvar,
}

/// Being inside.
pub(super) struct Inside<'a> {
    gate: &'a Gate,
    pub(super) buffer: Vec<u8>,
}

impl Gate {
    pub(super) const fn new() -> Self {
        Self { buffer: Mutex::new(Some(Vec::new())), left: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody is inside, or the deadline has passed.
    pub(super) fn enter(&self, deadline: Option<Instant>) -> Option<Inside<'_>> {
        let mut free = self.lock();
        loop {
            if let Some(buffer) = free.take() {
                return Some(Inside { gate: self, buffer });
            }
            match deadline {
                None => free = self.left.wait(free).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    free = self.left.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.gate.lock() = Some(std::mem::take(&mut self.buffer));
        self.gate.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_is_inside() {
        let gate = Gate::new();
        let mut inside = gate.enter(None).unwrap();
        inside.buffer.push(1);
        assert!(gate.enter(Some(Instant::now())).is_none());
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| gate.enter(None).unwrap().buffer.clone());
            drop(inside);
            assert_eq!(waiting.join().unwrap(), [1]);
        });
    }

    #[test]
    fn everybody_comes_inside_in_the_end() {
        let gate = Gate::new();
        let rounds = if cfg!(miri) { 20 } else { 2000 };
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        let mut inside = gate.enter(None).unwrap();
                        // For others to come and wait.
                        std::thread::yield_now();
                        inside.buffer.push(1);
                    }
                });
            }
        });
        assert_eq!(gate.enter(None).unwrap().buffer.len(), 3 * rounds);
    }
}
