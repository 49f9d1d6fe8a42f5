//! A termination that is under way.

use super::keys::ObjectKey;
use std::collections::VecDeque;

/// A tree that has gone through phase 1. Its services are held by a reference each.
pub(super) struct Termination {
    /// Providers before clients. Those that are gone are dropped from time to time.
    pub(super) victims: Vec<ObjectKey>,
    /// What the messages about it carry: the options (NT-17).
    pub(super) options: u64,
    /// Whether phase 2 is done.
    pub(super) told: bool,
    /// Victims without clients, to be finalized.
    pub(super) leaves: VecDeque<ObjectKey>,
    /// Those that cannot be yet (TERM-7).
    pub(super) busy_leaves: Vec<ObjectKey>,
    /// Who is to be stopped, in the order in which that was scheduled.
    pub(super) scheduled: VecDeque<Stop>,
    /// Those of them that cannot be yet, which came before the others.
    pub(super) passed_over: Vec<Stop>,
    /// Those that are scheduled when they close their provider (TERM-9).
    pub(super) open: Vec<Stop>,
    /// How much had been given up when this was looked at.
    pub(super) given_up: u64,
}

/// A client that comes off a provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) client: ObjectKey,
    pub(super) provider: ObjectKey,
    /// Whether the provider is one of the victims.
    pub(super) provider_goes: bool,
}

/// What phase 3 does next.
pub(super) enum Step {
    Finalize(ObjectKey),
    Stop(Stop),
}

impl Termination {
    pub(super) fn new(victims: Vec<ObjectKey>, options: u64) -> Self {
        Self {
            victims,
            options,
            told: false,
            leaves: VecDeque::new(),
            busy_leaves: Vec::new(),
            scheduled: VecDeque::new(),
            passed_over: Vec::new(),
            open: Vec::new(),
            given_up: 0,
        }
    }
}
