//! Notification ports: where completions and notifications arrive.

#[cfg(target_os = "macos")]
mod dispatch_source;
mod gate;
mod interest;
mod message;
mod own_port;
mod port;
mod queue;
mod queue_watch;
mod registration;
mod right;
#[cfg(target_os = "macos")]
mod run_loop;
mod services;
mod session;
mod slot;
mod slots;
mod stream;
mod subscription;
mod thread;
mod wakes;
#[cfg(target_os = "macos")]
mod watched;

#[cfg(target_os = "macos")]
pub use dispatch_source::DispatchSource;
pub use interest::{Interest, InterestArgument, InterestMessage};
pub use port::Dropped;
pub(crate) use port::Port;
pub(crate) use queue::{Listener, QueueId};
pub(crate) use queue_watch::QueueWatch;
pub use services::{ServiceEvent, ServiceNotification};
pub(crate) use session::Session;
pub(crate) use slot::Completes;
pub use stream::{InterestMessages, Notifications, NotificationsIntoIter, NotificationsIter, ServiceEvents};
pub use subscription::Subscription;

use crate::backend::{NULL, PortName};
use crate::completion::End;
use crate::error::{Call, IoReturn, Result};
use crate::kernel::Kernel;
use crate::matching::Matching;
use crate::service::Service;
use registration::At;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use thread::Background;

/// `IONotificationPort`: a port of the program's own for the completions of asynchronous calls and for notifications, for
/// programs that say themselves on which thread they are received.
///
/// Without one, a thread of the library's receives. A connection is [told](crate::Connection::notify_on) to use a port
/// before its first asynchronous call; notifications are made by [`services`](Self::services) and
/// [`interest`](Self::interest), and for functions by [`on_services`](Self::on_services) and
/// [`on_interest`](Self::on_interest). Messages are received by [`dispatch`](Self::dispatch), on macOS by a run loop or a
/// dispatch queue too; that wakes the futures and streams that they are for, and calls the functions. They are taken apart
/// with care, and never as IOKitLib does it, by calling the address in a message: those that are for nobody are
/// [counted](Self::dropped) and dropped.
///
/// When it is dropped, what still waits for a message ends with `kIOReturnAborted`, as does every call that is made on it
/// then.
///
/// `IONotificationPortSetImportanceReceiver` has no counterpart: what the kernel sends here carries no importance, which
/// messages between processes do.
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

    /// `IONotificationPortGetMachPort`: the name of the port's receive right, for drivers and functions that want one, and
    /// for whatever can wait for a port; [`NULL`] when the port can receive no more.
    ///
    /// The right stays the port's own. Whoever receives from it by other means takes messages away from those that wait
    /// here. Such messages are not fit for `IODispatchCalloutFromMessage`: what that takes for a function is a number of
    /// this library's.
    #[doc(alias = "IONotificationPortGetMachPort")]
    pub fn mach_port(&self) -> PortName {
        self.port.right().map_or(NULL, |right| right.name())
    }

    /// [`Service::watch`] at this port: services that match, as they come or go; first those that there are already.
    #[doc(alias = "IOServiceAddMatchingNotification")]
    pub fn services(&self, kind: ServiceNotification, matching: &Matching) -> Result<ServiceEvents> {
        let matching = matching.value()?;
        Notifications::new(services::CALL, |inbox| self.at().services(kind, matching, inbox))
    }

    /// [`services`](Self::services) for a function, which is called by whoever receives from the port: with those that there
    /// are already too, and never by this. What it may do, and what its end is, is told at [`Subscription`].
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::{Matching, NotificationPort, ServiceEvent, ServiceNotification};
    /// use std::sync::mpsc;
    ///
    /// let machine = Machine::new();
    /// machine.publish(Nub::new("com_example_Driver").name("there already"));
    /// let port = NotificationPort::new(&machine.task("client").kernel())?;
    ///
    /// let (names, named) = mpsc::channel();
    /// let matching = Matching::class("com_example_Driver");
    /// let _subscription = port.on_services(ServiceNotification::FirstMatch, &matching, move |event| {
    ///     if let Ok(ServiceEvent::Service(service)) = event {
    ///         names.send(service.name()).unwrap();
    ///     }
    /// })?;
    /// machine.publish(Nub::new("com_example_Driver").name("new"));
    ///
    /// assert!(named.try_recv().is_err());
    /// port.dispatch(None)?;
    /// assert_eq!(named.recv().unwrap()?, "there already");
    /// assert_eq!(named.recv().unwrap()?, "new");
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    pub fn on_services(
        &self,
        kind: ServiceNotification,
        matching: &Matching,
        function: impl FnMut(Result<ServiceEvent>) + Send + 'static,
    ) -> Result<Subscription> {
        let matching = matching.value()?;
        Subscription::new(services::CALL, function, |inbox| self.at().services(kind, matching, inbox))
    }

    /// [`Service::interest`] at this port: what happens to a service. `kIOReturnBadArgument` if the port is another task's.
    #[doc(alias = "IOServiceAddInterestNotification")]
    pub fn interest(&self, service: &Service, kind: Interest) -> Result<InterestMessages> {
        Notifications::new(interest::CALL, |inbox| self.at().interest(service, kind, inbox))
    }

    /// [`interest`](Self::interest) for a function, which is called by whoever receives from the port. What it may do, and
    /// what its end is, is told at [`Subscription`].
    pub fn on_interest(
        &self,
        service: &Service,
        kind: Interest,
        function: impl FnMut(Result<InterestMessage>) + Send + 'static,
    ) -> Result<Subscription> {
        Subscription::new(interest::CALL, function, |inbox| self.at().interest(service, kind, inbox))
    }

    fn at(&self) -> At {
        At::port(&self.port)
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
