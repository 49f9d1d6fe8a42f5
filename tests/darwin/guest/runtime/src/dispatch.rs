//! `dispatch/dispatch.h`, as far as it is tested.
#![allow(missing_docs)]

use std::ffi::{c_char, c_long, c_void};

pub type Object = *mut c_void;
pub type Function = extern "C" fn(*mut c_void);
pub const FOREVER: u64 = u64::MAX;
pub const NOW: u64 = 0;

unsafe extern "C" {
    pub static _dispatch_main_q: c_void;
    pub static _dispatch_queue_attr_concurrent: c_void;

    pub fn dispatch_retain(object: Object);
    pub fn dispatch_release(object: Object);
    pub fn dispatch_get_context(object: Object) -> *mut c_void;
    pub fn dispatch_set_context(object: Object, context: *mut c_void);
    pub fn dispatch_set_finalizer_f(object: Object, finalizer: Function);

    pub fn dispatch_queue_create(label: *const c_char, attribute: *const c_void) -> Object;
    pub fn dispatch_queue_get_label(queue: Object) -> *const c_char;
    pub fn dispatch_get_global_queue(priority: c_long, flags: usize) -> Object;
    pub fn dispatch_async_f(queue: Object, context: *mut c_void, work: Function);
    pub fn dispatch_barrier_async_f(queue: Object, context: *mut c_void, work: Function);
    pub fn dispatch_sync_f(queue: Object, context: *mut c_void, work: Function);
    pub fn dispatch_after_f(when: u64, queue: Object, context: *mut c_void, work: Function);
    pub fn dispatch_apply_f(
        count: usize,
        queue: Object,
        context: *mut c_void,
        work: extern "C" fn(*mut c_void, usize),
    );
    pub fn dispatch_suspend(queue: Object);
    pub fn dispatch_resume(queue: Object);
    pub fn dispatch_main() -> !;

    pub fn dispatch_semaphore_create(value: isize) -> Object;
    pub fn dispatch_semaphore_signal(semaphore: Object) -> isize;
    pub fn dispatch_semaphore_wait(semaphore: Object, deadline: u64) -> isize;

    pub fn dispatch_group_create() -> Object;
    pub fn dispatch_group_enter(group: Object);
    pub fn dispatch_group_leave(group: Object);
    pub fn dispatch_group_wait(group: Object, deadline: u64) -> isize;
    pub fn dispatch_group_async_f(group: Object, queue: Object, context: *mut c_void, work: Function);
    pub fn dispatch_group_notify_f(group: Object, queue: Object, context: *mut c_void, work: Function);

    pub fn dispatch_once_f(predicate: *mut isize, context: *mut c_void, work: Function);
    pub fn dispatch_time(when: u64, nanoseconds: i64) -> u64;
    pub fn dispatch_walltime(when: *const libc::timespec, nanoseconds: i64) -> u64;

    pub fn dispatch_async(queue: Object, block: *const c_void);
}

/// The queue of the main thread.
pub fn main_queue() -> Object {
    (&raw const _dispatch_main_q).cast_mut()
}
