//! What comes to the completions of one asynchronous call.

use super::spec::Kind;
use crate::error::IoReturn;
use std::time::Duration;

pub(in crate::sim) struct CompletionFaults {
    /// What they say instead of what the driver says.
    pub(in crate::sim) failure: Option<IoReturn>,
    pub(in crate::sim) delay: Option<Duration>,
    /// How often each comes.
    pub(in crate::sim) copies: usize,
}

impl CompletionFaults {
    /// Those among a call's faults; none if nothing comes to its completions.
    pub(in crate::sim) fn of(kinds: impl Iterator<Item = Kind>) -> Option<Box<Self>> {
        let mut faults = Self { failure: None, delay: None, copies: 1 };
        let mut any = false;
        for kind in kinds {
            any |= faults.add(kind);
        }
        any.then(|| Box::new(faults))
    }

    fn add(&mut self, kind: Kind) -> bool {
        match kind {
            Kind::FailCompletion(code) => self.failure = self.failure.or(Some(code)),
            Kind::DelayCompletion(time) => {
                self.delay = Some(self.delay.unwrap_or_default().saturating_add(time));
            }
            Kind::DropCompletion => self.copies = 0,
            Kind::DuplicateCompletion => self.copies *= 2,
            _ => return false,
        }
        true
    }
}
