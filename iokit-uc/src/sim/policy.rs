//! Who may open what, and whose calls are filtered: what is policy on a Mac, and outside its kernel's sources.

use crate::error::{IoReturn, Result};
use crate::interface::Caller;
use std::sync::Arc;

/// The decisions of the mandatory access control and of the sandbox. Allows everything unless overridden.
pub trait Policy: Send + Sync + 'static {
    /// Whether `caller` may open a service of this class (OC-1).
    fn allows_service_open(&self, caller: &Caller, class: &str, connection_type: u32) -> bool {
        let _ = (caller, class, connection_type);
        true
    }

    /// Whether `caller` may have a user client of this class (OC-6).
    fn allows_client_open(&self, caller: &Caller, class: &str, connection_type: u32) -> bool {
        let _ = (caller, class, connection_type);
        true
    }

    /// The filter that a new connection's calls go through, if any (OC-6). An error refuses the open, but for
    /// `kIOReturnUnsupported`, which means that there is no filter.
    fn filter(&self, caller: &Caller, class: &str, connection_type: u32) -> Result<Option<Filter>, IoReturn> {
        let _ = (caller, class, connection_type);
        Ok(None)
    }
}

/// Judges one call of a connection: success lets it through, any other code is the call's result (EM-11, EM-32).
pub type Filter = Arc<dyn Fn(FilteredCall) -> IoReturn + Send + Sync>;

/// A call that a [`Filter`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilteredCall {
    /// An external method.
    Method {
        /// Its selector.
        selector: u32,
        /// Whether a wake port comes with it.
        is_async: bool,
    },
    /// A trap.
    Trap {
        /// Its index.
        index: u32,
    },
}

/// The policy of a machine that has been told none.
pub(super) struct AllowAll;

impl Policy for AllowAll {}
