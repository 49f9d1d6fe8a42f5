//! The functions of queues: those that end in `_f` take a function with its context, the others a block.

use std::ffi::{CStr, CString, c_char, c_long, c_void};
use std::ptr;
use std::sync::{Arc, LazyLock};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

use super::object::{self, Context, Function};
use super::pool::{self, Work};
use super::queue::{self, Kind, Queue};
use super::time::Deadline;
use crate::blocks::{Block, BlockReference};
use crate::thread::is_main_thread;

pub(super) fn exports() -> Vec<Export> {
    object::add_permanent((&raw const MAIN_QUEUE).cast(), Arc::clone(queue::main()));
    let mut exports = exports![
        apply_block as "dispatch_apply",
        apply_function as "dispatch_apply_f",
        after_block as "dispatch_after",
        after_function as "dispatch_after_f",
        async_block as "dispatch_async",
        async_function as "dispatch_async_f",
        barrier_async_block as "dispatch_barrier_async",
        barrier_async_function as "dispatch_barrier_async_f",
        barrier_sync_block as "dispatch_barrier_sync",
        barrier_sync_function as "dispatch_barrier_sync_f",
        create as "dispatch_queue_create",
        global_queue as "dispatch_get_global_queue",
        label as "dispatch_queue_get_label",
        main as "dispatch_main",
        sync_block as "dispatch_sync",
        sync_function as "dispatch_sync_f",
    ];
    exports.push(Export::variable("_dispatch_main_q", &MAIN_QUEUE));
    exports.push(Export::variable("_dispatch_queue_attr_concurrent", &CONCURRENT));
    exports
}

/// Programs take the addresses of these.
static MAIN_QUEUE: [usize; 16] = [0; 16];
static CONCURRENT: [usize; 16] = [1; 16];

pub(super) fn function(function: Function, context: *mut c_void) -> Work {
    let context = Context(context);
    Box::new(move || function(context.pointer()))
}

/// # Safety
/// `block` must be a block without parameters.
pub(super) unsafe fn block(block: *const Block) -> Work {
    // SAFETY: by the caller's promise.
    let block = unsafe { BlockReference::new(block) };
    Box::new(move || block.call())
}

unsafe extern "C" fn create(label: *const c_char, attribute: *const c_void) -> *mut c_void {
    let _call = enter("dispatch_queue_create");
    let kind = match attribute {
        _ if attribute.is_null() => Kind::Serial,
        _ if ptr::eq(attribute, (&raw const CONCURRENT).cast()) => Kind::Concurrent,
        _ => misuse("the attribute is neither DISPATCH_QUEUE_SERIAL nor DISPATCH_QUEUE_CONCURRENT"),
    };
    // SAFETY: by the caller's promise, the label is null or a C string.
    let label = if label.is_null() { CString::default() } else { unsafe { CStr::from_ptr(label) }.into() };
    object::add(Queue::new(label, kind))
}

/// There is one for all priorities; other numbers are for later use.
extern "C" fn global_queue(_priority: c_long, flags: usize) -> *const c_void {
    if flags == 0 { default_queue() } else { ptr::null() }
}

pub(super) fn default_queue() -> *mut c_void {
    static ROOT: [usize; 16] = [0; 16];
    static ADDED: LazyLock<()> = LazyLock::new(|| {
        let queue = Queue::new(c"com.apple.root.default-qos".into(), Kind::Concurrent);
        object::add_permanent((&raw const ROOT).cast(), queue);
    });
    LazyLock::force(&ADDED);
    (&raw const ROOT).cast_mut().cast()
}

/// Null stands for the queue whose work this thread does. The label is the queue's.
extern "C" fn label(queue: *const c_void) -> *const c_char {
    let _call = enter("dispatch_queue_get_label");
    if !queue.is_null() {
        return object::get::<Queue>(queue).label().as_ptr();
    }
    match Queue::current() {
        Some(current) => current.label().as_ptr(),
        None if is_main_thread() => queue::main().label().as_ptr(),
        None => c"".as_ptr(),
    }
}

extern "C" fn main() -> ! {
    let _call = enter("dispatch_main");
    if !is_main_thread() {
        misuse("not called on the main thread");
    }
    queue::serve_main_forever()
}

extern "C" fn async_function(queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_async_f");
    object::get::<Queue>(queue).submit(false, function(work, context));
}

unsafe extern "C" fn async_block(queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_async");
    // SAFETY: by the caller's promise.
    object::get::<Queue>(queue).submit(false, unsafe { block(work) });
}

extern "C" fn barrier_async_function(queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_barrier_async_f");
    object::get::<Queue>(queue).submit(true, function(work, context));
}

unsafe extern "C" fn barrier_async_block(queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_barrier_async");
    // SAFETY: by the caller's promise.
    object::get::<Queue>(queue).submit(true, unsafe { block(work) });
}

extern "C" fn sync_function(queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_sync_f");
    object::get::<Queue>(queue).perform(false, || work(context));
}

unsafe extern "C" fn sync_block(queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_sync");
    // SAFETY: by the caller's promise.
    object::get::<Queue>(queue).perform(false, || unsafe { BlockReference::new(work) }.call());
}

extern "C" fn barrier_sync_function(queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_barrier_sync_f");
    object::get::<Queue>(queue).perform(true, || work(context));
}

unsafe extern "C" fn barrier_sync_block(queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_barrier_sync");
    // SAFETY: by the caller's promise.
    object::get::<Queue>(queue).perform(true, || unsafe { BlockReference::new(work) }.call());
}

fn after(deadline: Deadline, queue: Arc<Queue>, work: Work) {
    // What is to be done after forever is never done.
    if let Some(time) = deadline.monotonic() {
        pool::run_at(time, Box::new(move || queue.submit(false, work)));
    }
}

extern "C" fn after_function(deadline: Deadline, queue: *mut c_void, context: *mut c_void, work: Function) {
    let _call = enter("dispatch_after_f");
    after(deadline, object::get(queue), function(work, context));
}

unsafe extern "C" fn after_block(deadline: Deadline, queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_after");
    // SAFETY: by the caller's promise.
    after(deadline, object::get(queue), unsafe { block(work) });
}

/// What is applied may run at the same time, but need not. A null queue stands for a suitable one.
fn apply(count: usize, queue: *mut c_void, work: impl Fn(usize)) {
    let all = || (0..count).for_each(work);
    match queue.is_null() {
        true => all(),
        false => object::get::<Queue>(queue).perform(false, all),
    }
}

type Iteration = extern "C" fn(*mut c_void, usize);

extern "C" fn apply_function(count: usize, queue: *mut c_void, context: *mut c_void, work: Iteration) {
    let _call = enter("dispatch_apply_f");
    apply(count, queue, |index| work(context, index));
}

unsafe extern "C" fn apply_block(count: usize, queue: *mut c_void, work: *const Block) {
    let _call = enter("dispatch_apply");
    // SAFETY: by the caller's promise.
    let block = unsafe { BlockReference::new(work) };
    apply(count, queue, |index| block.call_with(index));
}
