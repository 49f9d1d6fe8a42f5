//! What is done once.

use std::ffi::c_void;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use darwin_loader::{Export, exports};

use super::object::Function;
use crate::blocks::{Block, BlockReference};

pub(super) fn exports() -> Vec<Export> {
    exports![once_block as "dispatch_once", once_function as "dispatch_once_f"]
}

/// What a `dispatch_once_t` holds, 0 at first. Programs look for the last one themselves.
const RUNS: isize = 1;
const DONE: isize = -1;

static LOCK: Mutex<()> = Mutex::new(());
static ONE_IS_DONE: Condvar = Condvar::new();

fn once(predicate: &AtomicIsize, work: impl FnOnce()) {
    match predicate.compare_exchange(0, RUNS, Ordering::Acquire, Ordering::Acquire) {
        Ok(_) => {
            work();
            let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            predicate.store(DONE, Ordering::Release);
            drop(guard);
            ONE_IS_DONE.notify_all();
        }
        Err(DONE) => {}
        Err(_) => {
            let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            let runs = |(): &mut ()| predicate.load(Ordering::Acquire) != DONE;
            drop(ONE_IS_DONE.wait_while(guard, runs));
        }
    }
}

extern "C" fn once_function(predicate: &AtomicIsize, context: *mut c_void, work: Function) {
    once(predicate, || work(context));
}

unsafe extern "C" fn once_block(predicate: &AtomicIsize, work: *const Block) {
    // SAFETY: by the caller's promise.
    once(predicate, || unsafe { BlockReference::new(work) }.call());
}
