//! What is measured over time.

use crate::error::{ErrorKind, Result};
use crate::supply::Shared;
use crate::wait;
use crate::wire::{LabSupply, LabSupplyClient, Sample};
use futures_core::Stream;
use iokit_uc::DataQueue;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

/// Samples as they are taken: a stream for any executor, or to [wait](Self::wait) for.
///
/// The supply waits for nobody: what this program does not fetch in time is [lost](Self::lost). It keeps the supply in use, and
/// has it take no more samples when it is dropped. It ends with the supply, with an error of kind
/// [`Unplugged`](ErrorKind::Unplugged).
#[must_use = "when it is dropped, no samples are taken"]
pub struct Samples<D: LabSupply = LabSupplyClient> {
    // In this order: first the driver stops, then its queue goes.
    running: Running<D>,
    queue: DataQueue<Sample>,
    action: &'static str,
    /// The number of the next sample if none is lost.
    next: u64,
    lost: u64,
}

/// Ends sampling when it is dropped.
struct Running<D: LabSupply>(Arc<Shared<D>>);

impl<D: LabSupply> Drop for Running<D> {
    fn drop(&mut self) {
        // One that has been unplugged has stopped.
        let _ = self.0.driver.sample(0);
        self.0.is_sampling.store(false, Ordering::Release);
    }
}

impl<D: LabSupply> Samples<D> {
    /// Whoever calls this is the only one who takes samples.
    pub(crate) fn begin(shared: Arc<Shared<D>>, rate: u32, action: &'static str) -> Result<Self> {
        let information = Arc::clone(&shared.information);
        let failed = information.failed(action);
        let running = Running(shared);
        let driver = &running.0.driver;
        let mut queue = driver.samples().map_err(failed)?;
        // What was taken before, and not fetched: no more than there is room for, whatever the driver does meanwhile.
        for _ in 0..queue.capacity() {
            if !queue.skip().map_err(failed)? {
                break;
            }
        }
        driver.sample(rate).map_err(failed)?;
        Ok(Self { running, queue, action, next: 0, lost: 0 })
    }

    /// How many samples are missing before the last one that has come.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Waits for the next sample; `None` at the end.
    pub fn wait(&mut self) -> Option<Result<Sample>> {
        self.wait_for(None)
    }

    /// [`wait`](Self::wait) for `timeout` at most: then it is an error of kind [`TimedOut`](ErrorKind::TimedOut), and
    /// others may follow.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Result<Sample>> {
        self.wait_for(Some(timeout))
    }

    fn wait_for(&mut self, timeout: Option<Duration>) -> Option<Result<Sample>> {
        let timed_out = self.running.0.information.error(ErrorKind::TimedOut, self.action);
        wait::next(self, timeout, timed_out)
    }

    fn count(&mut self, sample: Sample) -> Sample {
        // A supply that counts backwards has begun anew.
        self.lost = self.lost.saturating_add(sample.number.saturating_sub(self.next));
        self.next = sample.number.saturating_add(1);
        sample
    }
}

impl<D: LabSupply> Unpin for Samples<D> {}

impl<D: LabSupply> Stream for Samples<D> {
    type Item = Result<Sample>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Sample>>> {
        let samples = self.get_mut();
        let next = Pin::new(&mut samples.queue).poll_next(context);
        next.map(|next| {
            let sample = next?.map(|sample| samples.count(sample));
            Some(sample.map_err(samples.running.0.information.failed(samples.action)))
        })
    }
}

impl<D: LabSupply> fmt::Debug for Samples<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let supply = &self.running.0.information.serial;
        f.debug_struct("Samples").field("supply", supply).field("lost", &self.lost).finish_non_exhaustive()
    }
}
