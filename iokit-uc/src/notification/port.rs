//! A port, who waits at it, and what is done with its messages.
//!
//! The table's lock is held for a few moves of data. Under it an inbox is at most cloned: what is delivered, woken and
//! dropped is so when it is free again.

use super::gate::Gate;
use super::interest::InterestNotification;
use super::message::{self, Content};
use super::queue::{Listener, QueueId};
use super::right::Right;
use super::slot::{Completes, QueueSlot, Slot, end_all};
use super::slots::Slots;
use super::wakes::Wakes;
use crate::backend::{Backend, NULL, PortName, PortRight};
use crate::completion::{Calls, Completed, End, Inbox, Token, Wake};
use crate::description;
use crate::error::{IoReturn, Result};
use crate::interface::{MessageArgument, MessageType};
use crate::kernel::Kernel;
use crate::service::Service;
use crate::spans::{Waiting, event};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const TERMINATED: End = End { code: IoReturn::NO_DEVICE, reason: "the service was terminated" };

struct Table {
    slots: Slots<Slot>,
    queues: Slots<QueueSlot>,
    /// Who is to be woken with the next message.
    put_off: Vec<Wake>,
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
        let table = Table { slots: Slots::new(), queues: Slots::new(), put_off: Vec::new(), right };
        let table = Mutex::new(table);
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

    /// A connection, for which `interest` is about to be made, if anything is.
    pub(super) fn add_session(&self, interest: Arc<InterestNotification>) -> Token {
        self.table().slots.insert(Slot::Session { interest, ended: None })
    }

    pub(super) fn add_call(
        &self,
        session: Token,
        completes: Completes,
        inbox: Arc<Inbox>,
        span: Waiting,
    ) -> Result<Registered, End> {
        let mut table = self.table();
        let right = table.right.clone()?;
        let ended = match table.slots.get_mut(session) {
            Some(Slot::Session { ended, .. }) => *ended,
            _ => None,
        };
        let token = table.slots.insert(Slot::Call { session, completes, inbox, span });
        Ok(Registered { token, right, ended })
    }

    /// Something of which the kernel is to be asked to tell, by the right.
    pub(super) fn add(&self, slot: Slot) -> Result<(Token, Arc<Right>), End> {
        let mut table = self.table();
        let right = table.right.clone()?;
        Ok((table.slots.insert(slot), right))
    }

    /// Nobody waits for this any more.
    pub(super) fn remove(&self, token: Token) {
        let removed = self.table().slots.remove(token);
        // Objects of the kernel's are given back when no lock is held.
        drop(removed);
    }

    /// Has whoever receives next do the waking.
    pub(super) fn put_off(&self, wake: Wake) {
        let mut table = self.table();
        let Ok(right) = table.right.clone() else {
            drop(table);
            // Nobody receives any more.
            return wake.wake();
        };
        table.put_off.push(wake);
        drop(table);
        // If the queue is full, there is something to receive; if the port is dead, that is its end, and is found.
        let _ = right.knock(message::PUT_OFF);
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
        if let Some(Slot::Session { ended: Some(end), .. }) = table.slots.get_mut(session) {
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
        let queues: Vec<_> = table.queues.values().map(|queue| Arc::clone(&queue.listener)).collect();
        drop(table);
        if queues.is_empty() {
            return Wakes::None;
        }
        Wakes::All(queues.into_iter().map(Listener::ring).collect())
    }

    /// Whoever has been put off until there is a message.
    fn wake_put_off(&self) -> Wakes {
        let put_off = std::mem::take(&mut self.table().put_off);
        if put_off.is_empty() { Wakes::None } else { Wakes::All(put_off) }
    }

    /// What any message does that leaves the port's queue, be it one that cannot be received: a driver whose notification
    /// finds the queue full of others does not send it again, and so it is with a message of this library's own.
    fn after_message(&self) -> Wakes {
        self.ring_queues().and(self.wake_put_off())
    }

    /// A call that is on its way ends.
    pub(super) fn end_call(&self, token: Token, end: End) {
        let slot = self.table().slots.remove(token);
        if let Some(wake) = slot.and_then(|slot| slot.end(end)) {
            wake.wake();
        }
    }

    /// All calls of a session end, and those that it makes from now on.
    pub(super) fn end_session(&self, session: Token, end: End) {
        self.end_calls_of(session, end).wake();
    }

    fn end_calls_of(&self, session: Token, end: End) -> Wakes {
        let mut table = self.table();
        if let Some(Slot::Session { ended, .. }) = table.slots.get_mut(session) {
            *ended = Some(end);
        }
        let calls =
            table.slots.extract(|slot| matches!(slot, Slot::Call { session: its, .. } if *its == session));
        let queues = table.queues.extract(|queue| queue.session == session);
        drop(table);
        end_all(calls, queues, end)
    }

    /// Nothing is received any more: all calls end, and those that are made from now on.
    pub(super) fn close(&self, end: End) {
        self.close_for(end).wake();
    }

    fn close_for(&self, end: End) -> Wakes {
        let mut table = self.table();
        let right = std::mem::replace(&mut table.right, Err(end));
        let slots = table.slots.extract(|slot| !matches!(slot, Slot::Session { .. }));
        let queues = table.queues.extract(|_| true);
        drop(table);
        drop(right);
        end_all(slots, queues, end).and(self.wake_put_off())
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
                self.count(&self.dropped.oversized, "oversized");
                (self.after_message(), Ok(()))
            }
            IoReturn::MACH_RCV_BODY_ERROR => {
                self.count(&self.dropped.malformed, "malformed");
                (self.after_message(), Ok(()))
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
        let mut taken = 0;
        let wakes = match message::parse(message) {
            Content::Completion(token, completed) => self.complete(token, completed),
            Content::Services(token) => self.drain(token, message),
            Content::Interest(token, message_type, argument) => {
                self.tell(token, message_type, argument, message, &mut taken)
            }
            Content::DataAvailable => self.data_available(),
            Content::PutOff => Wakes::None,
            Content::Unknown => {
                self.count(&self.dropped.unknown, "unknown");
                Wakes::None
            }
            Content::Malformed => {
                self.count(&self.dropped.malformed, "malformed");
                Wakes::None
            }
        };
        self.release(message, taken);
        wakes.and(self.after_message())
    }

    /// Releases what came with a message, which is as it was received, but for the first few of what it carries.
    pub(super) fn release(&self, message: &[u8], taken: usize) {
        for right in message::remote(message).into_iter().chain(message::carried(message).skip(taken)) {
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
        let call = match table.slots.get_mut(token) {
            Some(Slot::Call { completes: Completes::Many, inbox, span, .. }) => {
                Some((Arc::clone(inbox), span.clone()))
            }
            Some(Slot::Call { completes: Completes::Once, .. }) => match table.slots.remove(token) {
                Some(Slot::Call { inbox, span, .. }) => Some((inbox, span)),
                _ => None,
            },
            Some(Slot::Session { .. } | Slot::Services(_) | Slot::Interest(_)) | None => None,
        };
        drop(table);
        match call {
            Some((inbox, span)) => {
                span.completed(completed.result, completed.arguments.len());
                Wakes::One(inbox.push(completed))
            }
            None => self.stale(),
        }
    }

    /// There are services for whoever has this token.
    fn drain(&self, token: Token, message: &[u8]) -> Wakes {
        let mut table = self.table();
        let watch = match table.slots.get_mut(token) {
            Some(Slot::Services(watch)) => Some(Arc::clone(watch)),
            _ => None,
        };
        drop(table);
        watch.and_then(|watch| watch.arrived(sender(message))).unwrap_or_else(|| self.stale())
    }

    /// Something happens to a service. The first right that the message carries may be `taken`.
    fn tell(
        &self,
        token: Token,
        message_type: MessageType,
        argument: MessageArgument<'_>,
        message: &[u8],
        taken: &mut usize,
    ) -> Wakes {
        // What the kernel sends along is the service, if its sender is proved to be the notification.
        let carried = message::carried(message).next().filter(|right| right.kind == PortRight::Send);
        let mut table = self.table();
        match table.slots.get_mut(token) {
            Some(Slot::Session { interest, .. }) => {
                let interest = Arc::clone(interest);
                drop(table);
                match message_type {
                    _ if !interest.is(sender(message)) => self.stale(),
                    MessageType::SERVICE_IS_TERMINATED => {
                        event!(
                            "terminated",
                            class = carried.and_then(|right| crate::spans::class(&self.kernel, right.name)),
                            id = carried.and_then(|right| crate::spans::id(&self.kernel, right.name)),
                        );
                        self.end_calls_of(token, TERMINATED)
                    }
                    _ => Wakes::None,
                }
            }
            Some(Slot::Interest(watch)) => {
                let watch = Arc::clone(watch);
                drop(table);
                if !watch.is_told_by(sender(message)) {
                    return self.stale();
                }
                let service = carried.and_then(|right| Service::from_answer(&self.kernel, right.name));
                *taken = usize::from(service.is_some());
                Wakes::One(watch.arrived(service, message_type, argument))
            }
            _ => {
                drop(table);
                self.stale()
            }
        }
    }

    /// Nobody waits for the message that has come.
    fn stale(&self) -> Wakes {
        self.count(&self.dropped.stale, "stale");
        Wakes::None
    }

    /// A message is dropped.
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "there are no events"))]
    fn count(&self, counter: &Counter, reason: &str) {
        counter.count();
        event!("dropped", reason);
    }

    fn data_available(&self) -> Wakes {
        let nobody_waits = self.table().queues.is_empty();
        if nobody_waits { self.stale() } else { Wakes::None }
    }

    /// The service of a session was found to be terminated.
    pub(super) fn terminated(&self, session: Token) {
        self.end_session(session, TERMINATED);
    }
}

/// What has sent a notification, by the name that its right has here.
fn sender(message: &[u8]) -> PortName {
    message::remote(message).map_or(NULL, |right| right.name)
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
            .field("port", &description::Port(name))
            .field("waiting", &waiting)
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
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
