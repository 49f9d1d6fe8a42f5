//! What a service's driver does of its own where the kernel has a default: overrides of virtual functions.

use crate::error::Result;
use crate::interface::{Caller, Driver, EntryId, MessageArgument, MessageType};
use crate::value::{Dictionary, Value};
use std::sync::Arc;

/// `setProperties` of a service (PR-10).
pub(super) type SetProperties = dyn Fn(&Caller, &Value) -> Result<()> + Send + Sync;
/// `matchPropertyTable` of a service's family (MT-16): whether it matches. The number is the score of the driver that is
/// being matched, which the family may change (MT-21).
pub(super) type MatchPropertyTable = dyn Fn(&Dictionary, &mut i64) -> bool + Send + Sync;
/// `requestProbe` of a service (OC-20).
pub(super) type RequestProbe = dyn Fn(u32) -> Result<()> + Send + Sync;

/// A driver as its functions are told of it: one instance, on one service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DriverInstance {
    /// The driver's own entry.
    pub driver: EntryId,
    /// What it is to drive.
    pub provider: EntryId,
    /// Its properties: a copy of the personality's, with what matching has added.
    pub properties: Dictionary,
}

/// `stop` of a driver that has been started by matching (MT-21).
pub(super) type Stop = dyn Fn(&DriverInstance) + Send + Sync;

/// `message` of a service (NT-16, TERM-12): its answer to what a provider of its tells.
pub(super) type Message = dyn Fn(MessageType, EntryId, MessageArgument<'_>) -> Result<()> + Send + Sync;

/// What makes user clients when the service is opened (OC-2).
#[derive(Clone, Default)]
pub(super) enum NubDriver {
    /// Nothing: the property `IOUserClientClass` decides.
    #[default]
    Default,
    /// An override of the 4-argument `newUserClient`.
    Short(Arc<dyn Driver>),
    /// An override of `newUserClient` itself.
    Long(Arc<dyn Driver>),
}

/// The overrides of one service. Most have none.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) driver: NubDriver,
    pub(super) set_properties: Option<Arc<SetProperties>>,
    pub(super) match_property_table: Option<Arc<MatchPropertyTable>>,
    pub(super) request_probe: Option<Arc<RequestProbe>>,
    pub(super) message: Option<Arc<Message>>,
    pub(super) stop: Option<Arc<Stop>>,
}
