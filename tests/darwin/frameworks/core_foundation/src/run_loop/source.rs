//! `CFRunLoopSource`: of the program's, signalled by it; or of a port, which another thread makes ready.

use super::context::Info;
use super::item::{Item, remove_everywhere};
use super::{Places, RunLoop, loops};
use crate::abi::*;
use crate::object::{Class, Contents, Kind, Object, Of, make, of};
use crate::ownership::Hold;
use crate::string::Text;
use darwin_calls::misuse;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a run loop is to do for something that has arrived. It may run functions of the program.
pub type Delivery = Box<dyn FnOnce()>;

/// Where something arrives for a run loop to serve, as at a Mach port.
pub trait Port: Send + Sync {
    /// Takes one thing that has arrived. None if there is none.
    fn receive(&self) -> Option<Delivery>;
}

/// The source of a port: what the program adds to its run loops.
pub struct Source(Hold);

impl Source {
    /// A source of no run loop yet.
    pub fn new(order: CFIndex, port: Arc<dyn Port>) -> Self {
        Self(Hold::take(make(ptr::null(), Serving::new(order, Kinds::Port(port)))))
    }

    /// For the program; no reference goes with it.
    pub fn reference(&self) -> CFRunLoopSourceRef {
        self.0.reference()
    }

    /// Something has arrived at the port: loops that wait for it serve it. From any thread.
    pub fn arrived(&self) {
        let serving = of::<Serving>(self.reference());
        for (run_loop, _) in loops(&serving.places) {
            if let Some(run_loop) = run_loop.downcast::<RunLoop>() {
                run_loop.look_again();
            }
        }
    }

    /// The port is gone.
    pub fn invalidate(&self) {
        invalidate(&of::<Serving>(self.reference()));
    }
}

pub(super) struct Serving {
    order: CFIndex,
    valid: AtomicBool,
    signalled: AtomicBool,
    places: Places,
    kind: Kinds,
}

enum Kinds {
    Program(Program),
    Port(Arc<dyn Port>),
}

struct Program {
    info: Info,
    equal: ContextEqual,
    hash: ContextHash,
    schedule: SourceSchedule,
    cancel: SourceSchedule,
    perform: SourcePerform,
}

pub(crate) static SOURCE_CLASS: Class = Class { name: "CFRunLoopSource", id: 51 };

impl Contents for Serving {
    fn class(&self) -> &'static Class {
        &SOURCE_CLASS
    }

    /// As the program's function for its pointers says.
    fn equal(&self, other: &Object) -> bool {
        let Some(other) = other.downcast::<Serving>() else { return false };
        let (Kinds::Program(a), Kinds::Program(b)) = (&self.kind, &other.kind) else { return false };
        let (x, y) = (a.info.get(), b.info.get());
        self.order == other.order
            && self.is_valid() == other.is_valid()
            // SAFETY: the program gave the function for these values.
            && (x == y || a.equal.is_some_and(|equal| unsafe { equal(x, y) } != 0))
    }

    fn hash(&self) -> Option<usize> {
        let Kinds::Program(program) = &self.kind else { return None };
        let info = program.info.get();
        // SAFETY: the program gave the function for this value.
        Some(program.hash.map_or(info.addr(), |hash| unsafe { hash(info) }))
    }

    fn description(&self) -> String {
        format!("valid = {}, order = {}", self.is_valid(), self.order)
    }

    fn dismantle(&self) {
        if let Kinds::Program(program) = &self.kind {
            program.info.release();
        }
    }
}

impl Kind for Serving {
    const CLASS: &'static Class = &SOURCE_CLASS;
}

impl Item for Serving {
    fn is_shared(&self) -> bool {
        true
    }

    fn is_valid(&self) -> bool {
        self.valid.load(Ordering::Acquire)
    }

    fn places(&self) -> &Places {
        &self.places
    }

    fn joined(&self, run_loop: &Object, mode: &str) {
        if let Kinds::Program(program) = &self.kind {
            program.call(program.schedule, run_loop, mode);
        }
    }

    fn left(&self, run_loop: &Object, mode: &str) {
        if let Kinds::Program(program) = &self.kind {
            program.call(program.cancel, run_loop, mode);
        }
    }
}

impl Program {
    fn call(&self, function: SourceSchedule, run_loop: &Object, mode: &str) {
        if let Some(function) = function {
            let mode = Hold::take(make(ptr::null(), Text::new(mode)));
            // SAFETY: the program gave the function for this value.
            unsafe { function(self.info.get(), run_loop.reference(), mode.reference()) }
        }
    }
}

impl Serving {
    fn new(order: CFIndex, kind: Kinds) -> Self {
        let (valid, signalled) = (AtomicBool::new(true), AtomicBool::new(false));
        Self { order, valid, signalled, places: Places::default(), kind }
    }
}

fn invalidate(source: &Of<Serving>) {
    if source.valid.swap(false, Ordering::AcqRel) {
        source.signalled.store(false, Ordering::Release);
        remove_everywhere(source.object());
    }
}

fn by_order(run_loop: &RunLoop, mode: &str) -> Vec<(Hold, Of<Serving>)> {
    let mut sources = run_loop.items::<Serving>(mode);
    sources.sort_by_key(|(_, source)| source.order);
    sources
}

/// Performs the program's sources that are signalled; one only, if the run ends `once` one is handled.
pub(super) fn perform_signalled(run_loop: &RunLoop, mode: &str, once: bool) -> bool {
    let signalled = |source: &Of<Serving>| source.signalled.load(Ordering::Acquire);
    let sources: Vec<_> =
        by_order(run_loop, mode).into_iter().filter(|(_, source)| signalled(source)).collect();
    let mut handled = false;
    for (_hold, source) in sources {
        let Kinds::Program(program) = &source.kind else { continue };
        if !source.is_valid() || !source.signalled.swap(false, Ordering::AcqRel) {
            continue;
        }
        if let Some(perform) = program.perform {
            // SAFETY: the program gave the function for this value.
            unsafe { perform(program.info.get()) };
        }
        handled = true;
        if once {
            break;
        }
    }
    handled
}

/// What has arrived at one of the ports.
pub(super) fn receive(run_loop: &RunLoop, mode: &str) -> Option<Delivery> {
    by_order(run_loop, mode).into_iter().find_map(|(_hold, source)| match &source.kind {
        Kinds::Port(port) if source.is_valid() => port.receive(),
        _ => None,
    })
}

pub(crate) unsafe fn CFRunLoopSourceCreate(
    allocator: CFAllocatorRef,
    order: CFIndex,
    context: *mut CFRunLoopSourceContext,
) -> CFRunLoopSourceRef {
    if context.is_null() {
        misuse("a null pointer was given for a context")
    }
    // SAFETY: a context by the caller's promise, of which at least the version is there.
    let version = unsafe { (&raw const (*context).version).read() };
    if version != 0 {
        misuse(format_args!("a run loop source of version {version} has no stand-in"))
    }
    // SAFETY: a context of version 0 by the caller's promise.
    let context = unsafe { context.read() };
    let CFRunLoopSourceContext {
        info,
        retain,
        release,
        copyDescription,
        equal,
        hash,
        schedule,
        cancel,
        perform,
        ..
    } = context;
    let info = Info::new(info, retain, release, copyDescription);
    let program = Program { info, equal, hash, schedule, cancel, perform };
    make(allocator, Serving::new(order, Kinds::Program(program)))
}

/// The caller says by the version which context it wants.
pub(crate) unsafe fn CFRunLoopSourceGetContext(
    source: CFRunLoopSourceRef,
    context: *mut CFRunLoopSourceContext,
) {
    let source = of::<Serving>(source);
    let Kinds::Program(Program { info, equal, hash, schedule, cancel, perform }) = &source.kind else {
        misuse("the context of a port's source has no stand-in")
    };
    let context_of_source = CFRunLoopSourceContext {
        version: 0,
        info: info.get(),
        retain: info.retain,
        release: info.release,
        copyDescription: info.copy_description,
        equal: *equal,
        hash: *hash,
        schedule: *schedule,
        cancel: *cancel,
        perform: *perform,
    };
    // SAFETY: room for a context by the caller's promise.
    unsafe { context.write(context_of_source) };
}

pub(crate) fn CFRunLoopSourceGetOrder(source: CFRunLoopSourceRef) -> CFIndex {
    of::<Serving>(source).order
}

/// Does not wake the loop.
pub(crate) fn CFRunLoopSourceSignal(source: CFRunLoopSourceRef) {
    let source = of::<Serving>(source);
    if source.is_valid() {
        source.signalled.store(true, Ordering::Release);
    }
}

pub(crate) fn CFRunLoopSourceInvalidate(source: CFRunLoopSourceRef) {
    let _hold = Hold::of(source);
    invalidate(&of::<Serving>(source));
}

pub(crate) fn CFRunLoopSourceIsValid(source: CFRunLoopSourceRef) -> Boolean {
    of::<Serving>(source).is_valid().into()
}

pub(crate) fn CFRunLoopSourceGetTypeID() -> CFTypeID {
    SOURCE_CLASS.id
}
