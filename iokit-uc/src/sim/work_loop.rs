//! The work loop: a thread of the machine's own, which polls what drivers leave to it, and the timers that they wait for.
//!
//! The thread starts with the first thing that there is to do, keeps nothing of the machine's, and ends with the machine.

use super::clock::Clock;
use super::keys::ObjectKey;
use super::thread;
use slotmap::SlotMap;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::JoinHandle;
use std::time::Duration;

thread_local! {
    static IS_WORK_LOOP: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the thread of a work loop.
pub(super) fn is_this_thread() -> bool {
    IS_WORK_LOOP.get()
}

pub(super) struct WorkLoop<J> {
    state: Mutex<State<J>>,
    /// Told when there is something to do for the thread that waits.
    work: Condvar,
    /// Told when there is nothing to do any more, if anybody wants to know.
    idle: Condvar,
    clock: Arc<Clock>,
    /// What is to be done whenever a job has been polled or dropped.
    settle: fn(),
}

/// What the work loop polls. Neither its polls nor its drop panic.
pub(super) trait Job: Future<Output = ()> + Send + Unpin + 'static {}

impl<J: Future<Output = ()> + Send + Unpin + 'static> Job for J {}

slotmap::new_key_type! {
    struct JobKey;
}

struct State<J> {
    jobs: SlotMap<JobKey, Slot<J>>,
    /// Jobs to be polled, each once. Some may be gone.
    ready: VecDeque<JobKey>,
    /// By deadline, and by number where deadlines are the same.
    timers: BTreeMap<(Duration, u64), Waker>,
    timers_made: u64,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread waits, and has not been told to go on.
    waiting: bool,
    /// Whether a job is being polled, or timers are going off.
    busy: bool,
    ended: bool,
    /// Threads that wait for the work loop to be idle.
    watching_idle: usize,
    /// Wakers of jobs that are done, for others: no more than there have been jobs at once.
    spare: Vec<Arc<JobWaker<J>>>,
}

struct Slot<J> {
    /// Whom the job is for.
    client: ObjectKey,
    /// None while it is polled.
    job: Option<J>,
    waker: Arc<JobWaker<J>>,
}

struct JobWaker<J> {
    work_loop: Arc<WorkLoop<J>>,
    key: JobKey,
    /// Whether the job is among those to be polled.
    scheduled: AtomicBool,
}

impl<J> JobWaker<J> {
    /// The same for another job, if nobody else has it.
    fn reused(mut self: Arc<Self>, key: JobKey) -> Option<Arc<Self>> {
        let waker = Arc::get_mut(&mut self)?;
        waker.key = key;
        *waker.scheduled.get_mut() = true;
        Some(self)
    }
}

impl<J: Job> Wake for JobWaker<J> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.scheduled.swap(true, Ordering::SeqCst) {
            let mut state = self.work_loop.lock();
            state.ready.push_back(self.key);
            self.work_loop.go_on(state);
        }
    }
}

/// Why a job is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The machine is gone.
    Ended,
    /// The host has no thread for the work loop.
    NoThread,
}

/// Tells the thread, if it waits, that there is something to do: when this is dropped, for which no lock should be held.
#[must_use = "the thread is told when this is dropped"]
pub(super) struct Tell<'a, J>(Option<&'a WorkLoop<J>>);

impl<J> Drop for Tell<'_, J> {
    fn drop(&mut self) {
        if let Some(work_loop) = self.0 {
            work_loop.work.notify_one();
        }
    }
}

impl<J: Job> WorkLoop<J> {
    pub(super) fn new(clock: Arc<Clock>, settle: fn()) -> Arc<Self> {
        let (state, work, idle) = (Mutex::new(State::new()), Condvar::new(), Condvar::new());
        Arc::new(Self { state, work, idle, clock, settle })
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        // Nothing of anybody else's runs under this lock, so a poisoned one still guards a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a job for a user client. The thread is to be told.
    pub(super) fn add(self: &Arc<Self>, client: ObjectKey, job: J) -> Result<Tell<'_, J>, (Refused, J)> {
        let mut state = self.lock();
        if let Err(refused) = self.start_thread(&mut state) {
            return Err((refused, job));
        }
        let State { jobs, spare, .. } = &mut *state;
        let key = jobs.insert_with_key(|key| Slot {
            client,
            job: Some(job),
            waker: spare.pop().and_then(|waker| waker.reused(key)).unwrap_or_else(|| {
                Arc::new(JobWaker { work_loop: Arc::clone(self), key, scheduled: AtomicBool::new(true) })
            }),
        });
        state.ready.push_back(key);
        let waits = std::mem::replace(&mut state.waiting, false);
        Ok(Tell(waits.then_some(self)))
    }

    /// Drops what there is for a user client. A job that is being polled goes when its poll is over.
    pub(super) fn drop_jobs_of(&self, client: ObjectKey) {
        let mut state = self.lock();
        let theirs: Vec<_> =
            state.jobs.iter().filter(|(_, slot)| slot.client == client).map(|(key, _)| key).collect();
        let dropped: Vec<_> = theirs.into_iter().filter_map(|key| state.jobs.remove(key)).collect();
        drop(state);
        drop(dropped);
        (self.settle)();
    }

    /// The machine is gone: every job is dropped, every timer goes off, and the thread has ended on return, unless this
    /// is that thread.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.ready.clear();
        state.spare.clear();
        let jobs: Vec<_> = state.jobs.drain().collect();
        let timers = std::mem::take(&mut state.timers);
        let thread = state.thread.take();
        self.go_on(state);
        drop(jobs);
        go_off(timers.into_values());
        (self.settle)();
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            // It catches every panic of others', and has none of its own to tell of.
            let _ = thread.join();
        }
    }

    /// Waits until there is nothing to do before some time has passed by the machine's clock, or something has happened
    /// outside. Returns false if `timeout` passes first, by the host's clock.
    pub(super) fn wait_until_idle(&self, timeout: Duration) -> bool {
        let mut state = self.lock();
        state.watching_idle += 1;
        let waited = self.idle.wait_timeout_while(state, timeout, |state| state.is_busy(&self.clock));
        let (mut state, result) = waited.unwrap_or_else(PoisonError::into_inner);
        state.watching_idle -= 1;
        !result.timed_out()
    }

    /// Time has been moved on: the timers that are due go off.
    pub(super) fn time_has_passed(&self) {
        let due = self.lock().take_due(&self.clock);
        go_off(due);
        (self.settle)();
        // The clock may be another now than the one that the thread waits by.
        self.go_on(self.lock());
    }

    fn start_thread(self: &Arc<Self>, state: &mut State<J>) -> Result<(), Refused> {
        if state.ended {
            return Err(Refused::Ended);
        }
        if state.thread.is_none() {
            let this = Arc::clone(self);
            let thread = std::thread::Builder::new().name("work loop".into()).spawn(move || this.run());
            state.thread = Some(thread.map_err(|_| Refused::NoThread)?);
        }
        Ok(())
    }

    /// Gives up the lock, and tells the thread that there is something to do.
    fn go_on(&self, mut state: MutexGuard<'_, State<J>>) {
        let waits = std::mem::replace(&mut state.waiting, false);
        drop(state);
        if waits {
            self.work.notify_one();
        }
    }

    fn run(&self) {
        IS_WORK_LOOP.set(true);
        let mut state = self.lock();
        while !state.ended {
            let due = state.take_due(&self.clock);
            state = if !due.is_empty() {
                self.work_on(state, || go_off(due))
            } else if let Some(key) = state.ready.pop_front() {
                self.poll(state, key)
            } else {
                self.wait(state)
            };
        }
    }

    fn wait<'a>(&'a self, mut state: MutexGuard<'a, State<J>>) -> MutexGuard<'a, State<J>> {
        if state.watching_idle > 0 {
            self.idle.notify_all();
        }
        state.waiting = true;
        let first = state.timers.first_key_value().map(|((deadline, _), _)| *deadline);
        match first.filter(|_| !self.clock.is_frozen()) {
            None => state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            Some(deadline) => {
                let left = deadline.saturating_sub(self.clock.now());
                state = self.work.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        state.waiting = false;
        state
    }

    /// Does something of others' without the lock.
    fn work_on<'a>(
        &'a self,
        mut state: MutexGuard<'a, State<J>>,
        work: impl FnOnce(),
    ) -> MutexGuard<'a, State<J>> {
        state.busy = true;
        drop(state);
        work();
        (self.settle)();
        let mut state = self.lock();
        state.busy = false;
        state
    }

    fn poll<'a>(&'a self, mut state: MutexGuard<'a, State<J>>, key: JobKey) -> MutexGuard<'a, State<J>> {
        let Some(slot) = state.jobs.get_mut(key) else { return state };
        let Some(job) = slot.job.take() else { return state };
        let waker = Arc::clone(&slot.waker);
        // Whoever wakes it from now on has it polled again.
        waker.scheduled.store(false, Ordering::SeqCst);
        let mut job = Some(job);
        state = self.work_on(state, || {
            let waker = Waker::from(waker);
            job.take_if(|job| Pin::new(job).poll(&mut Context::from_waker(&waker)).is_ready());
        });
        match (job, state.jobs.get_mut(key)) {
            (Some(job), Some(slot)) => slot.job = Some(job),
            (None, Some(_)) => state.finish(key),
            (dropped, None) => return self.work_on(state, || drop(dropped)),
        }
        state
    }
}

/// Wakes others, whose panics are their own: they have been printed, and the work loop goes on.
fn go_off(timers: impl IntoIterator<Item = Waker>) {
    for waker in timers {
        let _ = thread::in_driver(std::ptr::null(), || waker.wake());
    }
}

impl<J> State<J> {
    fn new() -> Self {
        Self {
            jobs: SlotMap::with_key(),
            ready: VecDeque::new(),
            timers: BTreeMap::new(),
            timers_made: 0,
            thread: None,
            waiting: false,
            busy: false,
            ended: false,
            watching_idle: 0,
            spare: Vec::new(),
        }
    }

    /// A job is done.
    fn finish(&mut self, key: JobKey) {
        if let Some(Slot { mut waker, .. }) = self.jobs.remove(key)
            && Arc::get_mut(&mut waker).is_some()
        {
            self.spare.push(waker);
        }
    }

    fn take_due(&mut self, clock: &Clock) -> Vec<Waker> {
        let mut due = Vec::new();
        if self.timers.is_empty() {
            return due;
        }
        let now = clock.now();
        while let Some(first) = self.timers.first_entry()
            && first.key().0 <= now
        {
            due.push(first.remove());
        }
        due
    }

    fn is_busy(&self, clock: &Clock) -> bool {
        let has_due =
            || self.timers.first_key_value().is_some_and(|((deadline, _), _)| *deadline <= clock.now());
        !self.ended && (self.busy || !self.ready.is_empty() || has_due())
    }
}

/// Until some time has passed by the machine's clock, or the machine is gone.
pub(super) struct Sleep<J: Job> {
    work_loop: Arc<WorkLoop<J>>,
    deadline: Duration,
    /// The timer's number, once there is one.
    timer: Option<u64>,
}

impl<J: Job> Sleep<J> {
    pub(super) fn new(work_loop: &Arc<WorkLoop<J>>, time: Duration) -> Self {
        let deadline = work_loop.clock.now().saturating_add(time);
        Self { work_loop: Arc::clone(work_loop), deadline, timer: None }
    }
}

impl<J: Job> Future for Sleep<J> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (work_loop, waker) = (Arc::clone(&self.work_loop), context.waker().clone());
        let mut state = work_loop.lock();
        if state.ended || work_loop.clock.now() >= self.deadline {
            return Poll::Ready(());
        }
        let started = work_loop.start_thread(&mut state);
        assert!(started.is_ok(), "the host has no thread for the timers of a simulated machine");
        let number = *self.timer.get_or_insert_with(|| {
            state.timers_made += 1;
            state.timers_made
        });
        let _before = state.timers.insert((self.deadline, number), waker);
        // It may be the next one.
        work_loop.go_on(state);
        Poll::Pending
    }
}

impl<J: Job> Drop for Sleep<J> {
    fn drop(&mut self) {
        if let Some(number) = self.timer {
            let _waker = self.work_loop.lock().timers.remove(&(self.deadline, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, poll_fn};
    use std::sync::mpsc::{Sender, channel};

    const PATIENCE: Duration = Duration::from_secs(60);
    const CLIENT: fn() -> ObjectKey = ObjectKey::default;

    type TestLoop = WorkLoop<Pin<Box<dyn Future<Output = ()> + Send>>>;

    fn frozen() -> (Arc<TestLoop>, Arc<Clock>) {
        let clock = Arc::new(Clock::new());
        clock.freeze();
        (WorkLoop::new(Arc::clone(&clock), || {}), clock)
    }

    fn run(work_loop: &Arc<TestLoop>, job: impl Future<Output = ()> + Send + 'static) {
        assert!(work_loop.add(CLIENT(), Box::pin(job)).is_ok());
    }

    #[track_caller]
    fn settle(work_loop: &TestLoop) {
        assert!(work_loop.wait_until_idle(PATIENCE), "the work loop has nothing to do");
    }

    /// The thread has ended, and nothing is left.
    #[track_caller]
    fn end(work_loop: Arc<TestLoop>) {
        work_loop.end();
        assert!(Arc::into_inner(work_loop).is_some(), "nothing keeps the work loop");
    }

    /// Says that it has been dropped.
    struct Token(Sender<&'static str>, &'static str);

    impl Drop for Token {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    #[test]
    fn a_job_is_polled_once_for_each_time_that_it_is_woken() {
        let (work_loop, _) = frozen();
        let (polls, polled) = channel();
        run(
            &work_loop,
            poll_fn(move |context| {
                polls.send(context.waker().clone()).unwrap();
                Poll::Pending
            }),
        );
        let waker = polled.recv().unwrap();
        settle(&work_loop);
        assert!(polled.try_recv().is_err());
        waker.wake_by_ref();
        settle(&work_loop);
        assert_eq!(polled.try_iter().count(), 1);
        drop(waker);
        end(work_loop);
    }

    #[test]
    fn a_job_that_is_woken_while_it_is_polled_is_polled_again() {
        let (work_loop, _) = frozen();
        let mut polls = 0;
        let (done, is_done) = channel();
        run(
            &work_loop,
            poll_fn(move |context| {
                polls += 1;
                for _ in 0..2 {
                    context.waker().wake_by_ref();
                }
                if polls < 3 {
                    return Poll::Pending;
                }
                done.send(polls).unwrap();
                Poll::Ready(())
            }),
        );
        assert_eq!(is_done.recv(), Ok(3));
        settle(&work_loop);
        assert_eq!(work_loop.lock().jobs.len(), 0);
        end(work_loop);
    }

    #[test]
    fn the_jobs_of_one_client_go_and_those_of_others_stay() {
        let (work_loop, _) = frozen();
        let mut keys = slotmap::SlotMap::<ObjectKey, ()>::with_key();
        let clients = [keys.insert(()), keys.insert(())];
        let (dropped, drops) = channel();
        for (client, name) in clients.into_iter().zip(["first", "second"]) {
            let token = Token(dropped.clone(), name);
            let job = async move {
                let _token = token;
                pending().await
            };
            assert!(work_loop.add(client, Box::pin(job)).is_ok());
        }
        settle(&work_loop);
        work_loop.drop_jobs_of(clients[0]);
        assert_eq!(drops.try_iter().collect::<Vec<_>>(), ["first"]);
        work_loop.end();
        assert_eq!(drops.try_iter().collect::<Vec<_>>(), ["second"]);
    }

    #[test]
    fn a_job_that_is_dropped_while_it_is_polled_goes_after_its_poll() {
        let (work_loop, _) = frozen();
        let (dropped, drops) = channel();
        let (enter, entered) = channel();
        let (leave, left) = channel::<()>();
        let token = Token(dropped, "job");
        run(&work_loop, async move {
            let _token = token;
            enter.send(()).unwrap();
            left.recv().unwrap();
            pending().await
        });
        entered.recv().unwrap();
        work_loop.drop_jobs_of(CLIENT());
        assert!(drops.try_recv().is_err(), "it is being polled");
        leave.send(()).unwrap();
        assert_eq!(drops.recv(), Ok("job"));
        end(work_loop);
    }

    #[test]
    fn a_sleep_is_over_when_the_clock_says_so() {
        let (work_loop, clock) = frozen();
        let (woken, wakes) = channel();
        for seconds in [20, 10, 10, 30] {
            let (sleep, woken) = (Sleep::new(&work_loop, Duration::from_secs(seconds)), woken.clone());
            run(&work_loop, async move {
                sleep.await;
                woken.send(seconds).unwrap();
            });
        }
        settle(&work_loop);
        for (time, expected) in [(9, &[][..]), (1, &[10, 10]), (10, &[20])] {
            clock.advance(Duration::from_secs(time));
            work_loop.time_has_passed();
            settle(&work_loop);
            assert_eq!(wakes.try_iter().collect::<Vec<_>>(), expected);
        }
        end(work_loop);
    }

    #[test]
    fn a_sleep_by_the_hosts_clock_needs_nobody_to_tell_it() {
        let work_loop = TestLoop::new(Arc::new(Clock::new()), || {});
        let (woken, wakes) = channel();
        let sleeps = [1, 3].map(|milliseconds| Sleep::new(&work_loop, Duration::from_millis(milliseconds)));
        for sleep in sleeps {
            let woken = woken.clone();
            run(&work_loop, async move {
                sleep.await;
                woken.send(()).unwrap();
            });
        }
        for _ in 0..2 {
            assert_eq!(wakes.recv_timeout(PATIENCE), Ok(()));
        }
        end(work_loop);
    }

    #[test]
    fn a_sleep_that_is_dropped_leaves_no_timer() {
        let (work_loop, _) = frozen();
        let mut sleep = Box::pin(Sleep::new(&work_loop, Duration::MAX));
        let mut context = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        assert_eq!(work_loop.lock().timers.len(), 1);
        drop(sleep);
        assert_eq!(work_loop.lock().timers.len(), 0);
        end(work_loop);
    }

    #[test]
    fn at_the_end_whoever_sleeps_elsewhere_is_woken_and_nothing_more_is_taken() {
        struct Flag(AtomicBool);
        impl Wake for Flag {
            fn wake(self: Arc<Self>) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let (work_loop, _) = frozen();
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut sleep = Box::pin(Sleep::new(&work_loop, PATIENCE));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        work_loop.end();
        assert!(flag.0.load(Ordering::SeqCst));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
        let refused = work_loop.add(CLIENT(), Box::pin(pending())).err().map(|(refused, _)| refused);
        assert_eq!(refused, Some(Refused::Ended));
    }

    #[test]
    fn it_can_end_on_its_own_thread() {
        let (work_loop, _) = frozen();
        let (ended, has_ended) = channel();
        let this = Arc::clone(&work_loop);
        run(&work_loop, async move {
            this.end();
            ended.send(()).unwrap();
            pending().await
        });
        assert_eq!(has_ended.recv(), Ok(()));
        drop(has_ended);
        // The thread is its own now, and goes with what it has.
        while Arc::strong_count(&work_loop) > 1 {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_waker_that_panics_is_its_owners_trouble() {
        struct Panics;
        impl Wake for Panics {
            fn wake(self: Arc<Self>) {
                panic!("a waker");
            }
        }
        let (work_loop, clock) = frozen();
        let mut sleep = Box::pin(Sleep::new(&work_loop, Duration::from_secs(1)));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&Arc::new(Panics).into())).is_pending());
        clock.advance(PATIENCE);
        work_loop.time_has_passed();
        settle(&work_loop);
        let (done, is_done) = channel();
        run(&work_loop, async move { done.send(()).unwrap() });
        assert_eq!(is_done.recv_timeout(PATIENCE), Ok(()));
        drop(sleep);
        end(work_loop);
    }
}
