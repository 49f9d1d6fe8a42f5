//! The threads that queues share, and the one that waits for what is to be done later.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use crate::time::monotonic;

/// Something to do, on whatever thread.
pub(super) type Work = Box<dyn FnOnce() + Send>;

/// As many threads as libdispatch makes for work that blocks them.
const MOST_THREADS: usize = 64;

struct Pool {
    waiting: VecDeque<Work>,
    idle: usize,
    threads: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { waiting: VecDeque::new(), idle: 0, threads: 0 });
static WORK_WAITS: Condvar = Condvar::new();

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on a thread of the pool.
pub(super) fn run(work: Work) {
    let mut pool = pool();
    pool.waiting.push_back(work);
    if pool.waiting.len() > pool.idle && pool.threads < MOST_THREADS {
        pool.threads += 1;
        drop(pool);
        thread::Builder::new().name("dispatch".into()).spawn(serve).expect("the system has threads");
    } else {
        WORK_WAITS.notify_one();
    }
}

fn serve() {
    let mut pool = pool();
    loop {
        pool.idle += 1;
        pool = WORK_WAITS
            .wait_while(pool, |pool| pool.waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        pool.idle -= 1;
        if let Some(work) = pool.waiting.pop_front() {
            drop(pool);
            work();
            pool = self::pool();
        }
    }
}

/// What is to be done later, by when and in what order it came.
static LATER: Mutex<BTreeMap<(u64, usize), Work>> = Mutex::new(BTreeMap::new());
static EARLIER: Condvar = Condvar::new();

/// Runs `work` at a time of the monotonic clock, on a thread that others wait for too: it must not take long.
pub(super) fn run_at(time: u64, work: Work) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    static THREAD: Once = Once::new();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    LATER.lock().unwrap_or_else(PoisonError::into_inner).insert((time, number), work);
    THREAD.call_once(|| {
        thread::Builder::new()
            .name("dispatch timers".into())
            .spawn(serve_timers)
            .expect("the system has threads");
    });
    EARLIER.notify_one();
}

fn serve_timers() {
    let mut later = LATER.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left =
            later.keys().next().map(|(time, _)| Duration::from_nanos(time.saturating_sub(monotonic())));
        later = match left {
            None => EARLIER.wait(later).unwrap_or_else(PoisonError::into_inner),
            Some(Duration::ZERO) => {
                let due = later.pop_first();
                drop(later);
                if let Some((_, work)) = due {
                    work();
                }
                LATER.lock().unwrap_or_else(PoisonError::into_inner)
            }
            Some(left) => EARLIER.wait_timeout(later, left).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
}
