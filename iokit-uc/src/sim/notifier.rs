//! One interest notification, and what its messages say (NT-14).

use super::keys::{ObjectKey, PortKey};
use crate::interface::{MessageArgument, MessageType};

/// `IOServiceMessageUserNotification`: one registration.
pub(super) struct Interest {
    pub(super) kind: InterestKind,
    pub(super) service: ObjectKey,
    /// The send right that the registration has made (P-7b).
    pub(super) wake_port: PortKey,
    pub(super) reference: [u64; 8],
}

/// The types of interest (NT-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InterestKind {
    General,
    Busy,
    AppPowerState,
    PriorityPowerState,
    ConsoleSecurity,
}

impl InterestKind {
    pub(super) const ALL: [Self; 5] =
        [Self::General, Self::Busy, Self::AppPowerState, Self::PriorityPowerState, Self::ConsoleSecurity];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::General => "IOGeneralInterest",
            Self::Busy => "IOBusyInterest",
            Self::AppPowerState => "IOAppPowerStateInterest",
            Self::PriorityPowerState => "IOPriorityPowerStateInterest",
            Self::ConsoleSecurity => "IOConsoleSecurityInterest",
        }
    }
}

/// The type of an interest message (CN-9).
const MESSAGE_TYPE: u32 = 160;

/// What the header says its size is, whatever the argument's (NT-14).
const HEADER_SIZE: u32 = 76;

/// `kIOUserNotifyMaxMessageSize`: the most of an argument that is sent.
const ARGUMENT_MAX: usize = 64;

impl Interest {
    /// The message after its descriptor (NT-14): the notification's header, the type of the message, the argument.
    pub(super) fn body(&self, message: MessageType, argument: MessageArgument<'_>) -> Vec<u8> {
        let (value, bytes) = match argument {
            MessageArgument::Value(value) => (value.to_ne_bytes(), [].as_slice()),
            MessageArgument::Bytes(bytes) => ([0; 8], &bytes[..bytes.len().min(ARGUMENT_MAX)]),
        };
        let argument = if bytes.is_empty() { &value } else { bytes };
        let adjustment = (argument.len() as u32 & 3) << 30;
        let mut body = Vec::with_capacity(HEADER_SIZE as usize + argument.len().next_multiple_of(4));
        for word in [HEADER_SIZE, MESSAGE_TYPE | adjustment] {
            body.extend(word.to_ne_bytes());
        }
        for word in self.reference {
            body.extend(word.to_ne_bytes());
        }
        body.extend(message.0.to_ne_bytes());
        body.extend(argument);
        body.resize(body.len().next_multiple_of(4), 0);
        body
    }
}
