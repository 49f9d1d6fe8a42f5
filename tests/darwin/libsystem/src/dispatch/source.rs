//! Sources: a function or block that a queue runs whenever there is something for it. Of those that libdispatch has, the
//! ones for messages at a Mach port.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

use super::object::{self, Function, Header, Object};
use super::pool;
use super::queue::Queue;
use crate::blocks::{Block, BlockReference};
use crate::mach::{Watch, ports};

pub(super) fn exports() -> Vec<Export> {
    let mut exports = exports![
        create as "dispatch_source_create",
        set_event_block as "dispatch_source_set_event_handler",
        set_event_function as "dispatch_source_set_event_handler_f",
        set_cancel_block as "dispatch_source_set_cancel_handler",
        set_cancel_function as "dispatch_source_set_cancel_handler_f",
        cancel as "dispatch_source_cancel",
        test_cancel as "dispatch_source_testcancel",
        handle as "dispatch_source_get_handle",
        mask as "dispatch_source_get_mask",
    ];
    exports.push(Export::variable("_dispatch_source_type_mach_recv", &MACH_RECEIVE));
    exports
}

/// Programs take the address of this.
static MACH_RECEIVE: [usize; 4] = [0; 4];

/// A dispatch source, for the messages at a port.
pub struct Source {
    header: Header,
    port: u32,
    queue: Arc<Queue>,
    watch: OnceLock<Watch>,
    state: Mutex<State>,
}

struct State {
    on_event: Option<Arc<Handler>>,
    on_cancel: Option<Arc<Handler>>,
    /// Not before it is resumed for the first time.
    active: bool,
    /// How often it must be resumed then.
    suspended: usize,
    canceled: bool,
    /// Whether a handler waits for its turn, or runs.
    busy: bool,
}

enum Handler {
    /// Called with the source's context.
    Function(Function),
    Block(BlockReference),
    /// Not the program's.
    Own(Box<dyn Fn() + Send + Sync>),
}

impl Handler {
    /// # Safety
    /// `block` must be null or a block without parameters.
    unsafe fn block(block: *const Block) -> Option<Self> {
        // SAFETY: by the caller's promise.
        (!block.is_null()).then(|| Self::Block(unsafe { BlockReference::new(block) }))
    }
}

impl Object for Source {
    const KIND: &'static str = "source";

    fn header(&self) -> &Header {
        &self.header
    }

    fn suspend(&self) {
        self.state().suspended += 1;
    }

    fn resume(self: Arc<Self>) {
        let resumed = {
            let mut state = self.state();
            let left = if state.active { state.suspended.checked_sub(1) } else { Some(state.suspended) };
            state.active = true;
            left.map(|suspended| state.suspended = suspended)
        };
        if resumed.is_none() {
            misuse("the source is not suspended");
        }
        self.look();
    }

    fn activate(self: Arc<Self>) {
        self.state().active = true;
        self.look();
    }

    fn check_release(&self) {
        let is_suspended = {
            let state = self.state();
            !state.active || state.suspended > 0
        };
        if is_suspended {
            misuse("the source is suspended");
        }
    }
}

impl Source {
    fn create(port: u32, queue: Arc<Queue>, on_event: Option<Arc<Handler>>, active: bool) -> Arc<Self> {
        let state = State { on_event, on_cancel: None, active, suspended: 0, canceled: false, busy: false };
        let (header, watch) = (Header::default(), OnceLock::new());
        let source = Arc::new(Self { header, port, queue, watch, state: Mutex::new(state) });
        let watching = Arc::downgrade(&source);
        // Whoever sends the message waits for nothing, and may hold what a look at the port needs.
        let watcher = move || {
            if let Some(source) = watching.upgrade() {
                pool::run(Box::new(move || source.look()));
            }
        };
        let watch = ports().watch(port, Box::new(watcher));
        source.watch.get_or_init(|| watch);
        source
    }

    /// A source for the messages at `port`, not of the program's own.
    pub fn new(port: u32, queue: Arc<Queue>, on_event: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        let source = Self::create(port, queue, Some(Arc::new(Handler::Own(Box::new(on_event)))), true);
        source.look();
        source
    }

    /// From now on its handler is not called any more. It may be running still.
    pub fn cancel(self: &Arc<Self>) {
        self.state().canceled = true;
        self.look();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the queue run what is due: once, and then again for as long as there are messages.
    fn look(self: &Arc<Self>) {
        let submit = {
            let mut state = self.state();
            let is_due = state.due().is_some() && (state.canceled || ports().has_message(self.port));
            let submit = is_due && !state.busy;
            state.busy |= submit;
            submit
        };
        if submit {
            let source = Arc::clone(self);
            self.queue.run(move || source.run());
        }
    }

    fn run(self: &Arc<Self>) {
        let handler = {
            let mut state = self.state();
            let handler = state.due();
            if state.canceled && handler.is_some() {
                (state.on_event, state.on_cancel) = (None, None);
            }
            handler
        };
        match handler.as_deref() {
            Some(Handler::Function(function)) => function(self.header.context()),
            Some(Handler::Block(block)) => block.call(),
            Some(Handler::Own(handler)) => handler(),
            None => {}
        }
        drop(handler);
        self.state().busy = false;
        self.look();
    }
}

impl State {
    /// The handler that is to run if there is a reason to.
    fn due(&self) -> Option<Arc<Handler>> {
        let handler = if self.canceled { &self.on_cancel } else { &self.on_event };
        handler.clone().filter(|_| self.active && self.suspended == 0)
    }
}

extern "C" fn create(kind: *const c_void, handle: usize, mask: usize, queue: *mut c_void) -> *mut c_void {
    let _call = enter("dispatch_source_create");
    if !ptr::eq(kind, (&raw const MACH_RECEIVE).cast()) {
        misuse("only sources of DISPATCH_SOURCE_TYPE_MACH_RECV have a stand-in");
    }
    let (Ok(port), 0) = (u32::try_from(handle), mask) else { return ptr::null_mut() };
    let queue = if queue.is_null() { super::calls::default_queue() } else { queue };
    object::add(Source::create(port, object::get(queue), None, false))
}

fn set_event(source: *mut c_void, handler: Option<Handler>) {
    let source = object::get::<Source>(source);
    let before = std::mem::replace(&mut source.state().on_event, handler.map(Arc::new));
    drop(before);
    source.look();
}

fn set_cancel(source: *mut c_void, handler: Option<Handler>) {
    let source = object::get::<Source>(source);
    let before = std::mem::replace(&mut source.state().on_cancel, handler.map(Arc::new));
    drop(before);
}

extern "C" fn set_event_function(source: *mut c_void, handler: Option<Function>) {
    let _call = enter("dispatch_source_set_event_handler_f");
    set_event(source, handler.map(Handler::Function));
}

unsafe extern "C" fn set_event_block(source: *mut c_void, handler: *const Block) {
    let _call = enter("dispatch_source_set_event_handler");
    // SAFETY: by the caller's promise.
    set_event(source, unsafe { Handler::block(handler) });
}

extern "C" fn set_cancel_function(source: *mut c_void, handler: Option<Function>) {
    let _call = enter("dispatch_source_set_cancel_handler_f");
    set_cancel(source, handler.map(Handler::Function));
}

unsafe extern "C" fn set_cancel_block(source: *mut c_void, handler: *const Block) {
    let _call = enter("dispatch_source_set_cancel_handler");
    // SAFETY: by the caller's promise.
    set_cancel(source, unsafe { Handler::block(handler) });
}

extern "C" fn cancel(source: *mut c_void) {
    let _call = enter("dispatch_source_cancel");
    object::get::<Source>(source).cancel();
}

extern "C" fn test_cancel(source: *mut c_void) -> isize {
    let _call = enter("dispatch_source_testcancel");
    object::get::<Source>(source).state().canceled.into()
}

extern "C" fn handle(source: *mut c_void) -> usize {
    let _call = enter("dispatch_source_get_handle");
    object::get::<Source>(source).port as usize
}

extern "C" fn mask(source: *mut c_void) -> usize {
    let _call = enter("dispatch_source_get_mask");
    object::get::<Source>(source);
    0
}
