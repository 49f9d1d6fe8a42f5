//! Functions that are called when something happens.

use super::registration::Registration;
use super::wakes::Panicked;
use crate::completion::{self, Arrival, Event, Inbox};
use crate::error::{Call, Result};
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A function that is called when something happens, until this is dropped.
///
/// Made by [`NotificationPort::on_services`](crate::NotificationPort::on_services) and
/// [`on_interest`](crate::NotificationPort::on_interest), and by [`Service::watch_with`](crate::Service::watch_with) and
/// [`interest_with`](crate::Service::interest_with) for the library's own port.
///
/// # Where the function runs
///
/// On whichever thread receives from the port, when no lock is held; so it may do anything: register others, receive from
/// the port itself, drop this, or drop the port. It is never called while it runs: what comes meanwhile, be it that the
/// function receives from the port or that another thread does, waits until it has returned, and is then given to it on the
/// thread that it runs on. What comes, comes in order.
///
/// A panic of it goes to whoever receives, when everybody else has been told: out of
/// [`dispatch`](crate::NotificationPort::dispatch); a run loop, a dispatch queue and the library's own thread end it.
/// The function is called again when more comes.
///
/// # The end
///
/// When the port is dropped or can receive no more, the function gets one error, on the thread that finds that, and is
/// dropped. A function that owns this must take it out and drop it, or let the port end, to be dropped itself.
///
/// To drop this ends it too, at any moment and from any thread. No call of the function begins from then on. It does **not**
/// wait for one that another thread has begun: that would be a deadlock if the function waited for something that the
/// dropping thread holds. The function itself, and what it owns, is dropped here if it does not run, and otherwise when it
/// returns.
#[must_use = "when it is dropped, the function is not called any more"]
#[doc(alias = "IOServiceMatchingCallback")]
#[doc(alias = "IOServiceInterestCallback")]
pub struct Subscription {
    // In this order: first the function is called no more.
    canceled: Canceled,
    _registration: Registration,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("is_over", &self.is_over()).finish()
    }
}

impl Subscription {
    /// Has `register` tell `function`. It puts what there is already into the inbox; the function is called by whoever receives
    /// from the port, and not here.
    pub(super) fn new<T: Event>(
        call: Call,
        function: impl FnMut(Result<T>) + Send + 'static,
        register: impl FnOnce(&Arc<Inbox<T>>) -> Result<(Registration, Option<completion::Wake>)>,
    ) -> Result<Self> {
        let (inbox, canceled) = Callback::of(call, function);
        let (registration, wake) = register(&inbox)?;
        if let Some(wake) = wake {
            registration.put_off(wake);
        }
        Ok(Self { canceled, _registration: registration })
    }

    /// Whether the function is not called any more, because the port has ended, or because there is nothing to come.
    pub fn is_over(&self) -> bool {
        self.canceled.0.is_over()
    }
}

/// Cancels when it is dropped.
struct Canceled(Arc<dyn Cancel>);

trait Cancel: Send + Sync + UnwindSafe + RefUnwindSafe {
    fn cancel(&self);
    fn is_over(&self) -> bool;
}

impl Drop for Canceled {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

type Function<T> = Box<dyn FnMut(Result<T>) + Send>;

/// Calls a function with what comes into an inbox. It is the waker of that, so that the function runs where wakers do.
struct Callback<T> {
    call: Call,
    inbox: Arc<Inbox<T>>,
    turn: Mutex<Turn<T>>,
}

struct Turn<T> {
    /// None while it runs, and when it is over.
    function: Option<Function<T>>,
    /// Somebody has come while it ran.
    again: bool,
    over: bool,
}

impl<T: Event> Callback<T> {
    fn of(call: Call, function: impl FnMut(Result<T>) + Send + 'static) -> (Arc<Inbox<T>>, Canceled) {
        let inbox = Arc::<Inbox<T>>::default();
        let callback = Arc::new(Self {
            call,
            inbox: Arc::clone(&inbox),
            turn: Mutex::new(Turn { function: Some(Box::new(function)), again: false, over: false }),
        });
        let canceled = Canceled(Arc::clone(&callback) as _);
        // The inbox is empty, so this calls nobody, and has the inbox know whom to wake.
        callback.wake();
        (inbox, canceled)
    }

    fn lock(&self) -> MutexGuard<'_, Turn<T>> {
        // Nothing panics while it is locked.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The function, for whoever is the one to call it.
    fn begin(&self) -> Option<Function<T>> {
        let mut turn = self.lock();
        let function = turn.function.take();
        turn.again = function.is_none();
        function
    }

    /// Nothing is left to call it with. Gives it back if that is no longer so.
    fn pause(&self, function: Function<T>) -> Option<Function<T>> {
        let mut turn = self.lock();
        if std::mem::take(&mut turn.again) || turn.over {
            return Some(function);
        }
        turn.function = Some(function);
        None
    }
}

impl<T: Event> Wake for Callback<T> {
    fn wake(self: Arc<Self>) {
        let Some(mut function) = self.begin() else { return };
        let waker = Waker::from(Arc::clone(&self));
        let context = Context::from_waker(&waker);
        let mut panicked = Panicked::default();
        loop {
            let event = match self.inbox.poll(&context) {
                Poll::Ready(Some(Arrival::Event(event))) => Ok(event),
                Poll::Ready(Some(Arrival::End(end))) => Err(end.error(self.call)),
                Poll::Ready(None) => break,
                Poll::Pending => match self.pause(function) {
                    Some(taken_back) => {
                        function = taken_back;
                        continue;
                    }
                    None => return panicked.resume(),
                },
            };
            if self.lock().over {
                break;
            }
            panicked.by(|| function(event));
        }
        self.lock().over = true;
        panicked.by(|| drop(function));
        panicked.resume();
    }
}

impl<T: Event> Cancel for Callback<T> {
    fn cancel(&self) {
        let mut turn = self.lock();
        turn.over = true;
        let function = turn.function.take();
        drop(turn);
        self.inbox.close();
        drop(function);
    }

    fn is_over(&self) -> bool {
        self.lock().over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::End;
    use crate::error::IoReturn;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    const CALL: Call = Call::Function("test");
    const END: End = End { code: IoReturn::ABORTED, reason: "the test is over" };

    impl Event for usize {}

    type Numbers = Arc<Inbox<usize>>;

    fn push(inbox: &Numbers, number: usize) {
        Arc::clone(inbox).push(number).wake();
    }

    /// What a function is called with, numbers or the code of an end.
    fn shown(event: Result<usize>) -> Result<usize, IoReturn> {
        event.map_err(|error| error.code())
    }

    #[test]
    fn what_comes_is_given_to_the_function_in_order_and_then_the_end_once() {
        let (called, calls) = mpsc::channel();
        let (inbox, canceled) = Callback::of(CALL, move |event| called.send(shown(event)).unwrap());
        push(&inbox, 1);
        inbox.clone().push_all(2..4).wake();
        inbox.clone().end(Some(END)).wake();
        push(&inbox, 4);
        assert!(canceled.0.is_over());
        // The function is gone, and its sender with it.
        assert_eq!(calls.iter().collect::<Vec<_>>(), [Ok(1), Ok(2), Ok(3), Err(IoReturn::ABORTED)]);
        drop(canceled);
        assert_eq!(Arc::strong_count(&inbox), 1);
    }

    #[test]
    fn a_function_is_not_called_while_it_runs_but_after() {
        let own = Arc::<OnceLock<Numbers>>::default();
        let (called, calls) = mpsc::channel();
        let (inbox, canceled) = Callback::of(CALL, {
            let own = Arc::clone(&own);
            move |event: Result<usize>| {
                let number = event.unwrap();
                called.send(("begin", number)).unwrap();
                if number < 3 {
                    push(own.get().unwrap(), number + 1);
                }
                called.send(("end", number)).unwrap();
            }
        });
        own.set(Arc::clone(&inbox)).unwrap();
        push(&inbox, 1);
        drop(canceled);
        let expected: Vec<_> = (1..=3).flat_map(|number| [("begin", number), ("end", number)]).collect();
        assert_eq!(calls.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_function_may_cancel_itself() {
        let own = Arc::<Mutex<Option<Canceled>>>::default();
        let (called, calls) = mpsc::channel();
        let (inbox, canceled) = Callback::of(CALL, {
            let own = Arc::clone(&own);
            move |event| {
                called.send(shown(event)).unwrap();
                drop(own.lock().unwrap().take());
            }
        });
        *own.lock().unwrap() = Some(canceled);
        inbox.clone().push_all(1..4).wake();
        push(&inbox, 4);
        assert_eq!(calls.iter().collect::<Vec<_>>(), [Ok(1)]);
        assert_eq!((Arc::strong_count(&own), Arc::strong_count(&inbox)), (1, 1));
    }

    #[test]
    fn a_function_is_not_called_when_it_has_been_cancelled() {
        let (called, calls) = mpsc::channel();
        let (inbox, canceled) = Callback::of(CALL, move |event| called.send(shown(event)).unwrap());
        let put_off = inbox.clone().push(1);
        drop(canceled);
        put_off.wake();
        push(&inbox, 2);
        assert_eq!(calls.iter().count(), 0);
    }

    #[test]
    fn a_panic_goes_on_when_the_rest_has_been_told() {
        let (called, calls) = mpsc::channel();
        let (inbox, canceled) = Callback::of(CALL, move |event: Result<usize>| {
            let number = event.unwrap();
            called.send(number).unwrap();
            assert_ne!(number % 2, 1, "a function of the test's");
        });
        let told = catch_unwind(AssertUnwindSafe(|| inbox.clone().push_all(1..5).wake()));
        let panic = told.unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("a function of the test's"));
        push(&inbox, 6);
        drop(canceled);
        assert_eq!(calls.iter().collect::<Vec<_>>(), [1, 2, 3, 4, 6]);
    }

    #[test]
    fn threads_that_deliver_at_once_call_one_after_the_other_and_lose_nothing() {
        const THREADS: usize = 3;
        let count = if cfg!(miri) { 10 } else { 5000 };
        let (called, calls) = mpsc::channel();
        let running = AtomicUsize::new(0);
        let (inbox, canceled) = Callback::of(CALL, move |event: Result<usize>| {
            assert_eq!(running.fetch_add(1, Ordering::Relaxed), 0);
            called.send(event.unwrap()).unwrap();
            running.fetch_sub(1, Ordering::Relaxed);
        });
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let inbox = &inbox;
                scope.spawn(move || {
                    for number in 0..count {
                        push(inbox, thread * count + number);
                    }
                });
            }
        });
        drop(canceled);
        let mut last = [None; THREADS];
        let mut total = 0;
        for number in calls {
            assert!(last[number / count].replace(number) < Some(number));
            total += 1;
        }
        assert_eq!(total, THREADS * count);
    }

    #[test]
    fn a_function_is_cancelled_while_others_deliver() {
        for _ in 0..if cfg!(miri) { 3 } else { 500 } {
            let kept = Arc::new(());
            let (inbox, canceled) = Callback::of(CALL, {
                let kept = Arc::clone(&kept);
                move |_| assert!(Arc::strong_count(&kept) > 1)
            });
            std::thread::scope(|scope| {
                scope.spawn(|| (0..20).for_each(|number| push(&inbox, number)));
                scope.spawn(move || drop(canceled));
            });
            assert_eq!((Arc::strong_count(&kept), Arc::strong_count(&inbox)), (1, 1));
        }
    }
}
