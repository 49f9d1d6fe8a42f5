//! How long services have been busy (BQ-4).

use std::time::Duration;

/// How long a service has been busy.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BusyTime {
    /// Since when, if it is busy.
    pub(super) since: Duration,
    /// Before that.
    pub(super) before: Duration,
}
