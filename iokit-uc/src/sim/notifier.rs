//! One interest notification, and what its messages say (NT-14).

use super::keys::{ObjectKey, PortKey};
use super::notification;
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
#[non_exhaustive]
pub enum InterestKind {
    /// `IOGeneralInterest`: what a service has to say.
    General,
    /// `IOBusyInterest`: whether it is busy.
    Busy,
    /// `IOAppPowerStateInterest`: changes of power that applications hear of.
    AppPowerState,
    /// `IOPriorityPowerStateInterest`: changes of power, before applications hear of them.
    PriorityPowerState,
    /// `IOConsoleSecurityInterest`: who is at the console.
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
        let room = size_of_val(&message.0) + argument.len().next_multiple_of(4);
        let mut body = notification::header(HEADER_SIZE, MESSAGE_TYPE | adjustment, &self.reference, room);
        body.extend(message.0.to_ne_bytes());
        body.extend(argument);
        body.resize(body.len().next_multiple_of(4), 0);
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interest() -> Interest {
        Interest {
            kind: InterestKind::General,
            service: ObjectKey::default(),
            wake_port: PortKey::default(),
            reference: [0, 11, 22, 33, 0, 0, 0, 0],
        }
    }

    fn words(body: &[u8]) -> Vec<u32> {
        body.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap())).collect()
    }

    #[test]
    fn nt_14_the_body_is_header_reference_type_and_argument() {
        let body = interest().body(MessageType(7), MessageArgument::Value(0x1_0000_0002));
        assert_eq!(body.len(), 116 - 40 + 8);
        let words = words(&body);
        assert_eq!(words[..2], [76, 160]);
        assert_eq!((words[4], words[6], words[8]), (11, 22, 33));
        assert_eq!(words[18], 7);
        assert_eq!(body[76..], 0x1_0000_0002u64.to_ne_bytes());
    }

    #[test]
    fn nt_14_an_argument_is_padded_and_cut() {
        let bytes: Vec<u8> = (1..=100).collect();
        for (size, sent) in [(1, 4), (3, 4), (4, 4), (5, 8), (8, 8), (63, 64), (64, 64), (65, 64)] {
            let body = interest().body(MessageType(7), MessageArgument::Bytes(&bytes[..size]));
            let kept = size.min(64);
            assert_eq!(body.len(), 76 + sent);
            assert_eq!(words(&body)[1], 160 | ((kept as u32 & 3) << 30));
            assert_eq!(body[76..76 + kept], bytes[..kept]);
            assert!(body[76 + kept..].iter().all(|&byte| byte == 0));
        }
        let none = interest().body(MessageType(7), MessageArgument::Bytes(&[]));
        assert_eq!(none, interest().body(MessageType(7), MessageArgument::Value(0)));
    }
}
