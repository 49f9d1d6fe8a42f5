//! How far the rounds of registration and matching have come (NT-3, BQ-3).

use crate::value::Value;

/// How far a service's rounds have come.
#[derive(Default)]
pub(super) struct Round {
    /// `kIOServiceNeedConfigState`: it has been registered since the last loop began.
    pub(super) requested: bool,
    /// `kIOServiceConfigRunning`.
    pub(super) running: bool,
    /// `kIOServiceSynchronousState`: its clients are registered as it was.
    pub(super) is_synchronous: bool,
    /// What the catalogue was like when the last loop began.
    pub(super) generation: u64,
    /// The keys that the resources had then.
    pub(super) keys: Option<Box<Value>>,
}

impl Round {
    pub(super) fn is_under_way(&self) -> bool {
        self.requested || self.running
    }
}
