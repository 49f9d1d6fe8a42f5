//! A port, who waits at it, and what is done with its messages.
//!
//! The table's lock is held for a few moves of data. Under it an inbox is at most cloned: what is delivered, woken and
//! dropped is so when it is free again.

use super::gate::Gate;
use super::message::{self, Content};
use super::queue::{Listener, QueueId};
use super::slots::Slots;
use crate::backend::{Backend, MAIN_PORT_DEFAULT, NULL, NotificationPortRef, PortName, PortRight};
use crate::completion::{Calls, Completed, End, Inbox, Token, Wake};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::interface::MessageType;
use crate::kernel::Kernel;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The most bytes that a message may have: IOKitLib receives into 8 KiB, with a trailer (AS-14).
const MESSAGE_MAX: usize = 8 * 1024 - TRAILER_MAX;
/// The size of `mach_msg_max_trailer_t`.
const TRAILER_MAX: usize = 68;

const TERMINATED: End = End { code: IoReturn::NO_DEVICE, reason: "the service was terminated" };

/// The receive right.
///
/// Whoever is about to name the port to the kernel holds it: a name that has been given back may be another port's.
pub(super) struct Right {
    kernel: Kernel,
    pub(super) port: NotificationPortRef,
    name: PortName,
}

impl Right {
    fn new(kernel: &Kernel) -> Result<Self> {
        let port = kernel.io_notification_port_create(MAIN_PORT_DEFAULT).ok_or_else(|| {
            Error::new(Call::Function("IONotificationPortCreate"), IoReturn::NO_RESOURCES)
                .with_detail(Detail::Text("there is no port left".into()))
        })?;
        // SAFETY: the port has just been created, and is destroyed by `drop` alone.
        let name = unsafe { kernel.io_notification_port_get_mach_port(port) };
        Ok(Self { kernel: kernel.clone(), port, name })
    }

    pub(super) fn name(&self) -> PortName {
        self.name
    }

    /// The code of `mach_msg`, and the message if that is success.
    pub(super) fn receive(&self, message: &mut Vec<u8>, timeout: Option<Duration>) -> IoReturn {
        self.kernel.mach_msg_receive(self.name, message, MESSAGE_MAX, timeout)
    }
}

impl Drop for Right {
    fn drop(&mut self) {
        // SAFETY: the port came from this kernel, and this is the only place that destroys it.
        unsafe { self.kernel.io_notification_port_destroy(self.port) };
    }
}

/// One that messages are for.
#[derive(Debug)]
enum Slot {
    /// A connection. Its notification of the service's end comes here.
    Session { ended: Option<End> },
    /// A call on its way.
    Call { session: Token, completes: Completes, inbox: Arc<Inbox> },
}

/// How often an asynchronous method completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    Once,
    Many,
}

/// A data queue at which somebody waits.
#[derive(Debug)]
struct QueueSlot {
    session: Token,
    id: QueueId,
    listener: Arc<Listener>,
}

struct Table {
    slots: Slots<Slot>,
    queues: Slots<QueueSlot>,
    /// The right, or why nothing is received any more.
    right: Result<Arc<Right>, End>,
}

/// What [`NotificationPort`](super::NotificationPort) is a handle on.
pub(crate) struct Port {
    pub(super) kernel: Kernel,
    table: Mutex<Table>,
    gate: Gate,
    dropped: Counters,
}

/// What is needed to make a call.
pub(super) struct Registered {
    pub(super) token: Token,
    pub(super) right: Arc<Right>,
    /// The session has ended already: if the call succeeds all the same, nobody will tell of its end again.
    pub(super) ended: Option<End>,
}

impl Port {
    pub(super) fn new(kernel: &Kernel) -> Result<Self> {
        let right = Ok(Arc::new(Right::new(kernel)?));
        let table = Mutex::new(Table { slots: Slots::new(), queues: Slots::new(), right });
        Ok(Self { kernel: kernel.clone(), table, gate: Gate::new(), dropped: Counters::default() })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it is locked.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn right(&self) -> Result<Arc<Right>, End> {
        self.table().right.clone()
    }

    pub(crate) fn dropped(&self) -> Dropped {
        self.dropped.read()
    }

    // ---- who waits ----

    pub(super) fn add_session(&self) -> Token {
        self.table().slots.insert(Slot::Session { ended: None })
    }

    pub(super) fn add_call(
        &self,
        session: Token,
        completes: Completes,
        inbox: Arc<Inbox>,
    ) -> Result<Registered, End> {
        let mut table = self.table();
        let right = table.right.clone()?;
        let ended = match table.slots.get_mut(session) {
            Some(Slot::Session { ended }) => *ended,
            _ => None,
        };
        let token = table.slots.insert(Slot::Call { session, completes, inbox });
        Ok(Registered { token, right, ended })
    }

    /// A data queue of a session. The right is what its driver is to be given.
    pub(super) fn add_queue(
        &self,
        session: Token,
        id: QueueId,
        listener: Arc<Listener>,
    ) -> Result<(Token, Arc<Right>), End> {
        let mut table = self.table();
        let right = table.right.clone()?;
        if let Some(Slot::Session { ended: Some(end) }) = table.slots.get_mut(session) {
            return Err(*end);
        }
        Ok((table.queues.insert(QueueSlot { session, id, listener }), right))
    }

    /// Nobody waits at a data queue any more. Whether it was the last of those that are one to the driver, which then need
    /// not send any more.
    pub(super) fn remove_queue(&self, token: Token) -> bool {
        let mut table = self.table();
        let removed = table.queues.remove(token);
        let last = removed
            .as_ref()
            .is_some_and(|removed| !table.queues.values().any(|queue| queue.id == removed.id));
        drop(table);
        drop(removed);
        last
    }

    /// The right, if somebody waits at this data queue.
    pub(super) fn right_for(&self, id: QueueId) -> Option<Arc<Right>> {
        let table = self.table();
        let right = table.right.as_ref().ok().filter(|_| table.queues.values().any(|queue| queue.id == id));
        right.cloned()
    }

    /// Whoever waits at a data queue looks whether there is something.
    pub(super) fn ring_queues(&self) -> Wakes {
        let table = self.table();
        if table.queues.is_empty() {
            return Wakes::None;
        }
        let queues: Vec<_> = table.queues.values().map(|queue| Arc::clone(&queue.listener)).collect();
        drop(table);
        Wakes::All(queues.into_iter().map(Listener::ring).collect())
    }

    /// A call that is on its way ends.
    pub(super) fn end_call(&self, token: Token, end: End) {
        let slot = self.table().slots.remove(token);
        if let Some(Slot::Call { inbox, .. }) = slot {
            inbox.end(Some(end)).wake();
        }
    }

    /// All calls of a session end, and those that it makes from now on.
    pub(super) fn end_session(&self, session: Token, end: End) {
        self.end_calls_of(session, end).wake();
    }

    fn end_calls_of(&self, session: Token, end: End) -> Wakes {
        let mut table = self.table();
        if let Some(Slot::Session { ended }) = table.slots.get_mut(session) {
            *ended = Some(end);
        }
        let calls =
            table.slots.extract(|slot| matches!(slot, Slot::Call { session: its, .. } if *its == session));
        let queues = table.queues.extract(|queue| queue.session == session);
        drop(table);
        Wakes::ended(calls, queues, end)
    }

    pub(super) fn remove_session(&self, session: Token) {
        let removed = self.table().slots.remove(session);
        drop(removed);
    }

    /// Nothing is received any more: all calls end, and those that are made from now on.
    pub(super) fn close(&self, end: End) {
        self.close_for(end).wake();
    }

    fn close_for(&self, end: End) -> Wakes {
        let mut table = self.table();
        let right = std::mem::replace(&mut table.right, Err(end));
        let calls = table.slots.extract(|slot| matches!(slot, Slot::Call { .. }));
        let queues = table.queues.extract(|_| true);
        drop(table);
        drop(right);
        Wakes::ended(calls, queues, end)
    }

    // ---- what comes ----

    /// The most messages that one call of [`dispatch`](Self::dispatch) takes: they may come as fast as they are taken.
    const BATCH: usize = 1024;

    /// Waits for a message until `timeout` is over, then takes all that are there. Returns how many it took. An error is
    /// the port's end.
    pub(super) fn dispatch(&self, timeout: Option<Duration>) -> Result<usize, End> {
        let now = Instant::now();
        let mut deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        let right = self.right()?;
        let mut taken = 0;
        while taken < Self::BATCH {
            let Some(mut inside) = self.gate.enter(deadline) else { break };
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let code = right.receive(&mut inside.buffer, left);
            if code == IoReturn::MACH_RCV_TIMED_OUT {
                break;
            }
            let (wakes, accepted) = self.accept(code, &inside.buffer);
            drop(inside);
            wakes.wake();
            accepted?;
            taken += 1;
            // The others as they are there.
            deadline = Some(now);
        }
        Ok(taken)
    }

    /// Does what there is to do with what `mach_msg` returned. An error is the port's end.
    pub(super) fn accept(&self, code: IoReturn, message: &[u8]) -> (Wakes, Result<(), End>) {
        match code {
            IoReturn::SUCCESS => (self.deliver(message), Ok(())),
            IoReturn::MACH_RCV_TOO_LARGE => {
                self.dropped.oversized.count();
                (self.ring_queues(), Ok(()))
            }
            IoReturn::MACH_RCV_BODY_ERROR => {
                self.dropped.malformed.count();
                (self.ring_queues(), Ok(()))
            }
            code => {
                // Whether the port dies before it is received from or meanwhile is chance.
                let died = code == IoReturn::MACH_RCV_INVALID_NAME;
                let code = if died { IoReturn::MACH_RCV_PORT_DIED } else { code };
                let end = End { code, reason: "the notification port can receive no more" };
                (self.close_for(end), Err(end))
            }
        }
    }

    /// Does what a message says, and releases what came with it.
    pub(super) fn deliver(&self, message: &[u8]) -> Wakes {
        let wakes = match message::parse(message) {
            Content::Completion(token, completed) => self.complete(token, completed),
            Content::Interest(token, message_type) => self.notify(token, message_type),
            Content::DataAvailable => self.data_available(),
            Content::Unknown => {
                self.dropped.unknown.count();
                Wakes::None
            }
            Content::Malformed => {
                self.dropped.malformed.count();
                Wakes::None
            }
        };
        self.release(message);
        // After any message: a driver whose notification finds the port's queue full of others does not send it again.
        wakes.and(self.ring_queues())
    }

    /// Releases what came with a message, which is as it was received.
    pub(super) fn release(&self, message: &[u8]) {
        for right in message::rights(message) {
            // What cannot be released is not this task's.
            // SAFETY: each right came with the message, with a reference that nothing here has taken.
            unsafe {
                match right.kind {
                    PortRight::Receive => self.kernel.mach_port_mod_refs(right.name, PortRight::Receive, -1),
                    _ => self.kernel.mach_port_deallocate(right.name),
                }
            };
        }
    }

    fn complete(&self, token: Token, completed: Completed) -> Wakes {
        let mut table = self.table();
        let inbox = match table.slots.get_mut(token) {
            Some(Slot::Call { completes: Completes::Many, inbox, .. }) => Some(Arc::clone(inbox)),
            Some(Slot::Call { completes: Completes::Once, .. }) => match table.slots.remove(token) {
                Some(Slot::Call { inbox, .. }) => Some(inbox),
                _ => None,
            },
            Some(Slot::Session { .. }) | None => None,
        };
        drop(table);
        match inbox {
            Some(inbox) => Wakes::One(inbox.push(completed)),
            None => {
                self.dropped.stale.count();
                Wakes::None
            }
        }
    }

    fn notify(&self, token: Token, message_type: MessageType) -> Wakes {
        let mut table = self.table();
        let session = matches!(table.slots.get_mut(token), Some(Slot::Session { .. }));
        drop(table);
        match (session, message_type) {
            (true, MessageType::SERVICE_IS_TERMINATED) => self.end_calls_of(token, TERMINATED),
            (true, _) => Wakes::None,
            (false, _) => {
                self.dropped.stale.count();
                Wakes::None
            }
        }
    }

    fn data_available(&self) -> Wakes {
        if self.table().queues.is_empty() {
            self.dropped.stale.count();
        }
        Wakes::None
    }

    /// The service of a session was found to be terminated.
    pub(super) fn terminated(&self, session: Token) {
        self.end_session(session, TERMINATED);
    }
}

impl Calls for Port {
    fn forget(&self, token: Token) {
        let slot = self.table().slots.remove(token);
        drop(slot);
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table();
        let waiting = table.slots.len() + table.queues.len();
        let name = table.right.as_ref().map_or(NULL, |right| right.name());
        drop(table);
        f.debug_struct("NotificationPort")
            .field("name", &name)
            .field("waiting", &waiting)
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

/// Whom to wake, when no lock is held any more.
#[must_use]
pub(super) enum Wakes {
    None,
    One(Wake),
    All(Vec<Wake>),
}

impl Wakes {
    fn ended(slots: Vec<Slot>, queues: Vec<QueueSlot>, end: End) -> Self {
        let inbox = |slot| match slot {
            Slot::Call { inbox, .. } => Some(inbox),
            Slot::Session { .. } => None,
        };
        let calls = slots.into_iter().filter_map(inbox).map(|inbox| inbox.end(Some(end)));
        Self::All(calls.chain(queues.into_iter().map(|queue| queue.listener.end(end))).collect())
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, wakes) | (wakes, Self::None) => wakes,
            (one, other) => Self::All(one.into_vec().into_iter().chain(other.into_vec()).collect()),
        }
    }

    fn into_vec(self) -> Vec<Wake> {
        match self {
            Self::None => Vec::new(),
            Self::One(wake) => vec![wake],
            Self::All(wakes) => wakes,
        }
    }

    /// Wakes every one of them, though one panics.
    pub(super) fn wake(self) {
        match self {
            Self::None => {}
            Self::One(wake) => wake.wake(),
            Self::All(wakes) => {
                let mut panicked = None;
                for wake in wakes {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| wake.wake())) {
                        // One goes on. What another carries may panic when it is dropped, and what that leaves is all that
                        // must be forgotten.
                        if let Some(other) = panicked.replace(panic) {
                            catch_unwind(AssertUnwindSafe(|| drop(other))).unwrap_or_else(std::mem::forget);
                        }
                    }
                }
                if let Some(panic) = panicked {
                    resume_unwind(panic);
                }
            }
        }
    }
}

/// How many messages have been dropped, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Nobody waits for them: their future or stream was dropped, has been completed, or never was.
    pub stale: u64,
    /// They contradict themselves or break off, or carry what is no port right.
    pub malformed: u64,
    /// They are of a kind that nobody here has asked for.
    pub unknown: u64,
    /// They have more than 8 KiB.
    pub oversized: u64,
}

#[derive(Default)]
struct Counters {
    stale: Counter,
    malformed: Counter,
    unknown: Counter,
    oversized: Counter,
}

impl Counters {
    fn read(&self) -> Dropped {
        Dropped {
            stale: self.stale.read(),
            malformed: self.malformed.read(),
            unknown: self.unknown.read(),
            oversized: self.oversized.read(),
        }
    }
}

#[derive(Default)]
struct Counter(AtomicU64);

impl Counter {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
