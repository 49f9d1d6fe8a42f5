//! Whom to wake, when no lock is held any more: wakers are code of the user's, and so are callbacks.

use crate::completion::Wake;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

#[must_use]
pub(super) enum Wakes {
    None,
    One(Wake),
    All(Vec<Wake>),
}

impl Wakes {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, wakes) | (wakes, Self::None) => wakes,
            (one, other) => Self::All(one.into_vec().into_iter().chain(other.into_vec()).collect()),
        }
    }

    fn into_vec(self) -> Vec<Wake> {
        match self {
            Self::None => Vec::new(),
            Self::One(wake) => vec![wake],
            Self::All(wakes) => wakes,
        }
    }

    /// Wakes every one of them, though one panics.
    pub(super) fn wake(self) {
        match self {
            Self::None => {}
            Self::One(wake) => wake.wake(),
            Self::All(wakes) => {
                let mut panicked = Panicked::default();
                for wake in wakes {
                    panicked.by(|| wake.wake());
                }
                panicked.resume();
            }
        }
    }
}

/// The first of several panics, which goes on when all is done that must be.
#[derive(Default)]
pub(super) struct Panicked(Option<Box<dyn Any + Send>>);

impl Panicked {
    /// Runs code of the user's.
    pub(super) fn by(&mut self, run: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            match &self.0 {
                None => self.0 = Some(panic),
                // One goes on. What another carries may panic when it is dropped, and what that leaves is all that must be
                // forgotten.
                Some(_) => {
                    catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
                }
            }
        }
    }

    pub(super) fn resume(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }
}
