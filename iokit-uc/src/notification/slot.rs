//! Whom messages are for.

use super::interest::{InterestNotification, InterestWatch};
use super::queue::{Listener, QueueId};
use super::services::ServiceWatch;
use super::wakes::Wakes;
use crate::completion::{End, Inbox, Token, Wake};
use crate::spans::Waiting;
use std::sync::Arc;

/// One that messages are for.
#[derive(Debug)]
pub(super) enum Slot {
    /// A connection. Its notification of the service's end comes here.
    Session { interest: Arc<InterestNotification>, ended: Option<End> },
    /// A call on its way.
    Call { session: Token, completes: Completes, inbox: Arc<Inbox>, span: Waiting },
    /// Services that come and go.
    Services(Arc<ServiceWatch>),
    /// What happens to a service.
    Interest(Arc<InterestWatch>),
}

impl Slot {
    /// Nothing comes any more, which whoever waits has to hear.
    pub(super) fn end(self, end: End) -> Option<Wake> {
        match self {
            Self::Session { .. } => None,
            Self::Call { inbox, span, .. } => {
                span.ended(end.code, end.reason);
                Some(inbox.end(Some(end)))
            }
            Self::Services(watch) => Some(watch.end(end)),
            Self::Interest(watch) => Some(watch.end(end)),
        }
    }
}

/// How often an asynchronous method completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    Once,
    Many,
}

/// A data queue at which somebody waits.
#[derive(Debug)]
pub(super) struct QueueSlot {
    pub(super) session: Token,
    pub(super) id: QueueId,
    pub(super) listener: Arc<Listener>,
}

/// Nothing comes any more for any of these, which all who wait have to hear.
pub(super) fn end_all(slots: Vec<Slot>, queues: Vec<QueueSlot>, end: End) -> Wakes {
    let slots = slots.into_iter().filter_map(|slot| slot.end(end));
    Wakes::All(slots.chain(queues.into_iter().map(|queue| queue.listener.end(end))).collect())
}
