//! Who is told when an entry goes into an empty data queue.

use super::{SendOptions, SendRight};
use crate::memory::queue::Waiter;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Who is told when an entry goes into an empty data queue of a driver's: the task by the port that it has set, and
/// whoever waits at a handle of the driver's own.
#[derive(Debug, Default)]
pub struct QueueBell {
    /// Replaced as a whole, so that those who are told are so when it is free again: that may run any code.
    listeners: Mutex<Arc<Listeners>>,
    /// Whether there may be any. Changed under the lock.
    is_heard: AtomicBool,
    /// How many handles of the driver's there are on the queue.
    handles: AtomicUsize,
}

#[derive(Clone, Debug, Default)]
struct Listeners {
    port: Option<SendRight>,
    waiters: Vec<Weak<Waiter>>,
}

// What a panic leaves behind under the lock is whole: nothing panics there.
impl UnwindSafe for QueueBell {}
impl RefUnwindSafe for QueueBell {}

impl QueueBell {
    fn lock(&self) -> MutexGuard<'_, Arc<Listeners>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Listeners)) {
        let mut current = self.lock();
        let mut listeners = Listeners::clone(&current);
        change(&mut listeners);
        self.is_heard.store(!listeners.is_empty(), Ordering::Relaxed);
        let before = std::mem::replace(&mut *current, Arc::new(listeners));
        drop(current);
        // Whoever listens from now on looks into the queue after this: see `ring`.
        fence(Ordering::SeqCst);
        // The kernel takes the port's right back.
        drop(before);
    }

    /// `setNotificationPort`: where the kernel sends from now on, if anywhere.
    #[doc(alias = "setNotificationPort")]
    pub fn set_port(&self, port: Option<SendRight>) {
        self.change(|listeners| listeners.port = port);
    }

    /// One who is told until it is dropped.
    pub(crate) fn add_waiter(&self) -> Arc<Waiter> {
        let waiter = Arc::default();
        self.change(|Listeners { waiters, .. }| {
            waiters.retain(|waiter| waiter.strong_count() > 0);
            waiters.push(Arc::downgrade(&waiter));
        });
        waiter
    }

    /// `sendDataAvailableNotification`: tells everybody that there may be entries.
    ///
    /// A message that finds the port's queue full is dropped, and one for a receiver that is gone goes nowhere (DQ-10).
    pub(crate) fn ring(&self) {
        // Between the entry and the question whether anybody listens, as one who begins to listen looks for entries after
        // that: one of the two finds what the other has done.
        fence(Ordering::SeqCst);
        if !self.is_heard.load(Ordering::Relaxed) {
            return;
        }
        let listeners = Arc::clone(&self.lock());
        if let Some(port) = &listeners.port {
            let _ = port.send(0, [], SendOptions { can_drop: true });
        }
        listeners.ring_waiters();
    }

    /// One more handle of the driver's.
    pub(crate) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// One handle less. Who waits at the last one sees that nobody is left to put anything in.
    pub(crate) fn remove_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 2 {
            let listeners = Arc::clone(&self.lock());
            listeners.ring_waiters();
        }
    }

    /// Whether there is one handle alone. Whatever the others have put in is in the queue then.
    pub(crate) fn is_last_handle(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 1
    }
}

impl Listeners {
    fn is_empty(&self) -> bool {
        self.port.is_none() && self.waiters.is_empty()
    }

    fn ring_waiters(&self) {
        for waiter in self.waiters.iter().filter_map(Weak::upgrade) {
            if let Some(waker) = waiter.ring() {
                waker.wake();
            }
        }
    }
}
