//! A data queue at a port.
//!
//! A driver that puts an entry into a queue that is empty sends a message without content (DQ-10), which does not say which
//! queue it is of; and it does not send it if the port's own queue is full. So after every message that leaves the port's
//! queue, though it be one that cannot be received, all who wait at data queues of the port take a look. No wake-up is lost by
//! that: a port whose queue is full has a message that leaves it after the entry was put in.

use super::port::{Port, Right};
use crate::backend::{Backend, NULL, PortName};
use crate::completion::{End, Token, Wake};
use crate::error::{Call, Error, IoReturn, Result};
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
    pub(super) fn end(self: Arc<Self>, end: End) -> Wake {
        self.ended.get_or_init(|| end);
        self.ring()
    }
}

/// A queue whose driver sends its notifications to a port, until this is dropped.
#[derive(Debug)]
pub(crate) struct QueueWatch {
    port: Arc<Port>,
    /// None if the session had ended.
    token: Option<Token>,
    id: QueueId,
    listener: Arc<Listener>,
}

impl QueueWatch {
    /// It is in the table before the driver is given the port: a notification may be there before the driver has returned.
    pub(super) fn new(port: &Arc<Port>, session: Token, call: Call, id: QueueId) -> Result<Self> {
        let listener = Arc::<Listener>::default();
        let mut watch = Self { port: Arc::clone(port), token: None, id, listener: Arc::clone(&listener) };
        match port.add_queue(session, id, listener) {
            Ok((token, right)) => {
                watch.token = Some(token);
                let code = watch.tell_driver(Some(&right));
                if !code.is_success() {
                    return Err(Error::new(call, code));
                }
            }
            Err(end) => watch.listener.ended.set(end).unwrap_or_else(|_| unreachable!("nobody else has it")),
        }
        Ok(watch)
    }

    fn tell_driver(&self, right: Option<&Right>) -> IoReturn {
        let QueueId { connect, memory_type } = self.id;
        let name = right.map_or(NULL, Right::name);
        self.port.kernel.io_connect_set_notification_port(connect, memory_type, name, 0)
    }

    pub(crate) fn listener(&self) -> &Arc<Listener> {
        &self.listener
    }
}

impl Drop for QueueWatch {
    fn drop(&mut self) {
        let Some(token) = self.token else { return };
        if !self.port.remove_queue(token) {
            return;
        }
        // If the driver does not forget the port, its messages come and are counted as stale.
        let _ = self.tell_driver(None);
        // Another handle on the queue may have given the driver the port meanwhile, and has lost it just now.
        if let Some(right) = self.port.right_for(self.id) {
            let _ = self.tell_driver(Some(&right));
            self.port.ring_queues().wake();
        }
    }
}
