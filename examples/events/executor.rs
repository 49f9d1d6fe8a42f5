//! An executor for one future.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Instant;

/// Polls `future` on this thread, which sleeps in between; `None` if it is not done at `end`.
pub(super) fn block_on<F: Future>(future: F, end: Instant) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = Arc::new(Sleeper(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        thread::park_timeout(end.checked_duration_since(Instant::now())?);
    }
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
