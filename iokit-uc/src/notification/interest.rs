//! What happens to a service (NT-12 … NT-19).

use super::right::Right;
use crate::backend::{Backend, NULL, PortName};
use crate::completion::{End, Event, Inbox, Token, Wake};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::interface::{MessageArgument, MessageType};
use crate::object::{Object, no_object};
use crate::service::Service;
use crate::spans::{Span, event, span};
use std::ffi::CStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FUNCTION: &str = "IOServiceAddInterestNotification";
pub(super) const CALL: Call = Call::Function(FUNCTION);

/// What of a service is of interest (NT-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Interest {
    /// `kIOGeneralInterest`: it is opened, closed, suspended, gone, and whatever else its family tells of.
    #[doc(alias = "kIOGeneralInterest")]
    General,
    /// `kIOBusyInterest`: it becomes busy or quiet (NT-18).
    #[doc(alias = "kIOBusyInterest")]
    Busy,
    /// `kIOAppPowerStateInterest`: changes of power, of which applications are told.
    #[doc(alias = "kIOAppPowerStateInterest")]
    AppPowerState,
    /// `kIOPriorityPowerStateInterest`: changes of power, before and after all others are told of them.
    #[doc(alias = "kIOPriorityPowerStateInterest")]
    PriorityPowerState,
    /// `kIOConsoleSecurityInterest`: who is logged in at the console.
    #[doc(alias = "kIOConsoleSecurityInterest")]
    ConsoleSecurity,
}

impl Interest {
    const fn name(self) -> &'static CStr {
        match self {
            Self::General => c"IOGeneralInterest",
            Self::Busy => c"IOBusyInterest",
            Self::AppPowerState => c"IOAppPowerStateInterest",
            Self::PriorityPowerState => c"IOPriorityPowerStateInterest",
            Self::ConsoleSecurity => c"IOConsoleSecurityInterest",
        }
    }

    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "there are no spans"))]
    pub(super) fn span(self, service: &Service) -> Span {
        span!(
            "interest",
            FUNCTION,
            kind = &*self.name().to_string_lossy(),
            class = crate::spans::class(service.kernel(), service.as_raw()),
            id = crate::spans::id(service.kernel(), service.as_raw()),
        )
    }
}

/// What a service told.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InterestMessage {
    /// The service, as the kernel names it in the message. If it is gone, names that were had before are dead, and this one
    /// is not: its properties can still be read (TERM-13).
    pub service: Service,
    /// What happens, or is about to. Families have types of their own, which are kept as they are.
    pub message: MessageType,
    /// What came with it.
    pub argument: InterestArgument,
}

/// What came with an [`InterestMessage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InterestArgument {
    /// A number; so does a structure of eight bytes look, which the kernel does not tell from one (NT-14).
    Value(u64),
    /// A structure of any other size, 64 bytes at most, which is all that the kernel sends of one.
    Bytes(Box<[u8]>),
}

impl InterestArgument {
    /// The number; of a structure the first eight bytes, or as many as there are: what a callback of C's would be given if the
    /// structure had less than 16 (AS-11).
    pub fn value(&self) -> u64 {
        match self {
            Self::Value(value) => *value,
            Self::Bytes(bytes) => {
                let mut value = [0; size_of::<u64>()];
                let known = bytes.len().min(value.len());
                value[..known].copy_from_slice(&bytes[..known]);
                u64::from_ne_bytes(value)
            }
        }
    }
}

impl From<MessageArgument<'_>> for InterestArgument {
    fn from(argument: MessageArgument<'_>) -> Self {
        match argument {
            MessageArgument::Value(value) => Self::Value(value),
            MessageArgument::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

impl Event for InterestMessage {}

/// A notification of the kernel's, until it is dropped. What is on its way by then is stale.
#[derive(Debug, Default)]
pub(super) struct InterestNotification {
    /// Held while it is made. None before.
    made: Mutex<Option<Object>>,
}

impl InterestNotification {
    fn lock(&self) -> MutexGuard<'_, Option<Object>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `IOServiceAddInterestNotification`: messages come to the slot of `token`.
    pub(super) fn make(&self, right: &Right, service: &Service, kind: Interest, token: Token) -> Result<()> {
        let kernel = service.kernel();
        let mut made = self.lock();
        let mut notification = NULL;
        // SAFETY: the port is not destroyed while `right` is there. Nothing in this library reads it with
        // `IODispatchCalloutFromMessage`, and who learns its name is told not to (`NotificationPort::mach_port`).
        let code = unsafe {
            kernel.io_service_add_interest_notification(
                right.port,
                service.as_raw(),
                kind.name(),
                token.generation,
                token.index,
                &mut notification,
            )
        };
        if !code.is_success() {
            let error = Error::new(CALL, code);
            return Err(if is_gone(code) {
                error.with_detail(Detail::Text("the service has been terminated".into()))
            } else {
                error
            });
        }
        *made = Some(Object::from_answer(kernel, notification).ok_or_else(|| no_object(FUNCTION))?);
        Ok(())
    }

    /// Whether this is the `sender` of a message: anybody can send messages, but none else has the notification to send
    /// along.
    pub(super) fn is(&self, sender: PortName) -> bool {
        self.lock().as_ref().is_some_and(|notification| notification.as_raw() == sender)
    }
}

/// Whether this is what is said of a service that has been terminated: it is inactive, or its port is gone with it (NT-12).
pub(super) fn is_gone(code: IoReturn) -> bool {
    matches!(code, IoReturn::UNSUPPORTED | IoReturn::MACH_SEND_INVALID_DEST)
}

/// A notification of the kernel's, and who wants what it tells.
#[derive(Debug)]
pub(super) struct InterestWatch {
    inbox: Arc<Inbox<InterestMessage>>,
    service: Service,
    kind: Interest,
    notification: InterestNotification,
}

impl InterestWatch {
    pub(super) fn new(inbox: &Arc<Inbox<InterestMessage>>, service: &Service, kind: Interest) -> Self {
        let notification = InterestNotification::default();
        Self { inbox: Arc::clone(inbox), service: service.clone(), kind, notification }
    }

    /// Messages come to the slot of `token` from now on.
    pub(super) fn begin(&self, right: &Right, token: Token) -> Result<()> {
        self.notification.make(right, &self.service, self.kind, token)
    }

    /// Whether a message from `sender` is of what was registered.
    pub(super) fn is_told_by(&self, sender: PortName) -> bool {
        self.notification.is(sender)
    }

    /// A message has come, with the service if that has a name (AS-12).
    pub(super) fn arrived(
        &self,
        service: Option<Service>,
        message: MessageType,
        argument: MessageArgument<'_>,
    ) -> Wake {
        let service = service.unwrap_or_else(|| self.service.clone());
        event!(
            "message",
            message_type = ?message,
            class = crate::spans::class(service.kernel(), service.as_raw()),
            id = crate::spans::id(service.kernel(), service.as_raw()),
        );
        let told = InterestMessage { service, message, argument: argument.into() };
        let is_last = self.kind == Interest::General && message == MessageType::SERVICE_IS_TERMINATED;
        Arc::clone(&self.inbox).push_and(told, is_last)
    }

    pub(super) fn end(&self, end: End) -> Wake {
        Arc::clone(&self.inbox).end(Some(end))
    }
}
