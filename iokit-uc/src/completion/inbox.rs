//! What has arrived for one call, before it has a type; and what has arrived of a notification.

use crate::error::{Call, Detail, Error, IoReturn};
use crate::wire::Scalars;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// One completion, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completed {
    pub(crate) result: IoReturn,
    pub(crate) arguments: Scalars,
}

/// Why nothing more will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: IoReturn,
    pub(crate) reason: &'static str,
}

impl End {
    pub(crate) fn error(self, call: Call) -> Error {
        Error::new(call, self.code).with_detail(Detail::Text(self.reason.into()))
    }
}

/// What an inbox is for.
pub(crate) trait Event: Send + 'static {
    /// What is put last into an inbox that is full, to tell that more has come.
    fn lost() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

impl Event for Completed {}

/// What an inbox gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival<T = Completed> {
    Event(T),
    /// The last that it gives.
    End(End),
}

/// Completions, or other events, on their way from whoever delivers them to the one who waits.
#[derive(Debug)]
pub(crate) struct Inbox<T = Completed> {
    state: Mutex<State<T>>,
    arrived: Condvar,
}

#[derive(Debug)]
struct State<T> {
    /// The first to be taken lies outside of the queue, for calls that complete once to allocate none.
    first: Option<T>,
    others: VecDeque<T>,
    lost: u64,
    /// Whether the last that was put in tells of a loss.
    told: bool,
    tail: Tail,
    waker: Option<Waker>,
    /// Whether a thread waits for `arrived`. There is one at most, as there is one owner.
    waiting: bool,
}

#[derive(Clone, Copy, Debug)]
enum Tail {
    Open,
    Ending(End),
    Ended,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        let state = State {
            first: None,
            others: VecDeque::new(),
            lost: 0,
            told: false,
            tail: Tail::Open,
            waker: None,
            waiting: false,
        };
        Self { state: Mutex::new(state), arrived: Condvar::new() }
    }
}

impl<T: Event> State<T> {
    /// Puts in one more; gives back one that finds no room, which is counted, or comes after the end.
    fn put(&mut self, event: T) -> Option<T> {
        match (&self.tail, &self.first) {
            (Tail::Ending(_) | Tail::Ended, _) => return Some(event),
            (Tail::Open, None) => self.first = Some(event),
            (Tail::Open, Some(_)) => {
                let waiting = self.others.len() + 1;
                if waiting >= Inbox::<T>::CAPACITY {
                    self.lost += 1;
                    if !std::mem::replace(&mut self.told, true) {
                        self.others.extend(T::lost());
                    }
                    return Some(event);
                }
                self.others.push_back(event);
                self.told = false;
            }
        }
        None
    }
}

impl<T> State<T> {
    /// None if it has ended.
    fn take(&mut self) -> Poll<Option<Arrival<T>>> {
        if let Some(event) = self.first.take() {
            self.first = self.others.pop_front();
            return Poll::Ready(Some(Arrival::Event(event)));
        }
        match self.tail {
            Tail::Open => Poll::Pending,
            Tail::Ending(end) => {
                self.tail = Tail::Ended;
                Poll::Ready(Some(Arrival::End(end)))
            }
            Tail::Ended => Poll::Ready(None),
        }
    }
}

/// Whom to wake, when no lock is held any more: a waker is code of the user's, and so is what drops with an inbox.
#[must_use]
pub(crate) struct Wake {
    waker: Option<Waker>,
    /// Dropped here, and not under the lock of the table that it was in.
    _keeps: Arc<dyn Send + Sync>,
}

impl Wake {
    pub(crate) fn new(waker: Option<Waker>, keeps: Arc<dyn Send + Sync>) -> Self {
        Self { waker, _keeps: keeps }
    }

    pub(crate) fn wake(self) {
        if let Some(waker) = self.waker {
            waker.wake();
        }
    }
}

impl<T: Event> Inbox<T> {
    /// Adds a completion; one that finds no room is lost, and counted.
    pub(crate) fn push(self: Arc<Self>, event: T) -> Wake {
        self.push_and(event, false)
    }

    /// The same, and if it `is_last` nothing more will come.
    pub(crate) fn push_and(self: Arc<Self>, event: T, is_last: bool) -> Wake {
        let mut refused = None;
        let wake = self.change(|state| {
            refused = state.put(event);
            if is_last && let Tail::Open = state.tail {
                state.tail = Tail::Ended;
            }
        });
        // Not under the lock.
        drop(refused);
        wake
    }

    /// Adds all of these, which make no calls where they come from.
    pub(crate) fn push_all(self: Arc<Self>, events: impl Iterator<Item = T>) -> Wake {
        let mut refused = Vec::new();
        let wake = self.change(|state| refused.extend(events.filter_map(|event| state.put(event))));
        drop(refused);
        wake
    }

    /// Nothing more will come, for the reason given if there is one to give. The first end counts.
    pub(crate) fn end(self: Arc<Self>, end: Option<End>) -> Wake {
        self.change(|state| {
            if let Tail::Open = state.tail {
                state.tail = end.map_or(Tail::Ended, Tail::Ending);
            }
        })
    }

    fn change(self: Arc<Self>, change: impl FnOnce(&mut State<T>)) -> Wake {
        let mut state = self.lock();
        change(&mut state);
        let waker = state.waker.take();
        let waiting = state.waiting;
        drop(state);
        if waiting {
            self.arrived.notify_one();
        }
        Wake::new(waker, self)
    }
}

impl<T> Inbox<T> {
    /// The most events that wait in an inbox: as many as wait at a port (AS-4).
    pub(crate) const CAPACITY: usize = 65_534;

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is there already.
    pub(crate) fn take(&self) -> Poll<Option<Arrival<T>>> {
        self.lock().take()
    }

    /// What is there, or a wake-up when there is something.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<Option<Arrival<T>>> {
        let mut state = self.lock();
        let taken = state.take();
        if taken.is_ready() || state.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            return taken;
        }
        drop(state);
        // Wakers are cloned and dropped by code of the user's: not under the lock.
        let mut waker = Some(context.waker().clone());
        let mut state = self.lock();
        let taken = state.take();
        if taken.is_pending() {
            std::mem::swap(&mut state.waker, &mut waker);
        }
        drop(state);
        taken
    }

    /// Waits until there is something, or until the deadline has passed.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Poll<Option<Arrival<T>>> {
        let mut state = self.lock();
        loop {
            let taken = state.take();
            if taken.is_ready() {
                return taken;
            }
            state.waiting = true;
            match deadline {
                None => state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        state.waiting = false;
                        return Poll::Pending;
                    }
                    let waited = self.arrived.wait_timeout(state, left);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
            state.waiting = false;
        }
    }

    /// Nobody takes anything from it any more. What is in it goes.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.tail = Tail::Ended;
        let left = (state.first.take(), std::mem::take(&mut state.others), state.waker.take());
        drop(state);
        drop(left);
    }

    /// How many events found no room.
    pub(crate) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Whether everything has been taken and nothing will come.
    pub(crate) fn is_finished(&self) -> bool {
        let state = self.lock();
        state.first.is_none() && matches!(state.tail, Tail::Ended)
    }
}

/// When `timeout` will have passed; never, if that is beyond the clock.
pub(crate) fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    const END: End = End { code: IoReturn::ABORTED, reason: "the test is over" };

    fn completed(argument: u64) -> Completed {
        Completed { result: IoReturn::SUCCESS, arguments: [argument].into() }
    }

    /// The argument of a completion, or the code of the end.
    fn shown(arrival: Arrival) -> Result<u64, IoReturn> {
        match arrival {
            Arrival::Event(completed) => Ok(completed.arguments[0]),
            Arrival::End(end) => Err(end.code),
        }
    }

    fn take(inbox: &Inbox) -> Poll<Option<Result<u64, IoReturn>>> {
        inbox.take().map(|arrival| arrival.map(shown))
    }

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl std::task::Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.wake_by_ref();
        }
        fn wake_by_ref(self: &Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn what_is_put_in_comes_out_in_order_and_then_the_end_once() {
        let inbox = Arc::<Inbox>::default();
        assert_eq!(take(&inbox), Poll::Pending);
        for argument in 0..3 {
            inbox.clone().push(completed(argument)).wake();
        }
        inbox.clone().end(Some(END)).wake();
        inbox.clone().push(completed(3)).wake();
        inbox.clone().end(None).wake();
        for argument in 0..3 {
            assert_eq!(take(&inbox), Poll::Ready(Some(Ok(argument))));
        }
        assert!(!inbox.is_finished());
        assert_eq!(take(&inbox), Poll::Ready(Some(Err(IoReturn::ABORTED))));
        assert_eq!((take(&inbox), inbox.is_finished()), (Poll::Ready(None), true));
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken_once() {
        let inbox = Arc::<Inbox>::default();
        let (first, last) = (Arc::<Counter>::default(), Arc::<Counter>::default());
        for counter in [&first, &last, &last] {
            let waker = Arc::clone(counter).into();
            assert!(inbox.poll(&Context::from_waker(&waker)).is_pending());
        }
        assert_eq!(Arc::strong_count(&first), 1);
        let wake = inbox.clone().push(completed(1));
        assert_eq!(last.0.load(Ordering::Relaxed), 0);
        wake.wake();
        inbox.clone().push(completed(2)).wake();
        assert_eq!((first.0.load(Ordering::Relaxed), last.0.load(Ordering::Relaxed)), (0, 1));
        assert_eq!(Arc::strong_count(&last), 1);
    }

    #[test]
    fn a_waker_may_look_into_the_inbox_that_wakes_it() {
        struct Looks(Arc<Inbox>, Mutex<Option<u64>>);
        impl std::task::Wake for Looks {
            fn wake(self: Arc<Self>) {
                let Poll::Ready(Some(Arrival::Event(completed))) = self.0.take() else { return };
                *self.1.lock().unwrap() = Some(completed.arguments[0]);
            }
        }
        let inbox = Arc::<Inbox>::default();
        let looks = Arc::new(Looks(Arc::clone(&inbox), Mutex::new(None)));
        assert!(inbox.poll(&Context::from_waker(&looks.clone().into())).is_pending());
        inbox.clone().push(completed(7)).wake();
        assert_eq!(*looks.1.lock().unwrap(), Some(7));
    }

    #[test]
    fn a_thread_waits_for_what_comes_and_for_its_time() {
        let inbox = Arc::<Inbox>::default();
        assert!(inbox.wait(Some(Instant::now())).is_pending());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| inbox.wait(None).map(|arrival| arrival.map(shown)));
            while !inbox.lock().waiting {
                thread::yield_now();
            }
            inbox.clone().push(completed(4)).wake();
            assert_eq!(waiting.join().unwrap(), Poll::Ready(Some(Ok(4))));
        });
        let hour = Instant::now() + Duration::from_secs(3600);
        inbox.clone().end(None).wake();
        assert!(matches!(inbox.wait(Some(hour)), Poll::Ready(None)));
    }

    #[test]
    fn what_is_in_an_inbox_goes_when_nobody_takes_it() {
        let counted = Arc::new(());
        struct Counted(#[expect(dead_code, reason = "counts")] Arc<()>);
        impl Event for Counted {}
        let inbox = Arc::<Inbox<Counted>>::default();
        let three = (0..3).map(|_| Counted(Arc::clone(&counted)));
        inbox.clone().push_all(three).wake();
        assert_eq!(Arc::strong_count(&counted), 4);
        inbox.close();
        assert_eq!(Arc::strong_count(&counted), 1);
        inbox.clone().push(Counted(Arc::clone(&counted))).wake();
        assert_eq!((Arc::strong_count(&counted), inbox.is_finished()), (1, true));
        assert!(matches!(inbox.take(), Poll::Ready(None)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "65,534 events take minutes")]
    fn a_full_inbox_tells_of_what_it_loses_where_it_was_lost() {
        struct Number(Option<usize>);
        impl Event for Number {
            fn lost() -> Option<Self> {
                Some(Self(None))
            }
        }
        type Numbers = Inbox<Number>;
        let inbox = Arc::<Numbers>::default();
        let take = || match inbox.take() {
            Poll::Ready(Some(Arrival::Event(Number(number)))) => number,
            _ => panic!("there is none"),
        };
        let push = |number| inbox.clone().push(Number(Some(number))).wake();
        inbox.clone().push_all((0..Numbers::CAPACITY + 5).map(|number| Number(Some(number)))).wake();
        assert_eq!(inbox.lost(), 5);
        // There is room again when two have been taken: one of them for what tells of the loss.
        assert_eq!(take(), Some(0));
        push(1);
        assert_eq!((take(), inbox.lost()), (Some(1), 6));
        push(7);
        push(8);
        for number in 2..Numbers::CAPACITY {
            assert_eq!(take(), Some(number));
        }
        assert_eq!((take(), take(), take()), (None, Some(7), None));
        assert!(inbox.take().is_pending());
    }

    #[test]
    #[cfg_attr(miri, ignore = "65,534 completions take minutes")]
    fn a_full_inbox_counts_what_it_loses() {
        let inbox = Arc::<Inbox>::default();
        for argument in 0..Inbox::<Completed>::CAPACITY as u64 + 2 {
            inbox.clone().push(completed(argument)).wake();
        }
        assert_eq!(inbox.lost(), 2);
        for argument in 0..Inbox::<Completed>::CAPACITY as u64 {
            assert_eq!(take(&inbox), Poll::Ready(Some(Ok(argument))));
        }
        assert_eq!(take(&inbox), Poll::Pending);
        inbox.clone().push(completed(1)).wake();
        assert_eq!((take(&inbox), inbox.lost()), (Poll::Ready(Some(Ok(1))), 2));
    }
}
