//! The answer of a method that completes once.

use super::inbox::{Arrival, End, deadline};
use super::receiver::Receiver;
use crate::error::{Call, Error, IoReturn, Result};
use crate::wire::Output;
use futures_core::future::FusedFuture;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// The answer of an asynchronous external method: a future of its completion, for any executor or for none.
///
/// The driver was called when this was made; polling calls nobody. It fails with
///
/// - what `IOConnectCallAsyncMethod` returned, if that was an error: it is ready at once;
/// - the driver's result, if that is an error;
/// - an error of kind [`InvalidReply`](crate::ErrorKind::InvalidReply), if the completion does not carry what the
///   method declares;
/// - `kIOReturnNoDevice` if the service was terminated before the completion came, `kIOReturnAborted` if the connection
///   was closed or its [`NotificationPort`](crate::NotificationPort) dropped, and what `mach_msg` failed with if the port
///   can receive no more.
///
/// It does not borrow the connection. To drop it is to hear nothing more: the driver goes on, for there is no way to
/// tell it.
///
/// ```
/// use iokit_uc::Completion;
///
/// fn both(first: Completion<u32>, second: Completion<u32>) -> iokit_uc::Result<u32> {
///     Ok(first.wait()? + second.wait()?)
/// }
/// ```
#[must_use = "without it, nobody hears of the completion"]
pub struct Completion<T> {
    state: State,
    // Chosen where the call is made, so that a `T` which no completion carries is a mistake there and nowhere else.
    decode: fn(&Receiver, Arrival) -> Result<T>,
}

#[derive(Debug)]
enum State {
    Failed(Error),
    Pending(Receiver),
    /// For errors to name.
    Taken(Call),
}

impl<T: Output> Completion<T> {
    /// The completion of a call that was made, or not.
    pub(crate) fn of(call: Result<Receiver>) -> Self {
        let state = call.map_or_else(State::Failed, State::Pending);
        Self { state, decode: Receiver::decode }
    }
}

impl<T> Completion<T> {
    /// Waits for the completion.
    ///
    /// Somebody else must receive it meanwhile: the library's own thread does, a [`NotificationPort`] of the caller's
    /// must be dispatched by another thread. So it must not be called where that thread runs: in a waker. Nor must a
    /// driver's asynchronous method call it for another driver of its simulated machine, which has one work loop for both.
    ///
    /// [`NotificationPort`]: crate::NotificationPort
    pub fn wait(mut self) -> Result<T> {
        match self.take(|receiver| receiver.inbox.wait(None)) {
            Poll::Ready(result) => result,
            Poll::Pending => unreachable!("waiting without a deadline ends with an arrival"),
        }
    }

    /// Waits for the completion for `timeout` at most, by the system's clock; `None` if it has not come by then. With
    /// [`Duration::ZERO`] it looks whether it has come, and waits for nothing.
    ///
    /// ```
    /// # use iokit_uc::{Completion, NotificationPort, Result};
    /// # fn example(port: &NotificationPort, mut completion: Completion<u32>) -> Result<u32> {
    /// use std::time::Duration;
    ///
    /// // One thread that does both: it receives, and looks.
    /// loop {
    ///     if let Some(result) = completion.wait_timeout(Duration::ZERO) {
    ///         return result;
    ///     }
    ///     port.dispatch(None)?;
    /// }
    /// # }
    /// ```
    pub fn wait_timeout(&mut self, timeout: Duration) -> Option<Result<T>> {
        let deadline = deadline(timeout);
        match self.take(|receiver| receiver.inbox.wait(deadline)) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    fn take(&mut self, next: impl FnOnce(&Receiver) -> Poll<Option<Arrival>>) -> Poll<Result<T>> {
        let receiver = match &mut self.state {
            State::Pending(receiver) => receiver,
            State::Taken(call) => return Poll::Ready(Err(taken(*call))),
            State::Failed(error) => {
                let error = error.clone();
                self.state = State::Taken(error.call());
                return Poll::Ready(Err(error));
            }
        };
        let Poll::Ready(arrival) = next(receiver) else { return Poll::Pending };
        let result =
            arrival.map_or_else(|| Err(taken(receiver.call)), |arrival| (self.decode)(receiver, arrival));
        receiver.finish();
        self.state = State::Taken(receiver.call);
        Poll::Ready(result)
    }
}

#[cold]
fn taken(call: Call) -> Error {
    End { code: IoReturn::UNDERRUN, reason: "the completion has been taken already" }.error(call)
}

/// Once ready, it is ready for good, with an error that says that the completion has been taken.
impl<T> Future for Completion<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        self.get_mut().take(|receiver| receiver.inbox.poll(context))
    }
}

impl<T> FusedFuture for Completion<T> {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Taken(_))
    }
}

impl<T> fmt::Debug for Completion<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Completion").field(&self.state).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::inbox::{Completed, Inbox};
    use super::super::receiver::{Calls, Token};
    use super::*;
    use crate::error::{Detail, ErrorKind};
    use crate::wire::Scalars;
    use std::sync::{Arc, Mutex};
    use std::task::Waker;

    const CALL: Call = Call::Selector { function: "IOConnectCallAsyncMethod", selector: 4 };
    const TOKEN: Token = Token { generation: 3, index: 5 };

    /// What has been forgotten.
    #[derive(Default)]
    struct Table(Mutex<Vec<Token>>);

    impl Calls for Table {
        fn forget(&self, token: Token) {
            self.0.lock().unwrap().push(token);
        }
    }

    fn pending<T: Output>() -> (Arc<Table>, Arc<Inbox>, Completion<T>) {
        let (table, inbox) = (Arc::<Table>::default(), Arc::<Inbox>::default());
        let receiver = Receiver::new(CALL, Arc::clone(&inbox), Arc::clone(&table) as _, TOKEN);
        (table, inbox, Completion::of(Ok(receiver)))
    }

    fn completed(result: IoReturn, arguments: &[u64]) -> Completed {
        Completed { result, arguments: Scalars::try_from(arguments).unwrap() }
    }

    fn poll<T: Output>(completion: &mut Completion<T>) -> Poll<Result<T>> {
        Pin::new(completion).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn arrived<T: Output>(completed: Completed) -> Result<T> {
        let (_, inbox, completion) = pending();
        inbox.push(completed).wake();
        completion.wait()
    }

    #[test]
    fn it_is_ready_with_what_arrives_and_then_taken_for_good() {
        let (table, inbox, mut completion) = pending::<(u32, bool)>();
        assert_eq!(poll(&mut completion), Poll::Pending);
        assert_eq!(completion.wait_timeout(Duration::ZERO), None);
        inbox.push(completed(IoReturn::SUCCESS, &[7, 1])).wake();
        assert!(!completion.is_terminated());
        assert_eq!(poll(&mut completion), Poll::Ready(Ok((7, true))));
        assert!(completion.is_terminated());

        let again = completion.wait_timeout(Duration::MAX).unwrap().unwrap_err();
        assert_eq!((again.code(), again.call()), (IoReturn::UNDERRUN, CALL));
        assert_eq!(poll(&mut completion), Poll::Ready(Err(again.clone())));
        assert_eq!(completion.wait(), Err(again));
        // Whoever delivered it knows.
        assert!(table.0.lock().unwrap().is_empty());
    }

    #[test]
    fn dropping_it_forgets_the_call() {
        let (table, inbox, completion) = pending::<u32>();
        drop(completion);
        assert_eq!(*table.0.lock().unwrap(), [TOKEN]);
        assert_eq!(Arc::strong_count(&inbox), 1);
    }

    #[test]
    fn a_driver_s_error_comes_with_the_call_and_its_arguments_are_not_looked_at() {
        let error = arrived::<u32>(completed(IoReturn::OFFLINE, &[1, 2, 3])).unwrap_err();
        assert_eq!(error, Error::new(CALL, IoReturn::OFFLINE));
    }

    #[test]
    fn arguments_that_do_not_fit_are_an_error() {
        for arguments in [&[][..], &[1], &[1, 2, 3]] {
            let error = arrived::<(u32, u32)>(completed(IoReturn::SUCCESS, arguments)).unwrap_err();
            let actual = arguments.len() as u64;
            assert_eq!(error.kind(), ErrorKind::InvalidReply);
            assert_eq!(error.detail(), Some(&Detail::Reply { what: "scalars", expected: 2, actual }));
        }
        let error = arrived::<(u32, u8)>(completed(IoReturn::SUCCESS, &[1, 256])).unwrap_err();
        let detail = Detail::ScalarOutput { index: 1, value: 256, type_name: "u8" };
        assert_eq!((error.kind(), error.detail()), (ErrorKind::InvalidReply, Some(&detail)));
        assert_eq!(arrived(completed(IoReturn::SUCCESS, &[5; 16])), Ok(Scalars::from([5; 16])));
    }

    #[test]
    fn an_error_of_the_call_is_there_at_once() {
        let mut completion = Completion::<u32>::of(Err(Error::new(CALL, IoReturn::NO_DEVICE)));
        assert!(!completion.is_terminated());
        assert_eq!(poll(&mut completion), Poll::Ready(Err(Error::new(CALL, IoReturn::NO_DEVICE))));
        let taken = completion.wait().unwrap_err();
        assert_eq!((taken.code(), taken.call()), (IoReturn::UNDERRUN, CALL));
    }

    #[test]
    fn it_can_go_anywhere_whatever_it_carries() {
        fn anywhere<T: Send + Sync + Unpin + 'static>() {}
        anywhere::<Completion<*const u8>>();
        anywhere::<super::super::Completions<*const u8>>();
        anywhere::<super::super::CompletionSender<*const u8>>();
    }
}
