//! Interest notifications: what a task registers to hear of a service (NT-12 … NT-15, NT-18).

use super::keys::ObjectKey;
use super::notifier::{Interest, InterestKind};
use super::queue::Queued;
use super::state::{Body, State};
use super::task::Task;
use crate::backend::PortName;
use crate::error::IoReturn;
use crate::interface::{MessageArgument, MessageType};

/// `kOSNotificationMessageID`.
const NOTIFICATION: i32 = 53;

impl Task {
    /// `IOServiceAddInterestNotification` and what the kernel does with it (NT-12). `port` is the name of a receive
    /// right; `callback` and `refcon` come back in each message's reference (AS-3).
    pub(super) fn add_interest_notification(
        &self,
        port: PortName,
        service: PortName,
        interest_type: &str,
        callback: u64,
        refcon: u64,
    ) -> Result<PortName, IoReturn> {
        let mut kernel = self.send(service)?;
        let wake_port = kernel.receive_argument(self.key, port)?.ok_or(IoReturn::BAD_ARGUMENT)?;
        let object = kernel.registry_entry(self.key, service)?;
        if !kernel.is_kind_of(object, "IOService") {
            return Err(IoReturn::BAD_ARGUMENT);
        }
        let kind = InterestKind::ALL.into_iter().find(|kind| kind.name() == interest_type);
        let kind = kind.ok_or(IoReturn::UNSUPPORTED)?;
        let reference = [0, callback, refcon, service.into(), 0, 0, 0, 0];
        let interest = Interest { kind, service: object, wake_port, reference };
        let notification = kernel.register_interest(interest).ok_or(IoReturn::UNSUPPORTED)?;
        let name = kernel.vend(self.key, notification);
        kernel.release(notification);
        Ok(name)
    }
}

impl State {
    /// `registerInterest`: an inactive service takes no more (NT-12). The notification is owned by whoever asked.
    fn register_interest(&mut self, interest: Interest) -> Option<ObjectKey> {
        let Interest { kind, service, wake_port, .. } = interest;
        if self.entry(service)?.states.inactive {
            return None;
        }
        self.ports.get_mut(wake_port)?.senders += 1;
        let class = self.classes.define("IOServiceMessageUserNotification", "IOUserNotification");
        let notification = self.make_object(class, Body::Interest(interest));
        if let Some(entry) = self.entry_mut(service) {
            entry.interested.push(notification);
            // The list is a property, of a class that says so when it is read (PR-6).
            entry.properties.insert(kind.name(), "IOCommand is not serializable");
        }
        Some(notification)
    }

    /// The notification is gone: nothing is sent any more, and its right to the wake port goes back (RC-6).
    pub(super) fn lose_interest(&mut self, notification: ObjectKey, interest: &Interest) {
        if let Some(entry) = self.entry_mut(interest.service) {
            entry.interested.retain(|&other| other != notification);
        }
        self.drop_send(interest.wake_port);
    }

    /// Sends a message about a service to those who have registered this kind of interest, in the order in which they
    /// did (NT-13, NT-16).
    pub(super) fn tell_interested(
        &mut self,
        service: ObjectKey,
        kind: InterestKind,
        message: MessageType,
        argument: MessageArgument<'_>,
    ) {
        if message == MessageType::COPY_CLIENT_ID {
            // Answered in the kernel (NT-15).
            return;
        }
        let interested = self.entry(service).map(|entry| entry.interested.clone()).unwrap_or_default();
        for notification in interested {
            let (body, wake_port) = match self.objects.get(notification).map(|object| &object.body) {
                Some(Body::Interest(interest)) if interest.kind == kind => {
                    (interest.body(message, argument), interest.wake_port)
                }
                _ => continue,
            };
            // Terminated services get a new port here (TERM-13).
            let (notification, service) = (self.object_port(notification), self.object_port(service));
            let (remote, descriptors) = (self.carry(notification), vec![self.carry(service)]);
            let message = Queued { id: NOTIFICATION, remote, descriptors, body, ..Queued::default() };
            // To the sender a task's notification always succeeds (NT-16).
            self.send(wake_port, message, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::keys::PortKey;

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
