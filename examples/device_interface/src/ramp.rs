//! A voltage that is moved.

use crate::discovery::Information;
use crate::error::{ErrorKind, Result};
use crate::wait;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A voltage that is being moved: a future of the time that it takes, for any executor, or to [wait](Self::wait) for.
///
/// To drop it is to hear nothing more; the supply goes on.
#[must_use = "without it, nobody hears whether the voltage was reached"]
pub struct Ramp<'a> {
    arrival: Pin<Box<dyn Future<Output = Result<Duration>> + Send + 'a>>,
    information: Arc<Information>,
    action: &'static str,
}

impl<'a> Ramp<'a> {
    /// Of the driver's answer, or of the reason why it was not asked.
    pub(crate) fn new(
        call: Result<impl Future<Output = iokit_uc::Result<u32>> + Send + 'a>,
        information: Arc<Information>,
        action: &'static str,
    ) -> Self {
        let supply = Arc::clone(&information);
        let arrival = async move {
            let milliseconds = call?.await.map_err(supply.failed(action))?;
            Ok(Duration::from_millis(milliseconds.into()))
        };
        Self { arrival: Box::pin(arrival), information, action }
    }

    /// Waits until the voltage is reached. Returns how long that took the supply.
    pub fn wait(self) -> Result<Duration> {
        self.wait_for(None)
    }

    /// [`wait`](Self::wait) for `timeout` at most: then it is an error of kind [`TimedOut`](ErrorKind::TimedOut), and the supply
    /// goes on.
    pub fn wait_timeout(self, timeout: Duration) -> Result<Duration> {
        self.wait_for(Some(timeout))
    }

    fn wait_for(self, timeout: Option<Duration>) -> Result<Duration> {
        wait::block_on(self.arrival, timeout)
            .unwrap_or_else(|| Err(self.information.error(ErrorKind::TimedOut, self.action)))
    }
}

impl Future for Ramp<'_> {
    type Output = Result<Duration>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Duration>> {
        self.arrival.as_mut().poll(context)
    }
}

impl fmt::Debug for Ramp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ramp").field("supply", &self.information.serial).finish_non_exhaustive()
    }
}
