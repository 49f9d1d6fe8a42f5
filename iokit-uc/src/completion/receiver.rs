//! The owner's end of an inbox.

use super::inbox::{Arrival, Completed, Inbox};
use super::line::Line;
use crate::error::{Call, Error, Result};
use crate::reply;
use crate::wire::{Output, Reader, VARIABLE};
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Weak};

/// What a notification port has for every call that it waits for, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// No two of a port are alike, those of calls long done among them.
    pub(crate) generation: usize,
    pub(crate) index: usize,
}

/// Whoever keeps a table of the calls that are on their way.
pub(crate) trait Calls: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Nobody waits for the call any more. Does nothing for one that is not on its way.
    fn forget(&self, token: Token);
}

/// Where what arrives in an inbox comes from. Hears of it when nobody waits any more.
pub(super) enum Source {
    Port(Arc<dyn Calls>, Token),
    /// A driver without a kernel between.
    Line(Weak<Line>),
    /// Nothing more comes.
    Nowhere,
}

/// The owner's end of an inbox.
pub(crate) struct Receiver {
    /// What its errors name.
    pub(super) call: Call,
    pub(super) inbox: Arc<Inbox>,
    pub(super) source: Source,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("call", &self.call).finish_non_exhaustive()
    }
}

impl Receiver {
    pub(crate) fn new(call: Call, inbox: Arc<Inbox>, calls: Arc<dyn Calls>, token: Token) -> Self {
        Self { call, inbox, source: Source::Port(calls, token) }
    }

    /// The only completion has arrived, or the end: whoever delivered that has forgotten the call.
    pub(super) fn finish(&mut self) {
        self.source = Source::Nowhere;
    }

    /// What has arrived, as `T`.
    pub(super) fn decode<T: Output>(&self, arrival: Arrival) -> Result<T> {
        match arrival {
            Arrival::Event(completed) => decode(self.call, completed),
            Arrival::End(end) => Err(end.error(self.call)),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        match &self.source {
            Source::Port(calls, token) => calls.forget(*token),
            Source::Line(line) => {
                if let Some(line) = line.upgrade() {
                    line.hang_up();
                }
            }
            Source::Nowhere => {}
        }
    }
}

fn decode<T: Output>(call: Call, Completed { result, arguments }: Completed) -> Result<T> {
    if !result.is_success() {
        return Err(Error::new(call, result));
    }
    let count = arguments.len() as u32;
    if T::SCALARS != VARIABLE && T::SCALARS != count {
        return Err(reply::wrong_scalars(call, T::SCALARS, count));
    }
    T::load(&mut Reader::new(&arguments), T::buffer()).map_err(|bad| reply::bad_scalar(call, bad))
}
