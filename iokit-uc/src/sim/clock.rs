//! The machine's clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Time since the machine was made. It follows the host's clock until it is frozen.
///
/// Whoever advances it tells those who wait, under the locks that they wait with.
pub(super) struct Clock {
    began: Instant,
    /// In nanoseconds, or `FOLLOWS_HOST`.
    frozen: AtomicU64,
}

const FOLLOWS_HOST: u64 = u64::MAX;

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), frozen: AtomicU64::new(FOLLOWS_HOST) }
    }

    pub(super) fn now(&self) -> Duration {
        match self.frozen.load(Ordering::SeqCst) {
            FOLLOWS_HOST => self.began.elapsed(),
            frozen => Duration::from_nanos(frozen),
        }
    }

    pub(super) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::SeqCst) != FOLLOWS_HOST
    }

    /// From now on time passes by [`advance`](Self::advance) alone.
    pub(super) fn freeze(&self) {
        let now = nanoseconds(self.began.elapsed()).min(FOLLOWS_HOST - 1);
        let _ = self.frozen.compare_exchange(FOLLOWS_HOST, now, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Moves a frozen clock on, to its end at most.
    pub(super) fn advance(&self, time: Duration) {
        let on = |now: u64| now.saturating_add(nanoseconds(time)).min(FOLLOWS_HOST - 1);
        let _ = self
            .frozen
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |now| (now != FOLLOWS_HOST).then(|| on(now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_is_frozen_passes_by_being_advanced() {
        let clock = Clock::new();
        clock.advance(Duration::from_secs(1));
        assert!(!clock.is_frozen() && clock.now() < Duration::from_secs(1));
        clock.freeze();
        let then = clock.now();
        clock.freeze();
        assert_eq!(clock.now(), then);
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now() - then, Duration::from_secs(5));
    }

    #[test]
    fn a_clock_has_an_end_and_stays_frozen_there() {
        let clock = Clock::new();
        clock.freeze();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert!(clock.is_frozen());
        assert_eq!(clock.now(), Duration::from_nanos(u64::MAX - 1));
    }
}
