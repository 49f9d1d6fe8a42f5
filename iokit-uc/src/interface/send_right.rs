//! Send rights that drivers hold.

use crate::error::IoReturn;
use std::fmt;
use std::panic::RefUnwindSafe;
use std::sync::Arc;

/// A send right to a port that a task receives from, which a driver has been given with
/// [`registerNotificationPort`](super::UserClient::register_notification_port).
///
/// It is the driver's until its last clone is dropped, if the function that it came with returned success. On any error
/// the kernel takes it back (P-7b).
#[derive(Clone)]
pub struct SendRight {
    right: Arc<dyn KernelRight>,
}

/// The kernel's side of a driver's send right, given back when it is dropped.
pub(crate) trait KernelRight: Send + Sync + RefUnwindSafe {
    /// Sends a simple message.
    fn send(&self, id: i32, body: Vec<u8>, options: SendOptions) -> IoReturn;

    /// Gives the right back: what brought it has failed.
    fn revoke(&self);

    /// Whether the right is the driver's no more.
    fn is_dead(&self) -> bool;
}

/// How the kernel sends a message of a driver's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// `kIOUserNotifyOptionCanDrop`: where the port's queue is full, the message is dropped, with
    /// `MACH_SEND_TIMED_OUT`.
    pub can_drop: bool,
}

impl SendRight {
    pub(crate) fn new(right: Arc<dyn KernelRight>) -> Self {
        Self { right }
    }

    /// `mach_msg_send_from_kernel`: sends a simple message, of which `body` is what follows the header.
    ///
    /// A port whose receiver has gone away is success. With a right that is [dead](Self::is_dead) nothing is sent, and
    /// `kIOReturnBadArgument` returned; on a Mac it would be a use of freed memory.
    #[doc(alias = "mach_msg_send_from_kernel")]
    pub fn send(&self, id: i32, body: impl Into<Vec<u8>>, options: SendOptions) -> IoReturn {
        self.right.send(id, body.into(), options)
    }

    /// Whether the kernel has taken the right back because what brought it has failed.
    pub fn is_dead(&self) -> bool {
        self.right.is_dead()
    }
}

impl fmt::Debug for SendRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendRight").field("dead", &self.is_dead()).finish()
    }
}
