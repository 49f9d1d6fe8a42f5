//! One who waits for entries.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Instant;

/// One who waits for entries, and is rung when there may be some.
///
/// It takes a look, [says](Self::begin) that it is about to wait or [leaves](Self::register) a waker, takes another look, and
/// only then waits. Whoever rings has put its entry in before: if that is before the second look, the look finds it; if it is
/// after, so is the ring, and the wait ends.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rung: bool,
    /// Whether a thread waits. There is one at most, as there is one owner.
    waiting: bool,
    waker: Option<Waker>,
}

impl Waiter {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There may be entries. The waker is to be woken when no lock is held any more: it is code of the user's.
    #[must_use]
    pub(crate) fn ring(&self) -> Option<Waker> {
        let mut state = self.lock();
        state.rung = true;
        let (waker, waiting) = (state.waker.take(), state.waiting);
        drop(state);
        if waiting {
            self.rung.notify_one();
        }
        waker
    }

    /// What has rung until now is looked after.
    pub(crate) fn begin(&self) {
        self.lock().rung = false;
    }

    /// Waits until it rings, or until the deadline has passed. Whether it rang.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let mut state = self.lock();
        while !state.rung {
            state.waiting = true;
            state = match deadline {
                None => self.rung.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        state.waiting = false;
                        return false;
                    }
                    self.rung.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.waiting = false;
        }
        true
    }

    /// Wakes whoever polls when it rings next.
    pub(crate) fn register(&self, context: &Context<'_>) {
        let known =
            |state: &State| state.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if known(&self.lock()) {
            return;
        }
        // Wakers are cloned and dropped by code of the user's: not under the lock.
        let waker = context.waker().clone();
        let before = self.lock().waker.replace(waker);
        drop(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl std::task::Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_ring_between_the_look_and_the_wait_is_not_lost() {
        let waiter = Waiter::default();
        waiter.begin();
        assert!(waiter.ring().is_none());
        assert!(waiter.wait(None));
        waiter.begin();
        assert!(!waiter.wait(Some(Instant::now())));
    }

    #[test]
    fn a_thread_that_waits_is_woken() {
        let waiter = Waiter::default();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| waiter.wait(Some(Instant::now() + Duration::from_secs(3600))));
            while !waiter.lock().waiting {
                thread::yield_now();
            }
            assert!(waiter.ring().is_none());
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn the_last_waker_is_given_out_once() {
        let waiter = Waiter::default();
        let (first, last) = (Arc::<Counter>::default(), Arc::<Counter>::default());
        for counter in [&first, &last, &last] {
            waiter.register(&Context::from_waker(&Arc::clone(counter).into()));
        }
        assert_eq!(Arc::strong_count(&first), 1);
        waiter.ring().expect("a waker").wake();
        assert!(waiter.ring().is_none());
        assert_eq!((first.0.load(Ordering::Relaxed), last.0.load(Ordering::Relaxed)), (0, 1));
    }
}
