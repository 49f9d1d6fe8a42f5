//! What drivers leave to the work loop.

use super::thread;
use crate::interface::{AsyncReference, DriverFuture};
use std::pin::Pin;
use std::task::{Context, Poll};

/// A driver's future.
pub(super) struct DriverWork {
    future: Option<DriverFuture>,
    purpose: Purpose,
}

/// What a driver's future is for.
enum Purpose {
    /// An asynchronous call, which a panic completes with `kIOReturnInternalError`.
    Call(AsyncReference),
    /// The driver's own. Told of a panic, by the function in which it happened.
    Own(Box<dyn Fn(&'static str) + Send>),
}

impl DriverWork {
    pub(super) fn new(future: DriverFuture, reference: AsyncReference) -> Self {
        Self { future: Some(future), purpose: Purpose::Call(reference) }
    }

    pub(super) fn own(future: DriverFuture, panicked: impl Fn(&'static str) + Send + 'static) -> Self {
        Self { future: Some(future), purpose: Purpose::Own(Box::new(panicked)) }
    }

    fn report_panic(&self, function: &'static str) {
        match &self.purpose {
            Purpose::Call(reference) => reference.report_panic(function),
            Purpose::Own(panicked) => panicked(function),
        }
    }
}

impl Future for DriverWork {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(future) = &mut self.future else { return Poll::Ready(()) };
        let polled = thread::in_driver(std::ptr::null(), || future.as_mut().poll(context));
        polled.unwrap_or_else(|panicked| {
            match &self.purpose {
                Purpose::Call(reference) => {
                    reference.send_result(panicked, &[]);
                }
                Purpose::Own(_) => self.report_panic("a future of its own"),
            }
            Poll::Ready(())
        })
    }
}

impl Drop for DriverWork {
    fn drop(&mut self) {
        let future = self.future.take();
        if thread::in_driver(std::ptr::null(), || drop(future)).is_err() {
            self.report_panic("drop");
        }
    }
}
