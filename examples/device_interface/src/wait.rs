//! Waiting without an executor.

use crate::error::{Error, Result};
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Polls `future` on this thread, which sleeps in between; `None` if it is not done when `timeout` has passed.
pub(crate) fn block_on<F: Future>(future: F, timeout: Option<Duration>) -> Option<F::Output> {
    let mut future = pin!(future);
    // What is too long to be told from forever is forever.
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let waker = Arc::new(Sleeper(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        match deadline {
            None => thread::park(),
            Some(deadline) => thread::park_timeout(deadline.checked_duration_since(Instant::now())?),
        }
    }
}

/// The next item of a stream, or an error when `timeout` has passed, after which others may follow.
pub(crate) fn next<T>(
    stream: &mut (impl Stream<Item = Result<T>> + Unpin),
    timeout: Option<Duration>,
    timed_out: Error,
) -> Option<Result<T>> {
    let next = poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
    block_on(next, timeout).unwrap_or(Some(Err(timed_out)))
}

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
