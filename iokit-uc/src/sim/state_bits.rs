//! What a service has come to.

/// The state bits of a service (NT-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct States {
    pub(super) inactive: bool,
    pub(super) registered: bool,
    pub(super) matched: bool,
    pub(super) first_publish: bool,
    pub(super) first_match: bool,
}

impl States {
    /// `IOServiceGetState` (NT-2).
    pub(super) fn bits(&self) -> u64 {
        let bits = [self.inactive, self.registered, self.matched, self.first_publish, self.first_match];
        (0..).zip(bits).map(|(shift, bit)| u64::from(bit) << shift).sum()
    }
}

/// What a service must have come to, to be found.
pub(super) type Needs = fn(&States) -> bool;
