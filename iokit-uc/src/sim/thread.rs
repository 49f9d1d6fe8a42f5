//! What this thread is doing inside drivers.
//!
//! A driver may call back into the kernel. What that makes other drivers do waits until this thread is out of every
//! driver, so that no driver finds itself called while it is in the middle of something.

use super::client::Client;
use super::machine::Shared;
use crate::error::{IoReturn, Result};
use crate::interface::code_of;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

thread_local! {
    static INSIDE: RefCell<Inside> = const { RefCell::new(Inside { first: [ptr::null(); Inside::INLINE], rest: Vec::new(), depth: 0 }) };
    static SETTLING: Cell<bool> = const { Cell::new(false) };
    static PENDING: RefCell<Vec<Arc<Shared>>> = const { RefCell::new(Vec::new()) };
}

/// The user clients whose external methods this thread runs, innermost last; null for any other driver's code.
struct Inside {
    /// The usual depth, without a heap allocation on the call path.
    first: [*const Client; Self::INLINE],
    rest: Vec<*const Client>,
    depth: usize,
}

impl Inside {
    const INLINE: usize = 8;

    fn push(&mut self, client: *const Client) {
        match self.first.get_mut(self.depth) {
            Some(slot) => *slot = client,
            None => self.rest.push(client),
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        if self.depth >= Self::INLINE {
            self.rest.pop();
        }
    }

    fn contains(&self, client: *const Client) -> bool {
        self.first[..self.depth.min(Self::INLINE)].contains(&client) || self.rest.contains(&client)
    }
}

/// This thread is in a driver's code, or holds what a driver's code would wait for, until the scope ends.
pub(super) struct Scope(());

impl Scope {
    #[inline]
    pub(super) fn enter(client: *const Client) -> Self {
        INSIDE.with_borrow_mut(|inside| inside.push(client));
        Self(())
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(Inside::pop);
    }
}

/// Runs a driver's code. A panic becomes `kIOReturnInternalError`; the driver's other calls go on.
#[inline]
pub(super) fn in_driver<R>(client: *const Client, code: impl FnOnce() -> R) -> Result<R, IoReturn> {
    let _scope = Scope::enter(client);
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        // A payload can panic when it is dropped; forgetting it is all that is safe.
        std::mem::forget(panic);
        IoReturn::INTERNAL_ERROR
    })
}

/// [`in_driver`] for code that is not an external method and returns a result.
pub(super) fn run_driver(code: impl FnOnce() -> Result<()>) -> IoReturn {
    in_driver(ptr::null(), code).map_or_else(|panicked| panicked, code_of)
}

/// Whether this thread is in one of the client's external methods.
pub(super) fn is_inside(client: &Client) -> bool {
    INSIDE.with_borrow(|inside| inside.contains(client))
}

/// Whether this thread is in any driver's code.
pub(super) fn is_in_driver() -> bool {
    SETTLING.get() || INSIDE.with_borrow(|inside| inside.depth > 0)
}

/// Remembers that a machine has work for this thread when it is out of every driver.
pub(super) fn settle_later(shared: &Arc<Shared>) {
    PENDING.with_borrow_mut(|pending| {
        if !pending.iter().any(|known| Arc::ptr_eq(known, shared)) {
            pending.push(Arc::clone(shared));
        }
    });
}

/// Does the work that has been put off, if this thread is out of every driver.
#[inline]
pub(super) fn settle_pending() {
    if PENDING.with_borrow(Vec::is_empty) || is_in_driver() {
        return;
    }
    while let Some(shared) = PENDING.with_borrow_mut(Vec::pop) {
        shared.settle();
    }
}

/// Runs `work` with what it causes put off until it is done.
pub(super) fn settling(work: impl FnOnce()) {
    let before = SETTLING.replace(true);
    work();
    SETTLING.set(before);
}
