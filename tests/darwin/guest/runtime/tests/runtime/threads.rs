//! Threads, as Rust has them.

use std::collections::HashMap;
use std::sync::{Barrier, Condvar, Mutex, Once, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn scoped_threads_share_locks() {
    let squares = RwLock::new(HashMap::new());
    thread::scope(|scope| {
        for n in 0..8_u64 {
            let squares = &squares;
            scope.spawn(move || squares.write().unwrap().insert(n, n * n));
        }
    });
    assert_eq!(squares.read().unwrap()[&7], 49);
}

#[test]
fn channels_pass_everything_in_order() {
    let (sender, receiver) = mpsc::sync_channel(2);
    let sending = thread::spawn(move || (0..1000).for_each(|n| sender.send(n).unwrap()));
    assert!(receiver.iter().eq(0..1000));
    sending.join().unwrap();
}

#[test]
fn timeouts_of_channels_are_measured() {
    let (_sender, receiver) = mpsc::channel::<()>();
    let start = Instant::now();
    assert!(receiver.recv_timeout(Duration::from_millis(20)).is_err());
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn timeouts_of_conditions_are_measured() {
    let lock = Mutex::new(());
    let start = Instant::now();
    let (_guard, timeout) =
        Condvar::new().wait_timeout(lock.lock().unwrap(), Duration::from_millis(20)).unwrap();
    assert!(timeout.timed_out());
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn endless_timeouts_can_be_woken_from() {
    let (lock, change) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            *lock.lock().unwrap() = true;
            change.notify_all();
        });
        let guard = lock.lock().unwrap();
        let (guard, timeout) = change.wait_timeout_while(guard, Duration::MAX, |ready| !*ready).unwrap();
        assert!(*guard && !timeout.timed_out());
    });
}

#[test]
fn parked_threads_are_unparked() {
    let parked = thread::spawn(thread::park);
    parked.thread().unpark();
    parked.join().unwrap();
    let start = Instant::now();
    thread::park_timeout(Duration::from_millis(20));
    assert!(start.elapsed() >= Duration::from_millis(20));
}

#[test]
fn barriers_let_all_threads_go_at_once() {
    let barrier = Barrier::new(4);
    let leaders = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| barrier.wait().is_leader())).collect();
        threads
            .into_iter()
            .filter(|_| true)
            .map(|thread| thread.join().unwrap())
            .filter(|leads| *leads)
            .count()
    });
    assert_eq!(leaders, 1);
}

#[test]
fn a_poisoned_once_is_seen() {
    static ONCE: Once = Once::new();
    assert!(thread::spawn(|| ONCE.call_once(|| panic!("poisons"))).join().is_err());
    ONCE.call_once_force(|state| assert!(state.is_poisoned()));
    assert!(ONCE.is_completed());
}

#[test]
fn threads_have_names_and_stacks_of_their_own() {
    let thread = thread::Builder::new().name("named".into()).stack_size(1 << 20);
    let handle = thread.spawn(|| {
        // SAFETY: asks about this thread.
        let size = unsafe { libc::pthread_get_stacksize_np(libc::pthread_self()) };
        (thread::current().name().map(String::from), size)
    });
    let (name, size) = handle.unwrap().join().unwrap();
    assert_eq!(name.as_deref(), Some("named"));
    assert!((1 << 20..8 << 20).contains(&size), "{size}");
}

#[test]
fn threads_have_numbers_of_their_own() {
    let number = || {
        let mut number = 0;
        // SAFETY: 0 stands for this thread.
        assert_eq!(unsafe { libc::pthread_threadid_np(0, &mut number) }, 0);
        number
    };
    assert_eq!(number(), number());
    assert_ne!(number(), thread::spawn(number).join().unwrap());
}
