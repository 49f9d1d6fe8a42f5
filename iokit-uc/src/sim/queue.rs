//! What waits at a port that a task receives from.

use super::keys::PortKey;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Weak};

/// `MACH_PORT_QLIMIT_DEFAULT`: the limit of a port that has been given none (CN-2).
pub(super) const QUEUE_LIMIT: usize = 5;

/// How many messages wait at a port at most, whoever sends (AS-4).
pub(super) const KERNEL_QUEUE_LIMIT: usize = 65534;

/// The messages of a port, and who waits there.
pub(super) struct Queue {
    pub(super) messages: VecDeque<Queued>,
    /// `mpl_qlimit`: how many messages a task can send before somebody receives one.
    pub(super) limit: usize,
    /// Threads that wait for a message, or for room for one.
    pub(super) waiting: usize,
    /// Told of messages that come, of room where there was none, and of the port's end.
    pub(super) changed: Arc<Condvar>,
    /// Told the same. They do not wait, and make no calls of this kernel's.
    pub(super) watchers: Vec<Weak<Watcher>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            messages: VecDeque::new(),
            limit: QUEUE_LIMIT,
            waiting: 0,
            changed: Arc::default(),
            watchers: Vec::new(),
        }
    }
}

impl Queue {
    /// Whether whoever minds the limit has to wait.
    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= self.limit
    }
}

/// What is called when something has changed at a port.
pub(super) type Watcher = dyn Fn() + Send + Sync;

/// Threads to be woken, most often those at one port.
#[derive(Default)]
pub(super) struct Woken {
    first: Option<Arc<Condvar>>,
    others: Vec<Arc<Condvar>>,
    watchers: Vec<Arc<Watcher>>,
}

impl Woken {
    pub(super) fn add(&mut self, changed: Arc<Condvar>) {
        match &self.first {
            None => self.first = Some(changed),
            Some(first) if Arc::ptr_eq(first, &changed) => {}
            Some(_) => self.others.push(changed),
        }
    }

    pub(super) fn tell(&mut self, watchers: &[Weak<Watcher>]) {
        self.watchers.extend(watchers.iter().filter_map(Weak::upgrade));
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none() && self.watchers.is_empty()
    }

    pub(super) fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(|changed| changed.notify_all());
        self.watchers.iter().for_each(|watcher| watcher());
    }
}

/// A message that waits at a port.
#[derive(Default)]
pub(super) struct Queued {
    pub(super) id: i32,
    /// The right in `msgh_remote_port` as received: the port to answer to, or what the message is about.
    pub(super) remote: Carried,
    /// The port descriptors. A message that has any is complex.
    pub(super) descriptors: Vec<Carried>,
    pub(super) body: Vec<u8>,
    /// What the routines of I/O Kit would put into a request is not simulated.
    pub(super) is_request: bool,
}

/// What a message carries where there is room for a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Carried {
    /// `MACH_PORT_NULL`.
    #[default]
    Null,
    /// `MACH_PORT_DEAD`: the right was dead when the message was sent.
    Dead,
    /// A send right, counted in the port's: the receiver's, or given back if nobody receives the message.
    Send(PortKey),
}

impl Queued {
    /// A request for the kernel that has reached a task (P-6a).
    pub(super) fn request() -> Self {
        Self { is_request: true, ..Self::default() }
    }

    /// The send rights that the message carries.
    pub(super) fn rights(&self) -> impl Iterator<Item = PortKey> {
        std::iter::once(&self.remote).chain(&self.descriptors).filter_map(|carried| match carried {
            Carried::Send(port) => Some(*port),
            Carried::Null | Carried::Dead => None,
        })
    }
}
