//! Who hears of services that come and go (NT-1 … NT-11).

use super::keys::{ObjectKey, PortKey};
use super::query::Query;
use super::state_bits::Needs;
use std::sync::Arc;

/// `IOServiceUserNotification`: one registration, and the services that have come since they were last asked for.
pub(super) struct Subscriber {
    pub(super) event: Event,
    pub(super) query: Arc<Query>,
    /// The send right that the registration has made (P-7b).
    pub(super) wake_port: Option<PortKey>,
    pub(super) reference: [u64; 8],
    /// Each held by a reference. The last comes out first (NT-5).
    pub(super) arrived: Vec<ObjectKey>,
    /// Whether the next arrival is worth a message (NT-6).
    pub(super) armed: bool,
}

/// The subscribers, by what they want to hear of, in the order in which they registered.
#[derive(Default)]
pub(super) struct Subscribers([Vec<ObjectKey>; Event::ALL.len()]);

/// What becomes of services (NT-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Publish,
    FirstPublish,
    Matched,
    FirstMatch,
    Terminated,
    WillTerminate,
}

/// `kIOServicePublishNotificationType` … (CN-9).
const PUBLISH_TYPE: u32 = 100;
const MATCHED_TYPE: u32 = 101;
pub(super) const TERMINATED_TYPE: u32 = 102;

impl Event {
    pub(super) const ALL: [Self; 6] = [
        Self::Publish,
        Self::FirstPublish,
        Self::Matched,
        Self::FirstMatch,
        Self::Terminated,
        Self::WillTerminate,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Publish => "IOServicePublish",
            Self::FirstPublish => "IOServiceFirstPublish",
            Self::Matched => "IOServiceMatched",
            Self::FirstMatch => "IOServiceFirstMatch",
            Self::Terminated => "IOServiceTerminate",
            Self::WillTerminate => "IOServiceWillTerminate",
        }
    }

    pub(super) const fn message_type(self) -> u32 {
        match self {
            Self::Publish | Self::FirstPublish => PUBLISH_TYPE,
            Self::Matched | Self::FirstMatch => MATCHED_TYPE,
            Self::Terminated | Self::WillTerminate => TERMINATED_TYPE,
        }
    }

    /// What services have come to that a new subscriber is given. None are terminated already.
    pub(super) fn needs(self) -> Option<Needs> {
        match self {
            Self::Publish => Some(|states| states.registered),
            Self::FirstPublish => Some(|states| states.first_publish),
            Self::Matched => Some(|states| states.matched),
            Self::FirstMatch => Some(|states| states.first_match),
            Self::Terminated | Self::WillTerminate => None,
        }
    }
}

impl Subscribers {
    pub(super) fn of(&self, event: Event) -> &[ObjectKey] {
        &self.0[event as usize]
    }

    pub(super) fn add(&mut self, event: Event, notification: ObjectKey) {
        self.0[event as usize].push(notification);
    }

    pub(super) fn remove(&mut self, event: Event, notification: ObjectKey) {
        self.0[event as usize].retain(|&other| other != notification);
    }
}
