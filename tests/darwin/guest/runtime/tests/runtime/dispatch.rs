//! Queues, semaphores and groups.

use std::ffi::{CStr, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use darwin_runtime_tests::dispatch::*;

use crate::{child, text};

/// Hands a closure over as a context for [`call`].
fn context(work: impl FnOnce() + Send + 'static) -> *mut c_void {
    let work: Box<dyn FnOnce() + Send> = Box::new(work);
    Box::into_raw(Box::new(work)).cast()
}

extern "C" fn call(context: *mut c_void) {
    // SAFETY: the context is one of the function above, and used once.
    let work = unsafe { Box::from_raw(context.cast::<Box<dyn FnOnce() + Send>>()) };
    work();
}

/// A queue that is released at the end of its test.
struct Queue(Object);

impl Queue {
    fn serial() -> Self {
        // SAFETY: the label is a C string.
        Self(unsafe { dispatch_queue_create(c"org.example.serial".as_ptr(), null()) })
    }

    fn concurrent() -> Self {
        let attribute = &raw const _dispatch_queue_attr_concurrent;
        // SAFETY: the label is a C string.
        Self(unsafe { dispatch_queue_create(c"org.example.concurrent".as_ptr(), attribute) })
    }

    fn run(&self, work: impl FnOnce() + Send + 'static) {
        // SAFETY: the function is made for its context.
        unsafe { dispatch_async_f(self.0, context(work), call) };
    }

    fn run_alone(&self, work: impl FnOnce() + Send + 'static) {
        // SAFETY: as above.
        unsafe { dispatch_barrier_async_f(self.0, context(work), call) };
    }

    fn wait_for(&self, work: impl FnOnce() + Send + 'static) {
        // SAFETY: as above.
        unsafe { dispatch_sync_f(self.0, context(work), call) };
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: the program has one reference.
        unsafe { dispatch_release(self.0) };
    }
}

fn send<T: Send + 'static>(sender: &Sender<T>, value: T) -> impl FnOnce() + Send + 'static {
    let sender = sender.clone();
    move || sender.send(value).unwrap()
}

#[test]
fn a_serial_queue_keeps_the_order() {
    let queue = Queue::serial();
    let (sender, receiver) = channel();
    (0..1000).for_each(|number| queue.run(send(&sender, number)));
    drop(sender);
    assert!(receiver.iter().eq(0..1000));
}

#[test]
fn a_serial_queue_does_one_thing_at_a_time() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    let queue = Queue::serial();
    let (sender, receiver) = channel();
    for _ in 0..100 {
        let sender = sender.clone();
        queue.run(move || {
            sender.send(RUNNING.fetch_add(1, Ordering::SeqCst)).unwrap();
            std::thread::yield_now();
            RUNNING.fetch_sub(1, Ordering::SeqCst);
        });
    }
    drop(sender);
    assert!(receiver.iter().all(|running| running == 0));
}

#[test]
fn a_concurrent_queue_does_several_things_at_a_time() {
    let queue = Queue::concurrent();
    let (here, from_there) = channel();
    let (there, from_here) = channel();
    // Each waits for the other.
    queue.run(move || from_here.recv().unwrap());
    queue.run(move || {
        there.send(()).unwrap();
        here.send(()).unwrap();
    });
    from_there.recv().unwrap();
}

#[test]
fn a_barrier_is_alone() {
    let queue = Queue::concurrent();
    let (barrier, from_barrier) = channel();
    let (after, from_after) = channel();
    let (done, result) = channel();
    let patience = Duration::from_millis(20);
    let early = done.clone();
    queue.run(move || early.send(from_barrier.recv_timeout(patience).is_ok()).unwrap());
    queue.run_alone(move || {
        _ = barrier.send(());
        done.send(from_after.recv_timeout(patience).is_ok()).unwrap();
    });
    queue.run(move || _ = after.send(()));
    assert_eq!(result.recv(), Ok(false), "the barrier did not wait for what came before it");
    assert_eq!(result.recv(), Ok(false), "what came after the barrier did not wait for it");
}

#[test]
fn what_is_waited_for_runs_on_this_thread_after_what_came_before() {
    let queue = Queue::serial();
    let (sender, receiver) = channel();
    queue.run(send(&sender, None));
    queue.wait_for(move || sender.send(Some(std::thread::current().id())).unwrap());
    assert_eq!(receiver.recv(), Ok(None));
    assert_eq!(receiver.recv(), Ok(Some(std::thread::current().id())));
}

#[test]
fn a_released_queue_does_what_it_was_given() {
    let (sender, receiver) = channel();
    let queue = Queue::serial();
    for number in 0..10 {
        queue.run(send(&sender, number));
    }
    drop((queue, sender));
    assert!(receiver.iter().eq(0..10));
}

#[test]
fn a_suspended_queue_waits() {
    let queue = Queue::serial();
    let (sender, receiver) = channel();
    // SAFETY: resumed before it is released.
    unsafe {
        dispatch_suspend(queue.0);
        queue.run(send(&sender, ()));
        assert!(receiver.recv_timeout(Duration::from_millis(20)).is_err());
        dispatch_resume(queue.0);
    }
    assert_eq!(receiver.recv(), Ok(()));
}

#[test]
fn queues_have_labels() {
    let queue = Queue::serial();
    // SAFETY: labels are C strings, and the queues live.
    unsafe {
        assert_eq!(CStr::from_ptr(dispatch_queue_get_label(queue.0)), c"org.example.serial");
        assert_eq!(CStr::from_ptr(dispatch_queue_get_label(main_queue())), c"com.apple.main-thread");
    }
    let (sender, receiver) = channel();
    // SAFETY: null stands for the queue whose work is done.
    queue.run(move || sender.send(unsafe { CStr::from_ptr(dispatch_queue_get_label(null_mut())) }).unwrap());
    assert_eq!(receiver.recv().unwrap(), c"org.example.serial");
}

#[test]
fn the_global_queue_needs_no_references() {
    let (sender, receiver) = channel();
    // SAFETY: the function is made for its context.
    unsafe {
        let queue = dispatch_get_global_queue(0, 0);
        dispatch_release(queue);
        dispatch_async_f(queue, context(send(&sender, ())), call);
        assert!(dispatch_get_global_queue(0, 1).is_null());
    }
    assert_eq!(receiver.recv(), Ok(()));
}

#[test]
fn what_is_delayed_comes_in_the_order_of_its_times() {
    let queue = Queue::serial();
    let (sender, receiver) = channel();
    let start = Instant::now();
    // SAFETY: the function is made for its context.
    unsafe {
        for milliseconds in [40, 20] {
            let when = dispatch_time(NOW, milliseconds * 1_000_000);
            dispatch_after_f(when, queue.0, context(send(&sender, milliseconds)), call);
        }
    }
    assert_eq!(receiver.recv(), Ok(20));
    assert_eq!(receiver.recv(), Ok(40));
    assert!(start.elapsed() >= Duration::from_millis(40));
}

#[test]
fn times_can_be_those_of_the_day() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = libc::timespec { tv_sec: now.as_secs() as i64, tv_nsec: now.subsec_nanos().into() };
    let start = Instant::now();
    // SAFETY: the time is valid; the semaphore is released once.
    unsafe {
        let semaphore = dispatch_semaphore_create(0);
        assert_ne!(dispatch_semaphore_wait(semaphore, dispatch_walltime(&now, 30_000_000)), 0);
        assert!(start.elapsed() >= Duration::from_millis(20));
        dispatch_release(semaphore);
    }
}

#[test]
fn semaphores_count_and_time_out() {
    // SAFETY: the semaphore lives to its release.
    unsafe {
        let semaphore = dispatch_semaphore_create(2);
        assert_eq!(dispatch_semaphore_wait(semaphore, FOREVER), 0);
        assert_eq!(dispatch_semaphore_wait(semaphore, NOW), 0);
        assert_ne!(dispatch_semaphore_wait(semaphore, dispatch_time(NOW, 1_000_000)), 0);
        assert_eq!(dispatch_semaphore_signal(semaphore), 0);
        assert_eq!(dispatch_semaphore_signal(semaphore), 0);
        dispatch_retain(semaphore);
        dispatch_release(semaphore);
        assert_eq!(dispatch_semaphore_wait(semaphore, FOREVER), 0);
        dispatch_semaphore_signal(semaphore);
        dispatch_release(semaphore);
        assert!(dispatch_semaphore_create(-1).is_null());
    }
}

#[test]
fn a_group_is_waited_for() {
    let queue = Queue::concurrent();
    let count = &*Box::leak(Box::new(AtomicUsize::new(0)));
    let (sender, receiver) = channel();
    // SAFETY: the functions are made for their contexts.
    unsafe {
        let group = dispatch_group_create();
        for _ in 0..8 {
            let add = move || _ = count.fetch_add(1, Ordering::SeqCst);
            dispatch_group_async_f(group, queue.0, context(add), call);
        }
        assert_eq!(dispatch_group_wait(group, FOREVER), 0);
        assert_eq!(count.load(Ordering::SeqCst), 8);
        dispatch_group_enter(group);
        assert_ne!(dispatch_group_wait(group, NOW), 0);
        dispatch_group_notify_f(group, queue.0, context(send(&sender, ())), call);
        assert!(receiver.try_recv().is_err());
        dispatch_group_leave(group);
        assert_eq!(receiver.recv(), Ok(()));
        dispatch_release(group);
    }
}

#[test]
fn what_is_done_once_is_done_before_anybody_goes_on() {
    static PREDICATE: AtomicUsize = AtomicUsize::new(0);
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn count(_: *mut c_void) {
        std::thread::yield_now();
        COUNT.fetch_add(1, Ordering::SeqCst);
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // SAFETY: the predicate is 0 at first.
                unsafe { dispatch_once_f(PREDICATE.as_ptr().cast(), null_mut(), count) };
                assert_eq!(COUNT.load(Ordering::SeqCst), 1);
            });
        }
    });
    assert_eq!(PREDICATE.load(Ordering::SeqCst), usize::MAX);
}

#[test]
fn an_iteration_is_applied_to_all_numbers() {
    extern "C" fn add(sum: *mut c_void, index: usize) {
        // SAFETY: the sum below.
        unsafe { (*sum.cast::<AtomicUsize>()).fetch_add(index, Ordering::SeqCst) };
    }
    let sum = AtomicUsize::new(0);
    // SAFETY: the function is made for its context, which outlives the call.
    unsafe {
        dispatch_apply_f(100, dispatch_get_global_queue(0, 0), (&raw const sum).cast_mut().cast(), add)
    };
    assert_eq!(sum.into_inner(), 4950);
}

#[test]
fn the_context_of_an_object_is_finalized_with_it() {
    let (sender, receiver) = channel();
    let context = context(send(&sender, "finalized"));
    // SAFETY: the finalizer is made for the context.
    unsafe {
        let queue = dispatch_queue_create(null(), null());
        dispatch_set_context(queue, context);
        dispatch_set_finalizer_f(queue, call);
        assert_eq!(dispatch_get_context(queue), context);
        dispatch_release(queue);
    }
    assert_eq!(receiver.recv(), Ok("finalized"));
}

#[test]
fn the_main_queue_is_served_on_the_main_thread() {
    let output = child(&["main queue"]);
    assert_eq!(text(&output.stdout), "first on Some(\"main\")\nsecond on Some(\"main\")\n");
    assert_eq!(output.status.code(), Some(6));
}

#[test]
fn a_run_loop_of_the_main_thread_serves_the_main_queue() {
    let output = child(&["main queue by a run loop"]);
    assert_eq!(text(&output.stdout), "stopped on Some(\"main\")\nreturned\n");
    assert_eq!(output.status.code(), Some(0));
}
