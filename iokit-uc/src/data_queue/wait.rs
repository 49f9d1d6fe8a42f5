//! Waiting for entries.

use super::{DataQueue, Fault, QueueEntry};
use crate::completion::deadline;
use crate::error::Result;
use futures_core::stream::{FusedStream, Stream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

impl<T: QueueEntry + ?Sized> DataQueue<T> {
    /// Waits for the next entry, and takes it out; `None` at the end.
    ///
    /// The first time, the driver is given the port at which the connection's asynchronous calls complete
    /// (`IOConnectSetNotificationPort`), and that it has no use for one is an error, after which it ends. Somebody else must
    /// receive at the port meanwhile: where this must not be called is told at
    /// [`Completion::wait`](crate::Completion::wait).
    #[doc(alias = "IODataQueueWaitForAvailableData")]
    #[doc(alias = "IOConnectSetNotificationPort")]
    pub fn wait(&mut self) -> Option<Result<T::Item>> {
        match self.wait_until(None) {
            Poll::Ready(next) => next,
            Poll::Pending => unreachable!("waiting without a deadline ends with an entry or the end"),
        }
    }

    /// [`wait`](Self::wait) for `timeout` at most, by the system's clock; `Pending` if there is no entry by then.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Poll<Option<Result<T::Item>>> {
        self.wait_until(Some(timeout))
    }

    fn wait_until(&mut self, timeout: Option<Duration>) -> Poll<Option<Result<T::Item>>> {
        if let Some(next) = self.next_or_over() {
            return Poll::Ready(next);
        }
        let deadline = timeout.and_then(deadline);
        let listening = match self.side.listen(self.call("IOConnectSetNotificationPort")) {
            Ok(listening) => listening,
            Err(error) => return Poll::Ready(Some(Err(self.end_with(error)))),
        };
        loop {
            listening.begin();
            let next = self.look();
            if next.is_ready() || !listening.wait(deadline) {
                return next;
            }
        }
    }

    /// What is there, without any lock; or that it has ended.
    fn next_or_over(&mut self) -> Option<Option<Result<T::Item>>> {
        if self.over {
            return Some(None);
        }
        let mut item = None;
        let taken = self.take_by(|entry| T::read(entry).map(|read| item = Some(read)));
        match taken {
            Ok(_) => item.map(|item| Some(Ok(item))),
            Err(fault) => {
                self.over |= matches!(fault, Fault::Corrupt(_));
                Some(Some(Err(self.failed(fault))))
            }
        }
    }

    /// What is there, and the end when nothing is: that comes after what was there before it.
    fn look(&mut self) -> Poll<Option<Result<T::Item>>> {
        let ended = self.side.ended();
        if let Some(next) = self.next_or_over() {
            return Poll::Ready(next);
        }
        match ended {
            None => Poll::Pending,
            Some(end) => {
                self.over = true;
                Poll::Ready(end.map(|end| Err(end.error(self.call("IODataQueueWaitForAvailableData")))))
            }
        }
    }
}

/// Once it has ended, it has ended for good.
impl<T: QueueEntry + ?Sized> Stream for DataQueue<T> {
    type Item = Result<T::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T::Item>>> {
        let queue = self.get_mut();
        if let Some(next) = queue.next_or_over() {
            return Poll::Ready(next);
        }
        match queue.side.listen(queue.call("IOConnectSetNotificationPort")) {
            Ok(listening) => listening.register(context),
            Err(error) => return Poll::Ready(Some(Err(queue.end_with(error)))),
        }
        queue.look()
    }
}

impl<T: QueueEntry + ?Sized> FusedStream for DataQueue<T> {
    fn is_terminated(&self) -> bool {
        self.over
    }
}

/// Waits for each entry in turn.
#[derive(Debug)]
pub struct DataQueueIntoIter<T: ?Sized>(DataQueue<T>);

impl<T: QueueEntry + ?Sized> Iterator for DataQueueIntoIter<T> {
    type Item = Result<T::Item>;

    fn next(&mut self) -> Option<Result<T::Item>> {
        self.0.wait()
    }
}

impl<T: QueueEntry + ?Sized> IntoIterator for DataQueue<T> {
    type Item = Result<T::Item>;
    type IntoIter = DataQueueIntoIter<T>;

    fn into_iter(self) -> DataQueueIntoIter<T> {
        DataQueueIntoIter(self)
    }
}

/// Waits for each entry in turn.
#[derive(Debug)]
pub struct DataQueueIter<'a, T: ?Sized>(&'a mut DataQueue<T>);

impl<T: QueueEntry + ?Sized> Iterator for DataQueueIter<'_, T> {
    type Item = Result<T::Item>;

    fn next(&mut self) -> Option<Result<T::Item>> {
        self.0.wait()
    }
}

impl<'a, T: QueueEntry + ?Sized> IntoIterator for &'a mut DataQueue<T> {
    type Item = Result<T::Item>;
    type IntoIter = DataQueueIter<'a, T>;

    fn into_iter(self) -> DataQueueIter<'a, T> {
        DataQueueIter(self)
    }
}
