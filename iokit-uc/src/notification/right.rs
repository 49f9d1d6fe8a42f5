//! The receive right of a port.

use crate::backend::{Backend, MAIN_PORT_DEFAULT, NotificationPortRef, PortName};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::kernel::Kernel;
use std::thread;
use std::time::Duration;

/// The most bytes that a message may have: IOKitLib receives into 8 KiB, with a trailer (AS-14).
const MESSAGE_MAX: usize = 8 * 1024 - TRAILER_MAX;
/// The size of `mach_msg_max_trailer_t`.
const TRAILER_MAX: usize = 68;

/// The receive right.
///
/// Whoever is about to name the port to the kernel holds it: a name that has been given back may be another port's.
pub(super) struct Right {
    kernel: Kernel,
    pub(super) port: NotificationPortRef,
    name: PortName,
}

impl Right {
    pub(super) fn new(kernel: &Kernel) -> Result<Self> {
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

    /// Sends an empty message to the port, so that whoever receives looks up.
    ///
    /// A kernel that has no memory for it now may have it soon, and there is nothing else to wait for: it is asked a few times.
    pub(super) fn knock(&self, id: i32) -> IoReturn {
        let send = || self.kernel.mach_msg_send_empty(self.name, id);
        let pauses = [1, 4, 16, 64].map(Duration::from_millis);
        pauses.into_iter().fold(send(), |code, pause| match code {
            IoReturn::MACH_SEND_NO_BUFFER | IoReturn::MACH_SEND_INTERRUPTED => {
                thread::sleep(pause);
                send()
            }
            code => code,
        })
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
