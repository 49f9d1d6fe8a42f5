//! A port that a run loop or a dispatch queue receives from.

use super::NotificationPort;
use super::port::Port;
use super::right::Right;
use crate::backend::PortName;
use crate::error::{Call, Detail, Error, IoReturn, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// A port, and its receive right for as long as somebody may name it to receive from it.
pub(super) struct Watched {
    port: Arc<Port>,
    right: Arc<Right>,
}

impl Watched {
    /// Fails for the port of a simulated kernel, which nothing but that knows.
    pub(super) fn new(port: &NotificationPort, function: &'static str) -> Result<Self> {
        if !port.kernel().is_host() {
            let detail = Detail::Text("a port of a simulated kernel is none of this process".into());
            return Err(Error::new(Call::Function(function), IoReturn::UNSUPPORTED).with_detail(detail));
        }
        let port = Arc::clone(&port.port);
        let right = port.right().map_err(|end| end.error(Call::Function(function)))?;
        Ok(Self { port, right })
    }

    pub(super) fn name(&self) -> PortName {
        self.right.name()
    }

    /// Delivers a message, if one has been received, and everything that is there.
    ///
    /// Nothing unwinds into C: the panic of a waker has been reported, and ends here. What it carries is forgotten, for it
    /// may panic too.
    pub(super) fn deliver(&self, message: Option<Result<&[u8], IoReturn>>) {
        catch_unwind(AssertUnwindSafe(|| {
            if let Some(message) = message {
                let code = message.err().unwrap_or(IoReturn::SUCCESS);
                self.port.accept(code, message.unwrap_or_default()).0.wake();
            }
            if self.port.dispatch(Some(Duration::ZERO)).is_err() {
                self.discard();
            }
        }))
        .unwrap_or_else(std::mem::forget);
    }

    /// The port's handle is gone, and nobody waits any more. What comes all the same must not stay, or whoever watches for
    /// messages would never rest.
    fn discard(&self) {
        let mut message = Vec::new();
        loop {
            match self.right.receive(&mut message, Some(Duration::ZERO)) {
                IoReturn::SUCCESS => self.port.deliver(&message).wake(),
                IoReturn::MACH_RCV_TOO_LARGE | IoReturn::MACH_RCV_BODY_ERROR => {}
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;
    use crate::kernel::Kernel;

    #[test]
    fn nothing_stays_at_a_port_whose_handle_is_gone() {
        let kernel = Kernel::host().unwrap();
        let port = NotificationPort::new(&kernel).unwrap();
        let watched = Watched::new(&port, "test").unwrap();
        drop(port);
        let mut message = Vec::new();
        for _ in 0..2 {
            assert_eq!(kernel.mach_msg_send_empty(watched.name(), 1), IoReturn::SUCCESS);
        }
        watched.deliver(None);
        let left = kernel.mach_msg_receive(watched.name(), &mut message, 100, Some(Duration::ZERO));
        assert_eq!(left, IoReturn::MACH_RCV_TIMED_OUT);
    }
}
