//! Services that come and go (NT-1 … NT-10).

use super::right::Right;
use super::wakes::Wakes;
use crate::backend::{Backend, NULL, PortName};
use crate::completion::{End, Event, Inbox, Token, Wake};
use crate::error::{Call, Error, Result};
use crate::kernel::Kernel;
use crate::object::{Object, no_object};
use crate::service::Service;
use crate::spans::{Came, Span, span, warning};
use crate::value::Value;
use std::ffi::CStr;
use std::iter;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FUNCTION: &str = "IOServiceAddMatchingNotification";
pub(super) const CALL: Call = Call::Function(FUNCTION);

/// What services are to be told of.
///
/// Each begins with those that are in that state already, but for the last two, which begin with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceNotification {
    /// `kIOPublishNotification`: it is registered, before drivers are looked for; each time that it is registered anew.
    #[doc(alias = "kIOPublishNotification")]
    Publish,
    /// `kIOFirstPublishNotification`: it is registered for the first time.
    #[doc(alias = "kIOFirstPublishNotification")]
    FirstPublish,
    /// `kIOMatchedNotification`: drivers have been looked for, and started; each time.
    #[doc(alias = "kIOMatchedNotification")]
    Matched,
    /// `kIOFirstMatchNotification`: the same for the first time. What a program that uses devices wants.
    #[doc(alias = "kIOFirstMatchNotification")]
    FirstMatch,
    /// `kIOTerminatedNotification`: it is gone. Its properties, name and class can still be read (NT-10). Any service counts,
    /// registered or not.
    #[doc(alias = "kIOTerminatedNotification")]
    Terminated,
    /// `kIOWillTerminateNotification`: it is gone, and its drivers are about to hear of it. Comes after
    /// [`Terminated`](Self::Terminated).
    #[doc(alias = "kIOWillTerminateNotification")]
    WillTerminate,
}

impl ServiceNotification {
    const fn name(self) -> &'static CStr {
        match self {
            Self::Publish => c"IOServicePublish",
            Self::FirstPublish => c"IOServiceFirstPublish",
            Self::Matched => c"IOServiceMatched",
            Self::FirstMatch => c"IOServiceFirstMatch",
            Self::Terminated => c"IOServiceTerminate",
            Self::WillTerminate => c"IOServiceWillTerminate",
        }
    }

    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "there are no spans"))]
    pub(super) fn span(self, matching: &Value) -> Span {
        span!("watch", FUNCTION, kind = &*self.name().to_string_lossy(), ?matching)
    }
}

/// What [`ServiceEvents`](crate::ServiceEvents) bring.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ServiceEvent {
    /// A service has come, or gone. The same one may come twice: it may be registered anew just when the notification is
    /// (NT-4).
    ///
    /// One that has come may be gone again before anybody looks: calls on it fail then with `MACH_SEND_INVALID_DEST`.
    Service(Service),
    /// There may have been others, which nobody hears of any more.
    ///
    /// The kernel keeps 1024 services for a program that does not fetch them, and drops what comes then without a word
    /// (NT-5). So this follows whenever 1024 or more were fetched in one go: less, and none was dropped; as many, and some
    /// may have been, or none. It follows too, in place of what was lost, when 65,534 events wait that the program itself
    /// does not fetch.
    ///
    /// A program that has to know all of them looks for what there is now: by [`Service::all`], or by a notification made
    /// anew.
    MayHaveLost,
}

impl Event for ServiceEvent {
    fn lost() -> Option<Self> {
        Some(Self::MayHaveLost)
    }
}

/// An iterator of the kernel's, and who wants what it has.
#[derive(Debug)]
pub(super) struct ServiceWatch {
    inbox: Arc<Inbox<ServiceEvent>>,
    kind: ServiceNotification,
    /// Held while it is made and while it is emptied: what one thread fetches is in the inbox before the next fetches. None
    /// before it is made.
    iterator: Mutex<Option<Object>>,
}

/// What the kernel's iterator had.
struct Drained {
    /// Whoever waits for it, if it had any.
    wake: Option<Wake>,
    came: Came,
    may_have_lost: bool,
}

impl ServiceWatch {
    /// The most services that wait in an iterator (NT-5).
    const CAPACITY: usize = 1024;

    pub(super) fn new(inbox: &Arc<Inbox<ServiceEvent>>, kind: ServiceNotification) -> Self {
        Self { inbox: Arc::clone(inbox), kind, iterator: Mutex::new(None) }
    }

    /// Messages come to the slot of `token` from now on. What there is already is in the inbox on return; if there was any,
    /// whoever waits at the inbox has yet to be woken.
    pub(super) fn begin(
        &self,
        kernel: &Kernel,
        right: &Right,
        matching: &Value,
        token: Token,
    ) -> Result<Option<Wake>> {
        let came = Came::wanted();
        let mut iterator = self.lock();
        let made = iterator.insert(add(kernel, right, self.kind, matching, token)?);
        let drained = self.drain(made, came);
        drop(iterator);
        Ok(self.tell(drained))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Object>> {
        self.iterator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message has come from `sender`. None if that is not what was registered: anybody can send messages, but none else
    /// has the iterator to send along.
    pub(super) fn arrived(&self, sender: PortName) -> Option<Wakes> {
        let came = Came::wanted();
        let iterator = self.lock();
        let drained = self.drain(iterator.as_ref().filter(|iterator| iterator.as_raw() == sender)?, came);
        drop(iterator);
        Some(self.tell(drained).map_or(Wakes::None, Wakes::One))
    }

    pub(super) fn end(&self, end: End) -> Wake {
        Arc::clone(&self.inbox).end(Some(end))
    }

    /// Whoever waits has yet to be woken.
    fn tell(&self, drained: Drained) -> Option<Wake> {
        let Drained { wake, came, may_have_lost } = drained;
        came.tell(self.kind.name());
        if may_have_lost {
            warning!("lost", kind = &*self.kind.name().to_string_lossy());
        }
        wake
    }

    /// Empties the iterator, which arms it.
    fn drain(&self, iterator: &Object, mut came: Came) -> Drained {
        let kernel = iterator.kernel();
        let next = || Service::from_answer(kernel, kernel.io_iterator_next(iterator.as_raw()));
        let services: Vec<Service> = iter::from_fn(next).collect();
        came.describe(kernel, services.iter().rev().map(|service| service.as_raw()));
        let may_have_lost = services.len() >= Self::CAPACITY;
        let wake = (!services.is_empty()).then(|| {
            let lost = may_have_lost.then_some(ServiceEvent::MayHaveLost);
            let events = services.into_iter().rev().map(ServiceEvent::Service).chain(lost);
            Arc::clone(&self.inbox).push_all(events)
        });
        Drained { wake, came, may_have_lost }
    }
}

/// `IOServiceAddMatchingNotification`: messages come to the slot of `token`.
fn add(
    kernel: &Kernel,
    right: &Right,
    kind: ServiceNotification,
    matching: &Value,
    token: Token,
) -> Result<Object> {
    let mut iterator = NULL;
    // SAFETY: the port is not destroyed while `right` is there. Nothing in this library reads it with
    // `IODispatchCalloutFromMessage`, and who learns its name is told not to (`NotificationPort::mach_port`).
    let code = unsafe {
        kernel.io_service_add_matching_notification(
            right.port,
            kind.name(),
            Some(matching),
            token.generation,
            token.index,
            &mut iterator,
        )
    };
    if !code.is_success() {
        return Err(Error::new(CALL, code));
    }
    Object::from_answer(kernel, iterator).ok_or_else(|| no_object(FUNCTION))
}
