//! The reference of an asynchronous call.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// `OSAsyncReference64`: what a driver keeps of an asynchronous call, to complete it with later.
///
/// It holds the call's send right to the wake port until its last clone is dropped, if the method returned success. On
/// any error the kernel takes the right back, and the reference is dead (P-7b, AS-2).
#[derive(Clone)]
pub struct AsyncReference {
    words: [u64; Self::WORDS_MAX],
    count: usize,
    right: Arc<Mutex<Option<WakeRight>>>,
}

type WakeRight = Arc<dyn Any + Send + Sync>;

impl AsyncReference {
    const WORDS_MAX: usize = 8;

    /// A 64-bit task's reference: bit 0 of slot 0, which the kernel overwrites (AS-3).
    const IS_64_BIT: u64 = 1;

    /// `reference` has 1 to 8 words; more are cut.
    #[cfg_attr(not(feature = "sim"), allow(dead_code, reason = "made by kernels"))]
    pub(crate) fn new(reference: &[u64], right: WakeRight) -> Self {
        let count = reference.len().min(Self::WORDS_MAX);
        let mut words = [0; Self::WORDS_MAX];
        words[..count].copy_from_slice(&reference[..count]);
        words[0] = Self::IS_64_BIT;
        Self { words, count, right: Arc::new(Mutex::new(Some(right))) }
    }

    /// The words that come back with the completion. The first is the kernel's own: flags, as the port is not a
    /// number here.
    pub fn words(&self) -> &[u64] {
        &self.words[..self.count]
    }

    /// Whether the kernel has taken the right back because the method failed.
    pub fn is_dead(&self) -> bool {
        self.right.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// The method failed: every clone of the reference is dead.
    #[cfg_attr(not(feature = "sim"), allow(dead_code, reason = "called by kernels"))]
    pub(crate) fn revoke(self) {
        let right = self.right.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(right);
    }
}

impl fmt::Debug for AsyncReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncReference").field("words", &self.words()).finish_non_exhaustive()
    }
}
