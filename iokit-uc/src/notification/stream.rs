//! What happens, one after the other.

use super::interest::InterestMessage;
use super::registration::Registration;
use super::services::ServiceEvent;
use crate::completion::{Arrival, Inbox, Wake, deadline};
use crate::error::{Call, Result};
use futures_core::stream::{FusedStream, Stream};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What the kernel tells of, as it happens: a stream for any executor, and for none an iterator that blocks.
///
/// It is [`ServiceEvents`] and [`InterestMessages`].
///
/// It ends with the port, with one error that says why: `kIOReturnAborted` if the
/// [`NotificationPort`](crate::NotificationPort) was dropped, and what `mach_msg` failed with if the port can receive no
/// more. To drop it is to hear nothing more, at any moment and on any thread, and releases what waits in it.
///
/// It is an `IntoIterator` and not an `Iterator`, whose methods have the names of a stream's.
#[must_use = "without it, nobody hears of what happens"]
pub struct Notifications<T> {
    call: Call,
    inbox: Arc<Inbox<T>>,
    _registration: Registration,
}

/// Services that come or go, as they do; first those that there are already.
///
/// Made by [`Service::watch`](crate::Service::watch) and
/// [`NotificationPort::services`](crate::NotificationPort::services). See [`Notifications`] for the three ways to wait for
/// the next.
///
/// Nothing need be armed: whoever receives from the port fetches all that the kernel's iterator has whenever it tells of
/// something, which is what arms it (NT-6). The iterator gives last what came first (NT-5); here events are in the order in
/// which they came, those that there were already in that of the kernel (MT-5). Only what comes *while* others are fetched
/// can stand before some that came earlier.
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Matching, Service, ServiceEvent, ServiceNotification};
///
/// let machine = Machine::new();
/// let kernel = machine.task("client").kernel();
/// let arrivals = Service::watch(
///     &kernel,
///     ServiceNotification::FirstMatch,
///     &Matching::class("com_example_Driver"),
/// )?;
/// machine.publish(Nub::new("com_example_Driver").name("one"));
///
/// for event in arrivals {
///     match event? {
///         ServiceEvent::Service(service) => {
///             assert_eq!(service.name()?, "one");
///             break;
///         }
///         _ => eprintln!("some may have been missed"),
///     }
/// }
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
pub type ServiceEvents = Notifications<ServiceEvent>;

/// What a service tells, as it does.
///
/// Made by [`Service::interest`](crate::Service::interest) and
/// [`NotificationPort::interest`](crate::NotificationPort::interest). See [`Notifications`] for the three ways to wait for
/// the next. Messages that nobody takes wait here, 65,534 of them; those that find no room are
/// [counted](Notifications::lost).
///
/// The service's end is the last that [general interest](crate::Interest::General) hears
/// ([`SERVICE_IS_TERMINATED`](crate::interface::MessageType::SERVICE_IS_TERMINATED)), and ends it; the others are not told,
/// and stay silent (TERM-13).
///
/// ```
/// # #[cfg(feature = "sim")] {
/// use iokit_uc::interface::MessageType;
/// use iokit_uc::sim::{Machine, Nub};
/// use iokit_uc::{Interest, InterestArgument, Matching, Service};
///
/// let machine = Machine::new();
/// let driver = machine.publish(Nub::new("com_example_Driver"));
/// let kernel = machine.task("client").kernel();
///
/// let service = Service::expect_first(&kernel, &Matching::class("com_example_Driver"))?;
/// let messages = service.interest(Interest::General)?;
/// machine.message_clients(driver, MessageType::SERVICE_PROPERTY_CHANGE, 7)?;
/// machine.terminate(driver, Default::default());
///
/// let messages = messages.into_iter().collect::<iokit_uc::Result<Vec<_>>>()?;
/// assert_eq!(messages[0].argument, InterestArgument::Value(7));
/// assert_eq!(messages[1].message, MessageType::SERVICE_IS_TERMINATED);
/// # }
/// # Ok::<(), iokit_uc::Error>(())
/// ```
pub type InterestMessages = Notifications<InterestMessage>;

impl<T> Notifications<T> {
    /// What `register` puts into the inbox, from what there is already on.
    pub(super) fn new(
        call: Call,
        register: impl FnOnce(&Arc<Inbox<T>>) -> Result<(Registration, Option<Wake>)>,
    ) -> Result<Self> {
        let inbox = Arc::default();
        // Nobody polls yet.
        let (registration, _) = register(&inbox)?;
        Ok(Self { call, inbox, _registration: registration })
    }

    /// Waits for what happens next; `None` at the end.
    ///
    /// Somebody else must receive it meanwhile: the library's own thread does, a
    /// [`NotificationPort`](crate::NotificationPort) of the caller's must be dispatched by another thread. So it must not be
    /// called where that thread runs: in a waker or a callback.
    pub fn wait(&mut self) -> Option<Result<T>> {
        match self.next(|inbox| inbox.wait(None)) {
            Poll::Ready(next) => next,
            Poll::Pending => unreachable!("waiting without a deadline ends with an arrival"),
        }
    }

    /// [`wait`](Self::wait) for `timeout` at most, by the system's clock; `Pending` if nothing has happened by then. With
    /// [`Duration::ZERO`] it looks whether something has, and waits for nothing.
    pub fn wait_timeout(&mut self, timeout: Duration) -> Poll<Option<Result<T>>> {
        let deadline = deadline(timeout);
        self.next(|inbox| inbox.wait(deadline))
    }

    /// How many found no room: 65,534 wait here at most.
    pub fn lost(&self) -> u64 {
        self.inbox.lost()
    }

    fn next(&mut self, next: impl FnOnce(&Inbox<T>) -> Poll<Option<Arrival<T>>>) -> Poll<Option<Result<T>>> {
        next(&self.inbox).map(|next| {
            next.map(|arrival| match arrival {
                Arrival::Event(event) => Ok(event),
                Arrival::End(end) => Err(end.error(self.call)),
            })
        })
    }
}

impl<T> Drop for Notifications<T> {
    fn drop(&mut self) {
        // Whoever delivers just now may have it still.
        self.inbox.close();
    }
}

/// Once it has ended, it has ended for good.
impl<T> Stream for Notifications<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        self.get_mut().next(|inbox| inbox.poll(context))
    }
}

impl<T> FusedStream for Notifications<T> {
    fn is_terminated(&self) -> bool {
        self.inbox.is_finished()
    }
}

impl<T> fmt::Debug for Notifications<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifications")
            .field("call", &format_args!("{}", self.call))
            .field("lost", &self.lost())
            .field("over", &self.inbox.is_finished())
            .finish()
    }
}

/// Waits for what happens next, each time.
#[derive(Debug)]
pub struct NotificationsIntoIter<T>(Notifications<T>);

impl<T> Iterator for NotificationsIntoIter<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.0.wait()
    }
}

impl<T> IntoIterator for Notifications<T> {
    type Item = Result<T>;
    type IntoIter = NotificationsIntoIter<T>;

    fn into_iter(self) -> NotificationsIntoIter<T> {
        NotificationsIntoIter(self)
    }
}

/// Waits for what happens next, each time.
#[derive(Debug)]
pub struct NotificationsIter<'a, T>(&'a mut Notifications<T>);

impl<T> Iterator for NotificationsIter<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.0.wait()
    }
}

impl<'a, T> IntoIterator for &'a mut Notifications<T> {
    type Item = Result<T>;
    type IntoIter = NotificationsIter<'a, T>;

    fn into_iter(self) -> NotificationsIter<'a, T> {
        NotificationsIter(self)
    }
}
