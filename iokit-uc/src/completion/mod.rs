//! What an asynchronous external method comes to: one completion, or many.
//!
//! Locks are held for a few moves of data only. A waker is woken, cloned and dropped under none of them.

mod future;
mod inbox;
mod line;
mod receiver;
mod sender;
mod stream;

pub use future::Completion;
pub(crate) use inbox::{Arrival, Completed, End, Event, Inbox, Wake, deadline};
pub(crate) use line::{failed, send_to};
pub(crate) use receiver::{Calls, Receiver, Token};
pub(crate) use sender::completed;
pub use sender::{CompletionSender, completions};
pub use stream::{Completions, CompletionsIntoIter, CompletionsIter};

use crate::wire::{MIXED_SCALARS, SCALARS_MAX, VARIABLE};

/// A completion carries at most 16 scalars, and no structure.
#[track_caller]
pub(crate) const fn assert_completion((scalars, structure): (u32, u32)) {
    assert!(
        scalars != MIXED_SCALARS,
        "`Scalars` holds all the scalars of a completion: no other scalar may stand beside it"
    );
    assert!(
        structure == 0 && (scalars == VARIABLE || scalars as usize <= SCALARS_MAX),
        "completions carry at most 16 scalars, no structure; fetch data with a second method or shared memory"
    );
}
