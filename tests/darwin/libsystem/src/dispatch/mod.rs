//! `dispatch/dispatch.h`: objects, queues of functions and blocks, sources, semaphores, groups.
//!
//! Objects are known by handles that are never given to another one, so that the use of one that has been released,
//! or that is of another kind, is reported.

mod calls;
mod group;
mod object;
mod once;
mod pool;
mod queue;
mod semaphore;
mod source;
mod time;

use std::ffi::c_void;
use std::sync::Arc;

use darwin_loader::Export;

pub use queue::{Queue, main_waits, run_main, serve_main};
pub use source::Source;

/// The queue that a program means by a handle: ends the process if it means none.
pub fn queue(handle: *const c_void) -> Arc<Queue> {
    object::get(handle)
}

pub(crate) fn exports() -> Vec<Export> {
    [
        calls::exports(),
        group::exports(),
        object::exports(),
        once::exports(),
        semaphore::exports(),
        source::exports(),
        time::exports(),
    ]
    .concat()
}
