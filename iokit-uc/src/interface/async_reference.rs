//! The reference of an asynchronous call.

use super::send_right::{KernelRight, SendOptions, SendRight};
use crate::error::{IoReturn, Result};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// `OSAsyncReference64`: what a driver keeps of an asynchronous call, to complete it with later.
///
/// It holds the call's send right to the wake port until its last clone is dropped, if the method returned success
/// (`releaseAsyncReference64`). On any error the kernel takes the right back, and the reference is dead (P-7b, AS-2).
#[derive(Clone)]
#[doc(alias = "OSAsyncReference64")]
#[doc(alias = "releaseAsyncReference64")]
pub struct AsyncReference {
    words: [u64; Self::WORDS_MAX],
    count: usize,
    right: Arc<dyn WakeRight>,
}

/// The kernel's side of a reference: the send right to the wake port.
pub(crate) trait WakeRight: KernelRight {
    /// `sendAsyncResult64` (AS-4, AS-6). The kernel's word, `reference[0]`, is not sent.
    fn complete(
        &self,
        reference: &[u64; AsyncReference::WORDS_MAX],
        result: IoReturn,
        arguments: &[u64],
        options: SendOptions,
    ) -> IoReturn;

    /// Polls `future` on the kernel's work loop until it is done, or until the user client that was called has stopped.
    /// If it panics, `reference` is sent `kIOReturnInternalError`.
    fn run(&self, future: DriverFuture, reference: AsyncReference) -> Result<()>;

    /// The port is no longer in the reference: nobody can complete the call, and nobody can give the right back.
    fn lose(&self);

    /// A driver's code has panicked where there is nobody to tell.
    fn report_panic(&self, function: &'static str);
}

/// What a driver has the kernel run for it.
pub(crate) type DriverFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl AsyncReference {
    const WORDS_MAX: usize = 8;

    /// A 64-bit task's reference: bit 0 of slot 0, which the kernel overwrites (AS-3).
    const IS_64_BIT: u64 = 1;

    /// `reference` has 1 to 8 words; more are cut.
    #[cfg_attr(not(feature = "sim"), allow(dead_code, reason = "made by kernels"))]
    pub(crate) fn new(reference: &[u64], right: Arc<dyn WakeRight>) -> Self {
        let count = reference.len().min(Self::WORDS_MAX);
        let mut words = [0; Self::WORDS_MAX];
        words[..count].copy_from_slice(&reference[..count]);
        words[0] = Self::IS_64_BIT;
        Self { words, count, right }
    }

    /// The words that come back with the completion. The first is the kernel's own: flags, as the port is not a
    /// number here.
    pub fn words(&self) -> &[u64] {
        &self.words[..self.count]
    }

    /// `sendAsyncResult64`: completes the call, once or many times (AS-4, AS-5).
    ///
    /// `kIOReturnMessageTooLarge` for more than 16 arguments. A caller that has gone away is success. On a reference
    /// that is [dead](Self::is_dead), or that a legacy method has been given (EM-29), nothing is sent, and
    /// `kIOReturnBadArgument` returned; on a Mac it would be a use of memory that is no port.
    #[doc(alias = "sendAsyncResult64")]
    pub fn send_result(&self, result: IoReturn, arguments: &[u64]) -> IoReturn {
        self.send_result_with_options(result, arguments, SendOptions::default())
    }

    /// `sendAsyncResult64WithOptions`: as [`send_result`](Self::send_result).
    #[doc(alias = "sendAsyncResult64WithOptions")]
    pub fn send_result_with_options(
        &self,
        result: IoReturn,
        arguments: &[u64],
        options: SendOptions,
    ) -> IoReturn {
        self.right.complete(&self.words, result, arguments, options)
    }

    /// Leaves a future to the kernel's work loop, which drops it when the user client stops. If it panics, the call is
    /// completed with `kIOReturnInternalError`.
    pub(crate) fn run(&self, future: DriverFuture) -> Result<()> {
        self.right.run(future, self.clone())
    }

    /// A right to the wake port, for tests that send there what is no completion.
    #[doc(hidden)]
    pub fn wake_port(&self) -> SendRight {
        SendRight::new(Arc::clone(&self.right) as Arc<dyn KernelRight>)
    }

    /// Code of the driver's has panicked where there is nobody to tell.
    #[cfg_attr(not(feature = "sim"), allow(dead_code, reason = "called by kernels"))]
    pub(crate) fn report_panic(&self, function: &'static str) {
        self.right.report_panic(function);
    }

    /// The reference as legacy methods are given it: cut to words of 32 bits, which leaves nothing of the port (EM-29).
    pub(super) fn cut(&self) -> Self {
        self.right.lose();
        Self { words: self.words.map(|word| u64::from(word as u32)), ..self.clone() }
    }

    /// Whether the kernel has taken the right back because the method failed.
    pub fn is_dead(&self) -> bool {
        self.right.is_dead()
    }

    /// The method failed: every clone of the reference is dead.
    #[cfg_attr(not(feature = "sim"), allow(dead_code, reason = "called by kernels"))]
    pub(crate) fn revoke(self) {
        self.right.revoke();
    }
}

impl fmt::Debug for AsyncReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncReference").field("words", &self.words()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{RefUnwindSafe, UnwindSafe};

    #[test]
    fn rights_can_be_kept_and_used_anywhere() {
        fn usable<T: Clone + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + 'static>() {}
        usable::<AsyncReference>();
        usable::<SendRight>();
    }
}
