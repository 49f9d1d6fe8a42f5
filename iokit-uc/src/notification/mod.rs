//! Notification ports: where completions and notifications arrive.

#[cfg(target_os = "macos")]
mod dispatch_source;
mod gate;
mod interest;
mod message;
mod port;
mod queue;
mod queue_watch;
#[cfg(target_os = "macos")]
mod run_loop;
mod session;
mod slots;
mod thread;
#[cfg(target_os = "macos")]
mod watched;

#[cfg(target_os = "macos")]
pub use dispatch_source::DispatchSource;
pub use port::Dropped;
pub(crate) use port::{Completes, Port};
pub(crate) use queue::{Listener, QueueId};
pub(crate) use queue_watch::QueueWatch;
pub(crate) use session::Session;

use crate::completion::End;
use crate::error::{Call, IoReturn, Result};
use crate::kernel::Kernel;
use crate::service::Service;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use thread::Background;

/// `IONotificationPort`: a port of the program's own for the completions of asynchronous calls, for programs that say
/// themselves on which thread they are received.
///
/// Without one, a thread of the library's receives. A connection is [told](crate::Connection::notify_on) to use a port
/// before its first asynchronous call. Messages are received by [`dispatch`](Self::dispatch), on macOS by a run loop or a
/// dispatch queue too; that wakes the futures and streams that they are for. They are taken apart with care, and never as
/// IOKitLib does it, by calling the address in a message: those that are for nobody are [counted](Self::dropped) and
/// dropped.
///
/// When it is dropped, what still waits for a message ends with `kIOReturnAborted`, as does every call that is made on it
/// then.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{NotificationPort, Result, user_client};
/// use std::time::Duration;
///
/// #[user_client(service = "com_example_Driver")]
/// trait Example {
///     #[uc(selector = 0)]
///     async fn add(&self, a: u32, b: u32) -> Result<u32>;
/// }
///
/// struct Driver;
///
/// impl Example for Driver {
///     async fn add(&self, a: u32, b: u32) -> Result<u32> {
///         Ok(a + b)
///     }
/// }
///
/// let machine = Machine::new();
/// machine.publish(Nub::new("com_example_Driver").driver(ExampleServer::new(Driver)));
/// let kernel = machine.task("client").kernel();
/// let client = ExampleClient::open_first(&kernel)?;
///
/// let port = NotificationPort::new(&kernel)?;
/// client.as_ref().notify_on(&port)?;
/// let mut sum = client.add(2, 3);
/// assert_eq!(port.dispatch(None)?, 1);
/// assert_eq!(sum.wait_timeout(Duration::ZERO), Some(Ok(5)));
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[doc(alias = "IONotificationPortCreate")]
#[doc(alias = "IONotificationPortDestroy")]
pub struct NotificationPort {
    port: Arc<Port>,
}

impl NotificationPort {
    /// `IONotificationPortCreate`: a port of `kernel`, for its connections.
    pub fn new(kernel: &Kernel) -> Result<Self> {
        Ok(Self { port: Arc::new(Port::new(kernel)?) })
    }

    /// The kernel that the port belongs to.
    pub fn kernel(&self) -> &Kernel {
        &self.port.kernel
    }

    /// Waits for a message for `timeout` at most, or until there is one; then takes all that are there. Returns how many
    /// it took, 0 if none came in time. On a simulated machine whose clock is frozen, `timeout` passes as that is moved on.
    ///
    /// Wakers run on the calling thread, when no lock is held: one may call this again. Threads that call it at once take
    /// turns, so that a stream gets its completions in order.
    ///
    /// Fails when the port can receive no more, with what `mach_msg` returned; everything that waited has ended then.
    pub fn dispatch(&self, timeout: Option<Duration>) -> Result<usize> {
        self.port.dispatch(timeout).map_err(|end| end.error(Call::Function("mach_msg")))
    }

    /// How many messages have been dropped, by the reason.
    pub fn dropped(&self) -> Dropped {
        self.port.dropped()
    }

    pub(crate) fn session(&self, service: Option<&Service>) -> Result<Session> {
        Session::new(Arc::clone(&self.port), None, service)
    }
}

/// A session at the default port of `kernel`.
pub(crate) fn default_session(kernel: &Kernel, service: Option<&Service>) -> Result<Session> {
    let background = Background::of(kernel)?;
    Session::new(Arc::clone(background.port()), Some(background), service)
}

impl Drop for NotificationPort {
    fn drop(&mut self) {
        self.port.close(End { code: IoReturn::ABORTED, reason: "the notification port was dropped" });
    }
}

impl fmt::Debug for NotificationPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.port.fmt(f)
    }
}
