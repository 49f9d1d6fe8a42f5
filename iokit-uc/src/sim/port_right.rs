//! Send rights that drivers hold to the ports of tasks.

use super::keys::PortKey;
use super::queue::Queued;
use super::report::Misuse;
use super::shared::Core;
use crate::error::IoReturn;
use crate::interface::{KernelRight, SendOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// One of a port's send rights. Whoever holds the last handle on it gives it back.
pub(super) struct PortRight {
    core: Arc<Core>,
    port: PortKey,
    /// Changed under the kernel's lock.
    holder: AtomicU8,
}

/// The right is the driver's.
const DRIVER: u8 = 0;
/// It is nobody's, and nobody can give it back.
const NOBODY: u8 = 1;
/// It has been given back.
const KERNEL: u8 = 2;

impl PortRight {
    /// Takes over one of the port's send rights.
    pub(super) fn new(core: Arc<Core>, port: PortKey) -> Self {
        Self { core, port, holder: AtomicU8::new(DRIVER) }
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Another one to the same port, if that is there.
    pub(super) fn another(&self) -> Option<Self> {
        let made = self.core.change(|kernel| kernel.ports.get_mut(self.port).map(|port| port.senders += 1));
        made.map(|()| Self::new(Arc::clone(&self.core), self.port))
    }

    pub(super) fn lose(&self) {
        self.core.change(|_| {
            if self.holder.load(Ordering::Relaxed) == DRIVER {
                self.holder.store(NOBODY, Ordering::Relaxed);
            }
        });
    }

    fn give_back(&self, from: impl Fn(u8) -> bool) {
        self.core.change(|kernel| {
            if from(self.holder.load(Ordering::Relaxed)) {
                self.holder.store(KERNEL, Ordering::Relaxed);
                kernel.drop_send(self.port);
            }
        });
    }
}

impl KernelRight for PortRight {
    fn send(&self, id: i32, body: Vec<u8>, options: SendOptions) -> IoReturn {
        let message = Queued { id, body, ..Queued::default() };
        self.core.change(|kernel| match self.holder.load(Ordering::Relaxed) {
            DRIVER => kernel.send(self.port, message, options.can_drop),
            NOBODY => {
                kernel.misuses.push(Misuse::CutReference);
                IoReturn::BAD_ARGUMENT
            }
            _ => {
                kernel.misuses.push(Misuse::DeadRight);
                IoReturn::BAD_ARGUMENT
            }
        })
    }

    fn revoke(&self) {
        self.give_back(|holder| holder != KERNEL);
    }

    fn is_dead(&self) -> bool {
        self.holder.load(Ordering::Relaxed) == KERNEL
    }
}

impl Drop for PortRight {
    fn drop(&mut self) {
        self.give_back(|holder| holder == DRIVER);
    }
}
