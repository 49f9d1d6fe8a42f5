//! Matching notifications: what a task registers to hear of services that come and go (NT-1 … NT-11).

use super::keys::{ObjectKey, PortKey, TaskKey};
use super::matching::family::Families;
use super::notification::{self, MESSAGE_ID};
use super::query::Query;
use super::queue::Queued;
use super::shared::settle_pending;
use super::state::{Body, State};
use super::subscriber::{Event, Subscriber, TERMINATED_TYPE};
use super::task::Task;
use crate::backend::{MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::IoReturn;
use crate::value::Value;
use std::sync::Arc;

/// `kMaxOutstanding`: how many services wait in a list (NT-5).
const CAPACITY: usize = 1024;

impl Task {
    /// `IOServiceAddMatchingNotification` and its older form: an iterator over what there is already, found under the
    /// lock under which the registration is made (NT-4).
    pub(super) fn add_matching_notification(
        &self,
        main_port: PortName,
        kind: &str,
        matching: Option<&Value>,
        wake_port: PortName,
        reference: [u64; 8],
    ) -> Result<PortName, IoReturn> {
        let matching = matching.ok_or(IoReturn::BAD_ARGUMENT)?;
        let kernel = if main_port == MAIN_PORT_DEFAULT { self.shared.lock() } else { self.send(main_port)? };
        kernel.receive_argument(self.key, wake_port)?;
        kernel.main_port(self.key, main_port)?;
        drop(kernel);
        let query = Query::of_notification(matching)?;
        let event = Event::ALL.into_iter().find(|event| event.name() == kind);
        let event = event.ok_or(IoReturn::UNSUPPORTED)?;
        let added = self.shared.decide(|kernel, families| {
            // The port may be gone by now, in which case nobody is sent anything.
            let wake_port = kernel.receive_argument(self.key, wake_port).unwrap_or(None);
            let there = match event.needs() {
                Some(needs) => kernel.find_all(&query, needs, families)?,
                None => Vec::new(),
            };
            let notification = kernel.subscribe(event, &query, wake_port, reference, there);
            let name = kernel.vend(self.key, notification);
            kernel.release(notification);
            Some(name)
        });
        settle_pending();
        added
    }
}

impl State {
    /// A new registration, owned by whoever asked.
    fn subscribe(
        &mut self,
        event: Event,
        query: &Arc<Query>,
        wake_port: Option<PortKey>,
        reference: [u64; 8],
        mut there: Vec<ObjectKey>,
    ) -> ObjectKey {
        there.truncate(CAPACITY);
        there.iter().for_each(|&service| self.retain(service));
        if let Some(port) = wake_port.and_then(|port| self.ports.get_mut(port)) {
            port.senders += 1;
        }
        let class = self.classes.define("IOServiceUserNotification", "IOUserNotification");
        let query = Arc::clone(query);
        let subscriber = Subscriber { event, query, wake_port, reference, arrived: there, armed: false };
        let notification = self.make_object(class, Body::Subscriber(Box::new(subscriber)));
        self.subscribers.add(event, notification);
        notification
    }

    /// The notification is gone: it hears of nothing any more, and what it has goes back (NT-8, RC-6).
    pub(super) fn lose_subscriber(&mut self, notification: ObjectKey, subscriber: Subscriber) {
        let Subscriber { event, wake_port, arrived, .. } = subscriber;
        self.subscribers.remove(event, notification);
        arrived.into_iter().for_each(|service| self.release(service));
        wake_port.into_iter().for_each(|port| self.drop_send(port));
    }

    fn subscriber(&self, notification: ObjectKey) -> Option<&Subscriber> {
        match &self.objects.get(notification)?.body {
            Body::Subscriber(subscriber) => Some(subscriber),
            _ => None,
        }
    }

    /// `IOIteratorNext` of a notification: the last that has come. An empty list arms it (NT-6).
    pub(super) fn vend_arrived(&mut self, task: TaskKey, notification: ObjectKey) -> PortName {
        let object = self.objects.get_mut(notification);
        let Some(Body::Subscriber(subscriber)) = object.map(|object| &mut object.body) else { return NULL };
        let Some(service) = subscriber.arrived.pop() else {
            subscriber.armed = true;
            return NULL;
        };
        let name = self.vend(task, service).unwrap_or(NULL);
        self.release(service);
        name
    }

    /// Whether it is known who is to hear of these events. If not, families are to be asked first.
    pub(super) fn can_announce(&self, events: &[Event], service: ObjectKey, families: &mut Families) -> bool {
        let listening = events.iter().flat_map(|&event| self.subscribers.of(event));
        for subscriber in listening.filter_map(|&notification| self.subscriber(notification)) {
            if subscriber.query.may_ask() {
                self.passes(service, &subscriber.query, families);
            }
        }
        families.are_settled()
    }

    /// Whether anybody wants to hear of an event whom families may have to be asked about.
    pub(super) fn announcing_may_ask(&self, event: Event) -> bool {
        self.subscribers.of(event).iter().any(|&notification| {
            self.subscriber(notification).is_some_and(|subscriber| subscriber.query.may_ask())
        })
    }

    /// Tells those who want to hear of it that something has become of a service.
    pub(super) fn announce(&mut self, event: Event, service: ObjectKey, families: &mut Families) {
        for place in 0.. {
            let Some(&notification) = self.subscribers.of(event).get(place) else { return };
            let Some(subscriber) = self.subscriber(notification) else { continue };
            // Whoever announces has asked.
            if self.passes(service, &subscriber.query, families).unwrap_or(false) {
                self.deliver(notification, service);
            }
        }
    }

    /// One more service for a subscriber's list, and a message if it was waited for (NT-5 … NT-7).
    fn deliver(&mut self, notification: ObjectKey, service: ObjectKey) {
        let Some(Body::Subscriber(subscriber)) =
            self.objects.get_mut(notification).map(|object| &mut object.body)
        else {
            return;
        };
        let message_type = subscriber.event.message_type();
        let (wake_port, reference) = (subscriber.wake_port, subscriber.reference);
        let is_taken = subscriber.arrived.len() < CAPACITY;
        let is_awaited = is_taken && subscriber.arrived.is_empty() && std::mem::take(&mut subscriber.armed);
        if is_taken {
            subscriber.arrived.push(service);
            self.retain(service);
        }
        if message_type == TERMINATED_TYPE
            && let Some(entry) = self.entry_mut(service)
        {
            // Whether or not there was room (NT-9).
            entry.keeps_port = true;
        }
        if let Some(wake_port) = wake_port.filter(|_| is_awaited) {
            let port = self.object_port(notification);
            let remote = self.carry(port);
            let body = notification::header_as_registered(message_type, &reference);
            self.send(wake_port, Queued { id: MESSAGE_ID, remote, body, ..Queued::default() }, false);
        }
    }
}
