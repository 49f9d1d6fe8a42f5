//! A data queue at a port.
//!
//! A driver that puts an entry into a queue that is empty sends a message without content (DQ-10), which does not say which
//! queue it is of; and it does not send it if the port's own queue is full. So after every message that leaves the port's
//! queue, though it be one that cannot be received, all who wait at data queues of the port take a look. No wake-up is lost by
//! that: a port whose queue is full has a message that leaves it after the entry was put in.

use crate::backend::PortName;
use crate::completion::{End, Wake};
use crate::memory::queue::Waiter;
use std::sync::{Arc, OnceLock};

/// A queue, as a driver knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueId {
    /// The connection, whose name stays what it is for as long as somebody watches.
    pub(crate) connect: PortName,
    pub(crate) memory_type: u32,
}

/// One who waits at a data queue, and whether there will be more.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    waiter: Waiter,
    ended: OnceLock<End>,
}

impl Listener {
    /// There may be entries.
    pub(super) fn ring(self: Arc<Self>) -> Wake {
        Wake::new(self.waiter.ring(), self)
    }

    /// Who is rung when there may be entries.
    pub(crate) fn waiter(&self) -> &Waiter {
        &self.waiter
    }

    /// Why the driver tells of nothing more. What was put in until then is in the queue when this says so.
    pub(crate) fn ended(&self) -> Option<End> {
        self.ended.get().copied()
    }

    /// The driver tells of nothing more. The first end counts.
    pub(super) fn has_ended(&self, end: End) {
        self.ended.get_or_init(|| end);
    }

    /// The same, of which whoever waits has to hear.
    pub(super) fn end(self: Arc<Self>, end: End) -> Wake {
        self.has_ended(end);
        self.ring()
    }
}
