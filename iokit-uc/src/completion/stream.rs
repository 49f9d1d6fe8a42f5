//! The completions of a method that completes many times.

use super::inbox::{Arrival, Inbox, deadline};
use super::line::{failed, send_to};
use super::receiver::{Receiver, Source};
use crate::error::Result;
use crate::interface::AsyncReference;
use crate::wire::Output;
use futures_core::stream::{FusedStream, Stream};
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The completions of an asynchronous external method that completes many times: a stream for any executor, and for
/// none an iterator that blocks.
///
/// An item is an error if the driver completed with one, or if the completion does not carry what the method declares;
/// others may follow. The stream ends with the connection, the service or the port, with one error that says which (see
/// [`Completion`](crate::Completion)). It does not borrow the connection. To drop it is to hear nothing more: the driver
/// goes on, for there is no way to tell it.
///
/// Completions that nobody takes wait here, 65,534 of them like messages at a port; those that find no room are
/// [counted](Self::lost).
///
/// It is an `IntoIterator` and not an `Iterator`, whose methods have the names of a stream's.
///
/// ```no_run
/// # fn example(mut samples: iokit_uc::Completions<u32>) -> iokit_uc::Result<()> {
/// for sample in &mut samples {
///     match sample? {
///         0 => break,
///         sample => println!("{sample}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "without it, nobody hears of the completions"]
pub struct Completions<T> {
    receiver: Receiver,
    carries: PhantomData<fn() -> T>,
}

impl<T> Completions<T> {
    pub(crate) fn new(receiver: Receiver) -> Self {
        Self { receiver, carries: PhantomData }
    }

    /// How many completions found no room.
    pub fn lost(&self) -> u64 {
        self.receiver.inbox.lost()
    }

    /// From now on what the driver sends goes to `reference`, after what it has sent already.
    pub(crate) fn forward_to(self, reference: AsyncReference) -> Result<()> {
        let Source::Line(line) = &self.receiver.source else {
            // Another driver's: somebody must fetch them.
            return reference.clone().run(Box::pin(forward(self.receiver, reference)));
        };
        let drain = |reference: &AsyncReference| drain(&self.receiver.inbox, reference);
        match line.upgrade() {
            Some(line) => line.connect(reference, drain),
            None => drain(&reference),
        }
    }
}

fn send(reference: &AsyncReference, arrival: Arrival) -> Result<()> {
    match arrival {
        Arrival::Event(completed) => send_to(reference, &completed),
        Arrival::End(end) => send_to(reference, &failed(end.code)),
    }
}

fn drain(inbox: &Inbox, reference: &AsyncReference) -> Result<()> {
    while let Poll::Ready(Some(arrival)) = inbox.take() {
        send(reference, arrival)?;
    }
    Ok(())
}

async fn forward(receiver: Receiver, reference: AsyncReference) {
    while let Some(arrival) = poll_fn(|context| receiver.inbox.poll(context)).await {
        // What the port refuses is lost to the caller, as it is when a driver sends it.
        let _ = send(&reference, arrival);
    }
}

impl<T: Output> Completions<T> {
    /// Waits for the next completion; `None` at the end. Where it must not be called is told at
    /// [`Completion::wait`](crate::Completion::wait).
    pub fn wait(&mut self) -> Option<Result<T>> {
        match self.next(|inbox| inbox.wait(None)) {
            Poll::Ready(next) => next,
            Poll::Pending => unreachable!("waiting without a deadline ends with an arrival"),
        }
    }

    /// [`wait`](Self::wait) for `timeout` at most, by the system's clock; `Pending` if none has come by then.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Poll<Option<Result<T>>> {
        let deadline = deadline(timeout);
        self.next(|inbox| inbox.wait(deadline))
    }

    fn next(&mut self, next: impl FnOnce(&Inbox) -> Poll<Option<Arrival>>) -> Poll<Option<Result<T>>> {
        next(&self.receiver.inbox).map(|next| next.map(|arrival| self.receiver.decode(arrival)))
    }
}

/// Once it has ended, it has ended for good.
impl<T: Output> Stream for Completions<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.get_mut().next(|inbox| inbox.poll(context))
    }
}

impl<T: Output> FusedStream for Completions<T> {
    fn is_terminated(&self) -> bool {
        self.receiver.inbox.is_finished()
    }
}

impl<T> fmt::Debug for Completions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Completions").field(&self.receiver).finish()
    }
}

/// Waits for each completion in turn.
#[derive(Debug)]
pub struct CompletionsIntoIter<T>(Completions<T>);

impl<T: Output> Iterator for CompletionsIntoIter<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.0.wait()
    }
}

impl<T: Output> IntoIterator for Completions<T> {
    type Item = Result<T>;
    type IntoIter = CompletionsIntoIter<T>;

    fn into_iter(self) -> CompletionsIntoIter<T> {
        CompletionsIntoIter(self)
    }
}

/// Waits for each completion in turn.
#[derive(Debug)]
pub struct CompletionsIter<'a, T>(&'a mut Completions<T>);

impl<T: Output> Iterator for CompletionsIter<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.0.wait()
    }
}

impl<'a, T: Output> IntoIterator for &'a mut Completions<T> {
    type Item = Result<T>;
    type IntoIter = CompletionsIter<'a, T>;

    fn into_iter(self) -> CompletionsIter<'a, T> {
        CompletionsIter(self)
    }
}
