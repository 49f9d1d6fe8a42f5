//! Who waits at a data queue, and has its driver send notifications to a port.

use super::port::Port;
use super::queue::{Listener, QueueId};
use super::right::Right;
use crate::backend::{Backend, NULL};
use crate::completion::Token;
use crate::error::{Call, Error, IoReturn, Result};
use crate::spans::span;
use std::sync::Arc;

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
            Err(end) => watch.listener.has_ended(end),
        }
        Ok(watch)
    }

    fn tell_driver(&self, right: Option<&Right>) -> IoReturn {
        let QueueId { connect, memory_type } = self.id;
        let name = right.map_or(NULL, Right::name);
        let span = span!(
            "set_port",
            "IOConnectSetNotificationPort",
            connection = ?crate::description::Port(connect),
            memory_type,
        );
        span.run(|| self.port.kernel.io_connect_set_notification_port(connect, memory_type, name, 0))
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
