//! Supplies that come and go.

use crate::discovery::{Information, Listed, matching};
use crate::error::{Error, ErrorKind, Result};
use crate::wait;
use futures_core::Stream;
use iokit_uc::{ErrorKind as Cause, Kernel, Service, ServiceEvents, ServiceNotification};
use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What has happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A supply is there.
    Arrived(Listed),
    /// A supply that was there is there no more.
    Departed(Arc<Information>),
}

/// Supplies as they come and go, those that there are already first: a stream for any executor, or to [wait](Self::wait) for.
///
/// What the system tells is taken for a hint to look what there is. So nothing is missed that lasts, though the system drops
/// what nobody fetches in time; but a supply that was there for a moment only may not be told at all.
///
/// An error of kind [`Incompatible`](ErrorKind::Incompatible) is about a supply that does not say what it is, and others
/// follow. Any other ends it.
#[must_use = "without it, nobody hears of what happens"]
#[derive(Debug)]
pub struct Hotplug {
    kernel: Kernel,
    hints: [ServiceEvents; 2],
    /// By their registry entry IDs, of which there is never a second. None for one that does not say what it is.
    present: HashMap<u64, Option<Arc<Information>>>,
    /// What has been seen and not been told.
    untold: VecDeque<Result<Event>>,
    over: bool,
}

const WATCH: &str = "watch what comes and goes";

impl Hotplug {
    /// Begins to watch.
    ///
    /// ```
    /// use lab_supply::simulated::{Bench, SimulatedSupply};
    /// use lab_supply::{Event, Hotplug};
    ///
    /// let bench = Bench::new();
    /// let mut hotplug = Hotplug::watch(&bench.kernel())?;
    /// let plugged = bench.plug(&SimulatedSupply::new("LS-0017"));
    ///
    /// let Some(Ok(Event::Arrived(supply))) = hotplug.wait() else { panic!("it has been plugged in") };
    /// assert_eq!(supply.information().serial, "LS-0017");
    /// bench.unplug(plugged);
    /// assert!(matches!(hotplug.wait(), Some(Ok(Event::Departed(gone))) if gone == *supply.information()));
    /// # Ok::<(), lab_supply::Error>(())
    /// ```
    pub fn watch(kernel: &Kernel) -> Result<Self> {
        let hints = |kind| Service::watch(kernel, kind, &matching()).map_err(Error::of(WATCH));
        Ok(Self {
            kernel: kernel.clone(),
            hints: [hints(ServiceNotification::Terminated)?, hints(ServiceNotification::FirstMatch)?],
            present: HashMap::new(),
            untold: VecDeque::new(),
            over: false,
        })
    }

    /// Waits for the next event; `None` at the end.
    pub fn wait(&mut self) -> Option<Result<Event>> {
        self.wait_for(None)
    }

    /// [`wait`](Self::wait) for `timeout` at most: then it is an error of kind [`TimedOut`](ErrorKind::TimedOut), and others
    /// may follow.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Result<Event>> {
        self.wait_for(Some(timeout))
    }

    fn wait_for(&mut self, timeout: Option<Duration>) -> Option<Result<Event>> {
        wait::next(self, timeout, Error::new(ErrorKind::TimedOut, WATCH))
    }

    /// The next hint of either kind, whatever it is.
    fn poll_hint(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        let mut hints = self.hints.iter_mut().map(|hints| Pin::new(hints).poll_next(context));
        let hint = hints.find(Poll::is_ready).unwrap_or(Poll::Pending);
        hint.map(|hint| hint.map(|hint| hint.map(drop).map_err(Error::of(WATCH))))
    }

    /// Compares what there is now with what has been told.
    fn look(&mut self) -> Result<()> {
        let services = Service::all(&self.kernel, &matching()).map_err(Error::of(WATCH))?;
        let mut seen = HashSet::new();
        for service in services {
            let id = match service.id() {
                Ok(id) => id,
                // It is gone again.
                Err(error) if error.kind() == Cause::Terminated => continue,
                Err(error) => return Err(Error::of(WATCH)(error)),
            };
            seen.insert(id);
            if self.present.contains_key(&id) {
                continue;
            }
            match Listed::of(service) {
                Ok(listed) => {
                    self.present.insert(id, Some(Arc::clone(listed.information())));
                    self.untold.push_back(Ok(Event::Arrived(listed)));
                }
                Err(error) => match error.kind() {
                    ErrorKind::Unplugged => {}
                    ErrorKind::Incompatible => {
                        self.present.insert(id, None);
                        self.untold.push_back(Err(error));
                    }
                    _ => return Err(error),
                },
            }
        }
        let departed = self.present.extract_if(|id, _| !seen.contains(id));
        let departed = departed.filter_map(|(_, information)| information);
        self.untold.extend(departed.map(|information| Ok(Event::Departed(information))));
        Ok(())
    }
}

impl Stream for Hotplug {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        loop {
            if let Some(event) = self.untold.pop_front() {
                return Poll::Ready(Some(event));
            }
            if self.over {
                return Poll::Ready(None);
            }
            let looked = match self.poll_hint(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => {
                    self.over = true;
                    continue;
                }
                Poll::Ready(Some(hint)) => hint.and_then(|()| self.look()),
            };
            if let Err(error) = looked {
                self.over = true;
                self.untold.push_back(Err(error));
            }
        }
    }
}
