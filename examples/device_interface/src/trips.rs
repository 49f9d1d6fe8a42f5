//! Outputs that a supply switches off by itself.

use crate::discovery::Information;
use crate::error::{ErrorKind, Result};
use crate::wait;
use crate::wire::Protection;
use futures_core::Stream;
use iokit_uc::Completions;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A supply has switched its output off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trip {
    /// Why.
    pub protection: Protection,
    /// Millivolts at the output just before.
    pub millivolts: u32,
    /// Milliamperes through it just before.
    pub milliamps: u32,
}

/// Trips as they happen: a stream for any executor, or to [wait](Self::wait) for.
///
/// It ends with the supply, with one error: of kind [`Unplugged`](ErrorKind::Unplugged), or
/// [`Interrupted`](ErrorKind::Interrupted) when the [`Supply`](crate::Supply) is dropped.
#[must_use = "without it, nobody hears of trips"]
#[derive(Debug)]
pub struct Trips {
    trips: Completions<(Protection, u32, u32)>,
    information: Arc<Information>,
    action: &'static str,
}

impl Trips {
    pub(crate) fn new(
        trips: Completions<(Protection, u32, u32)>,
        information: Arc<Information>,
        action: &'static str,
    ) -> Self {
        Self { trips, information, action }
    }

    /// Waits for the next trip; `None` at the end.
    pub fn wait(&mut self) -> Option<Result<Trip>> {
        self.wait_for(None)
    }

    /// [`wait`](Self::wait) for `timeout` at most: then it is an error of kind [`TimedOut`](ErrorKind::TimedOut), and
    /// others may follow.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Result<Trip>> {
        self.wait_for(Some(timeout))
    }

    fn wait_for(&mut self, timeout: Option<Duration>) -> Option<Result<Trip>> {
        let timed_out = self.information.error(ErrorKind::TimedOut, self.action);
        wait::next(self, timeout, timed_out)
    }
}

impl Stream for Trips {
    type Item = Result<Trip>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Trip>>> {
        let Self { trips, information, action } = self.get_mut();
        Pin::new(trips).poll_next(context).map(|next| {
            let trip =
                next?.map(|(protection, millivolts, milliamps)| Trip { protection, millivolts, milliamps });
            Some(trip.map_err(information.failed(action)))
        })
    }
}
