//! What a driver's completions go along: to an inbox, or to a kernel.

use super::inbox::{Completed, Inbox};
use crate::error::{Call, Detail, Error, IoReturn, Result};
use crate::interface::AsyncReference;
use crate::wire::Scalars;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SEND: Call = Call::Function("sendAsyncResult64");

/// Completes a call.
pub(crate) fn send_to(reference: &AsyncReference, completed: &Completed) -> Result<()> {
    reference
        .send_result(completed.result, &completed.arguments)
        .result()
        .map_err(|code| Error::new(SEND, code))
}

/// An error as a completion carries it. One that says success is a driver's mistake, and none of the caller's.
pub(crate) fn failed(code: IoReturn) -> Completed {
    let result = if code.is_success() { IoReturn::INTERNAL_ERROR } else { code };
    Completed { result, arguments: Scalars::new() }
}

/// What all clones of a sender share. Its receiver does not hold it, so it goes with the last of them.
pub(super) struct Line(Mutex<To>);

enum To {
    Inbox(Arc<Inbox>),
    Reference(AsyncReference),
    Nobody,
}

impl Line {
    /// To whoever owns `inbox`.
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self(Mutex::new(To::Inbox(inbox)))
    }

    /// Whether nobody is known to be at the other end.
    pub(super) fn is_closed(&self) -> bool {
        match &*self.lock() {
            To::Inbox(_) => false,
            To::Reference(reference) => reference.is_dead(),
            To::Nobody => true,
        }
    }

    fn lock(&self) -> MutexGuard<'_, To> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock is held until the completion is where it goes, so that none overtakes another.
    pub(super) fn send(&self, completed: Completed) -> Result<()> {
        let to = self.lock();
        match &*to {
            To::Inbox(inbox) => {
                let wake = Arc::clone(inbox).push(completed);
                drop(to);
                wake.wake();
                Ok(())
            }
            To::Reference(reference) => send_to(reference, &completed),
            To::Nobody => {
                let detail = Detail::Text("nobody waits for completions any more".into());
                Err(Error::new(SEND, IoReturn::ABORTED).with_detail(detail))
            }
        }
    }

    /// From now on everything goes to `reference`, after what `drain` sends there.
    pub(super) fn connect(
        &self,
        reference: AsyncReference,
        drain: impl FnOnce(&AsyncReference) -> Result<()>,
    ) -> Result<()> {
        let mut to = self.lock();
        let drained = drain(&reference);
        let before = std::mem::replace(&mut *to, To::Reference(reference));
        drop(to);
        drop(before);
        drained
    }

    /// The receiver is gone.
    pub(super) fn hang_up(&self) {
        let mut to = self.lock();
        let before = match *to {
            To::Inbox(_) => std::mem::replace(&mut *to, To::Nobody),
            // The receiver has given its place to the reference.
            To::Reference(_) | To::Nobody => return,
        };
        drop(to);
        drop(before);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let to = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let To::Inbox(inbox) = std::mem::replace(to, To::Nobody) {
            inbox.end(None).wake();
        }
    }
}
