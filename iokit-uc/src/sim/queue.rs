//! What waits at a port that a task receives from.

use super::keys::PortKey;

/// A message that waits at a port.
pub(super) struct Queued {
    pub(super) id: i32,
    /// Whether there is a port to answer to, alive or dead.
    pub(super) has_reply_port: bool,
    /// A send right to it for whoever receives the message, unless it was dead from the start.
    pub(super) right: Option<PortKey>,
    pub(super) body: Vec<u8>,
    /// What the routines of I/O Kit would put into a request is not simulated.
    pub(super) is_request: bool,
}

impl Queued {
    /// A request for the kernel that has reached a task (P-6a).
    pub(super) fn request() -> Self {
        Self { id: 0, has_reply_port: false, right: None, body: Vec::new(), is_request: true }
    }

    /// The right that goes with the message if nobody receives it.
    pub(super) fn into_right(self) -> Option<PortKey> {
        self.right
    }
}
