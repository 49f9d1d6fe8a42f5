//! Interest notifications: what a task registers to hear of a service (NT-12 … NT-15, NT-18).

use super::Task;
use crate::backend::PortName;
use crate::error::IoReturn;
use crate::interface::{MessageArgument, MessageType};
use crate::sim::keys::ObjectKey;
use crate::sim::notification::MESSAGE_ID;
use crate::sim::notifier::{Interest, InterestKind};
use crate::sim::queue::Queued;
use crate::sim::state::{Body, State};

impl Task {
    /// `IOServiceAddInterestNotification` and what the kernel does with it (NT-12). `port` is the name of a receive
    /// right; `callback` and `refcon` come back in each message's reference (AS-3).
    pub(in crate::sim) fn add_interest_notification(
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
        name
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
    pub(in crate::sim) fn lose_interest(&mut self, notification: ObjectKey, interest: &Interest) {
        if let Some(entry) = self.entry_mut(interest.service) {
            entry.interested.retain(|&other| other != notification);
        }
        self.drop_send(interest.wake_port);
    }

    /// Sends a message about a service to those who have registered this kind of interest, in the order in which they
    /// did (NT-13, NT-16).
    pub(in crate::sim) fn tell_interested(
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
            let message = Queued { id: MESSAGE_ID, remote, descriptors, body, ..Queued::default() };
            // To the sender a task's notification always succeeds (NT-16).
            self.send(wake_port, message, false);
        }
    }
}
