//! What this thread is doing inside drivers.
//!
//! A driver may call back into the kernel. What that makes other drivers do waits until this thread is out of every
//! driver, so that no driver finds itself called while it is in the middle of something.

use crate::error::{IoReturn, Result};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

thread_local! {
    static HERE: Here = const { Here::new() };
    static DEEPER: RefCell<Vec<*const ()>> = const { RefCell::new(Vec::new()) };
}

/// What every call looks at. It needs no drop, or a thread's first call would have to register one, which allocates.
struct Here {
    /// How many drivers this thread is inside.
    depth: Cell<usize>,
    /// The user clients whose external methods this thread runs, innermost last; null for any other driver's code.
    /// Those that do not fit are in `DEEPER`.
    clients: [Cell<*const ()>; Self::USUAL_DEPTH],
    settling: Cell<bool>,
    /// Whether a machine has work for this thread.
    has_pending: Cell<bool>,
}

impl Here {
    const USUAL_DEPTH: usize = 8;

    const fn new() -> Self {
        Self {
            depth: Cell::new(0),
            clients: [const { Cell::new(ptr::null()) }; Self::USUAL_DEPTH],
            settling: Cell::new(false),
            has_pending: Cell::new(false),
        }
    }

    #[inline]
    fn push(&self, client: *const ()) {
        let depth = self.depth.get();
        match self.clients.get(depth) {
            Some(slot) => slot.set(client),
            None => push_deeper(client),
        }
        self.depth.set(depth + 1);
    }

    #[inline]
    fn pop(&self) {
        let depth = self.depth.get() - 1;
        if depth >= Self::USUAL_DEPTH {
            pop_deeper();
        }
        self.depth.set(depth);
    }

    fn contains(&self, client: *const ()) -> bool {
        let depth = self.depth.get();
        self.clients.iter().take(depth).any(|slot| slot.get() == client)
            || (depth > Self::USUAL_DEPTH
                && DEEPER.try_with(|deeper| deeper.borrow().contains(&client)).unwrap_or(false))
    }
}

#[cold]
fn push_deeper(client: *const ()) {
    // A thread that is ending has no list any more, and nothing to find there.
    let _ = DEEPER.try_with(|deeper| deeper.borrow_mut().push(client));
}

#[cold]
fn pop_deeper() {
    let _ = DEEPER.try_with(|deeper| deeper.borrow_mut().pop());
}

/// This thread is in a driver's code, or holds what a driver's code would wait for, until the scope ends.
pub(super) struct Scope(());

impl Scope {
    #[inline]
    pub(super) fn enter(client: *const ()) -> Self {
        HERE.with(|here| here.push(client));
        Self(())
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        HERE.with(Here::pop);
    }
}

/// Runs a driver's code. A panic becomes `kIOReturnInternalError`; the driver's other calls go on.
#[inline]
pub(super) fn in_driver<R>(client: *const (), code: impl FnOnce() -> R) -> Result<R, IoReturn> {
    let _scope = Scope::enter(client);
    caught(code)
}

/// [`in_driver`] for a thread that has entered a scope for it.
#[inline(always)]
pub(super) fn caught<R>(code: impl FnOnce() -> R) -> Result<R, IoReturn> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        // A payload can panic when it is dropped, and what that leaves is all that must be forgotten.
        catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
        IoReturn::INTERNAL_ERROR
    })
}

/// Whether this thread is in one of the client's external methods, or holds its lock.
pub(super) fn is_inside(client: *const ()) -> bool {
    HERE.with(|here| here.contains(client))
}

/// Whether this thread is in any driver's code.
pub(super) fn is_in_driver() -> bool {
    HERE.with(|here| here.settling.get() || here.depth.get() > 0)
}

/// Whether this thread has work to do when it is out of every driver.
#[inline]
pub(super) fn has_pending() -> bool {
    HERE.with(|here| here.has_pending.get())
}

pub(super) fn set_pending(pending: bool) {
    HERE.with(|here| here.has_pending.set(pending));
}

/// Runs `work` with what it causes put off until it is done.
pub(super) fn settling(work: impl FnOnce()) {
    let before = HERE.with(|here| here.settling.replace(true));
    work();
    HERE.with(|here| here.settling.set(before));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_found_at_any_depth_until_they_are_left() {
        let here = Here::new();
        let clients: Vec<*const ()> = (1..=2 * Here::USUAL_DEPTH).map(ptr::without_provenance).collect();
        for (depth, &client) in clients.iter().enumerate() {
            assert!(!here.contains(client));
            here.push(client);
            assert!(clients[..=depth].iter().all(|&client| here.contains(client)));
        }
        for &client in clients.iter().rev() {
            here.pop();
            assert!(!here.contains(client));
        }
        assert_eq!(here.depth.get(), 0);
    }
}
