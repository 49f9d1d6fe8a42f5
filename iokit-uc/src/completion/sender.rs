//! The driver's end of a method that completes many times.

use super::assert_completion;
use super::inbox::{Completed, Inbox};
use super::line::{Line, failed};
use super::receiver::{Receiver, Source};
use super::stream::Completions;
use crate::error::{Call, IoReturn, Result};
use crate::wire::{Output, SCALARS_MAX, Scalars, Writer};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// The driver's end of [`Completions`]. Clones send to the same caller.
///
/// Through a kernel it holds the call's reference, and with it a send right to the caller's wake port, until the last
/// clone is dropped (`releaseAsyncReference64`). The wire says nothing of that, nor does it say when the caller has gone
/// away: a driver drops what it keeps for a connection when that is closed. Without a kernel the stream ends when the last
/// clone is dropped.
#[doc(alias = "releaseAsyncReference64")]
pub struct CompletionSender<T> {
    line: Arc<Line>,
    carries: PhantomData<fn(T)>,
}

/// Makes what a driver returns from a method that completes many times, and the end that it keeps.
///
/// What is sent before the method has returned waits until then.
///
/// ```
/// use iokit_uc::{Completions, CompletionSender, Result, completions};
/// use std::sync::Mutex;
///
/// #[derive(Default)]
/// struct Thermometer {
///     watchers: Mutex<Vec<CompletionSender<i32>>>,
/// }
///
/// impl Thermometer {
///     fn watch(&self) -> Result<Completions<i32>> {
///         let (sender, temperatures) = completions();
///         self.watchers.lock().unwrap().push(sender);
///         Ok(temperatures)
///     }
///
///     fn measured(&self, temperature: i32) {
///         self.watchers.lock().unwrap().retain(|watcher| watcher.send(temperature).is_ok());
///     }
/// }
///
/// let thermometer = Thermometer::default();
/// let mut temperatures = thermometer.watch()?;
/// thermometer.measured(-40);
/// assert_eq!(temperatures.wait(), Some(Ok(-40)));
/// # Ok::<(), iokit_uc::Error>(())
/// ```
pub fn completions<T: Output>() -> (CompletionSender<T>, Completions<T>) {
    const { assert_completion((T::SCALARS, T::STRUCTURE)) };
    let inbox = Arc::<Inbox>::default();
    let line = Arc::new(Line::new(Arc::clone(&inbox)));
    let source = Source::Line(Arc::downgrade(&line));
    let receiver = Receiver { call: Call::Unnamed, inbox, source };
    (CompletionSender { line, carries: PhantomData }, Completions::new(receiver))
}

impl<T: Output> CompletionSender<T> {
    /// Completes with `value`. An error means that it was not sent: `kIOReturnAborted` if the caller is known to have
    /// gone away.
    #[doc(alias = "sendAsyncResult64")]
    pub fn send(&self, value: T) -> Result<()> {
        self.line.send(completed(value))
    }
}

impl<T> CompletionSender<T> {
    /// Completes with an error, without arguments. Others may follow.
    pub fn fail(&self, code: IoReturn) -> Result<()> {
        self.line.send(failed(code))
    }

    /// Whether the caller is known to have gone away. Through a kernel it never is, unless the method that made this
    /// sender has failed.
    pub fn is_closed(&self) -> bool {
        self.line.is_closed()
    }
}

impl<T> Clone for CompletionSender<T> {
    fn clone(&self) -> Self {
        Self { line: Arc::clone(&self.line), carries: PhantomData }
    }
}

impl<T> fmt::Debug for CompletionSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionSender").field("is_closed", &self.is_closed()).finish()
    }
}

/// A value as a completion carries it.
pub(crate) fn completed<T: Output>(value: T) -> Completed {
    const { assert_completion((T::SCALARS, T::STRUCTURE)) };
    let mut arguments = [0; SCALARS_MAX];
    let mut writer = Writer::new(&mut arguments, &mut []);
    value.store(&mut writer);
    let count = writer.scalar_count as usize;
    // No more than `assert_completion` lets pass, if the type counts itself rightly.
    let arguments = arguments.get(..count).and_then(|given| Scalars::try_from(given).ok());
    Completed { result: IoReturn::SUCCESS, arguments: arguments.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Scalars;
    use futures_core::stream::{FusedStream, Stream};
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    fn poll<T: Output>(completions: &mut Completions<T>) -> Poll<Option<Result<T>>> {
        Pin::new(completions).poll_next(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_is_sent_comes_in_order_and_ends_with_the_last_sender() {
        let (sender, mut numbers) = completions::<(u8, i16)>();
        let other = sender.clone();
        assert_eq!(poll(&mut numbers), Poll::Pending);
        sender.send((1, -1)).unwrap();
        other.fail(IoReturn::BUSY).unwrap();
        other.fail(IoReturn::SUCCESS).unwrap();
        drop(sender);
        other.send((2, -2)).unwrap();
        drop(other);
        assert_eq!(numbers.wait(), Some(Ok((1, -1))));
        assert_eq!(numbers.wait(), Some(Err(IoReturn::BUSY.into())));
        assert_eq!(numbers.wait(), Some(Err(IoReturn::INTERNAL_ERROR.into())));
        assert!(!numbers.is_terminated());
        assert_eq!(poll(&mut numbers), Poll::Ready(Some(Ok((2, -2)))));
        assert_eq!((numbers.wait(), poll(&mut numbers)), (None, Poll::Ready(None)));
        assert!(numbers.is_terminated());
        assert_eq!(numbers.wait_timeout(Duration::MAX), Poll::Ready(None));
    }

    #[test]
    fn a_sender_knows_that_nobody_waits() {
        let (sender, numbers) = completions::<u32>();
        assert!(!sender.is_closed());
        drop(numbers);
        assert!(sender.is_closed());
        assert_eq!(sender.send(1).unwrap_err().code(), IoReturn::ABORTED);
        assert_eq!(sender.fail(IoReturn::BUSY).unwrap_err().code(), IoReturn::ABORTED);
    }

    #[test]
    fn an_iterator_waits_for_each() {
        let (sender, mut numbers) = completions();
        std::thread::scope(|scope| {
            scope.spawn(move || (0..10u32).try_for_each(|number| sender.send(number)).unwrap());
            let first: Result<Vec<_>> = (&mut numbers).into_iter().take(3).collect();
            assert_eq!(first, Ok(vec![0, 1, 2]));
            let rest: Result<Vec<_>> = numbers.into_iter().collect();
            assert_eq!(rest, Ok((3..10).collect()));
        });
    }

    #[test]
    fn any_number_of_scalars_is_encoded() {
        let (sender, mut scalars) = completions();
        for values in [&[][..], &[1], &[7; 16]] {
            let values = Scalars::try_from(values).unwrap();
            sender.send(values).unwrap();
            assert_eq!(scalars.wait(), Some(Ok(values)));
        }
    }
}
