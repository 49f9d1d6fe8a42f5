//! `CFRunLoopSource`: of the program's, signalled by it or for the messages at a Mach port; or of a port of the
//! frameworks', which another thread makes ready.

use super::context::Info;
use super::item::{Item, remove_everywhere};
use super::{Places, RunLoop, loops};
use crate::abi::*;
use crate::allocator;
use crate::object::{Class, Contents, Kind, Object, Of, make, of};
use crate::ownership::Hold;
use crate::string::Text;
use darwin_calls::misuse;
use darwin_libsystem::mach::{self, Received, Watch};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

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
        of::<Serving>(self.reference()).arrived();
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
    Messages(Messages),
    Port(Arc<dyn Port>),
}

struct Program {
    identity: Identity,
    schedule: SourceSchedule,
    cancel: SourceSchedule,
    perform: SourcePerform,
}

/// Of version 1.
struct Messages {
    identity: Identity,
    get_port: SourceGetPort,
    perform: SourcePerformMessage,
    /// From when it is first in a run loop.
    port: OnceLock<(u32, Watch)>,
}

/// What the program tells its sources apart by.
struct Identity {
    info: Info,
    equal: ContextEqual,
    hash: ContextHash,
}

pub(crate) static SOURCE_CLASS: Class = Class { name: "CFRunLoopSource", id: 51 };

impl Contents for Serving {
    fn class(&self) -> &'static Class {
        &SOURCE_CLASS
    }

    /// As the program's function for its pointers says.
    fn equal(&self, other: &Object) -> bool {
        let Some(other) = other.downcast::<Serving>() else { return false };
        let (Some(a), Some(b)) = (self.identity(), other.identity()) else { return false };
        let (x, y) = (a.info.get(), b.info.get());
        self.order == other.order
            && self.is_valid() == other.is_valid()
            && self.is_of_messages() == other.is_of_messages()
            // SAFETY: the program gave the function for these values.
            && (x == y || a.equal.is_some_and(|equal| unsafe { equal(x, y) } != 0))
    }

    fn hash(&self) -> Option<usize> {
        let identity = self.identity()?;
        let info = identity.info.get();
        // SAFETY: the program gave the function for this value.
        Some(identity.hash.map_or(info.addr(), |hash| unsafe { hash(info) }))
    }

    fn description(&self) -> String {
        format!("valid = {}, order = {}", self.is_valid(), self.order)
    }

    fn dismantle(&self) {
        if let Some(identity) = self.identity() {
            identity.info.release();
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

    fn joined(&self, this: &Arc<Object>, run_loop: &Object, mode: &str) {
        match &self.kind {
            Kinds::Program(program) => program.call(program.schedule, run_loop, mode),
            Kinds::Messages(messages) => messages.watch(this),
            Kinds::Port(_) => {}
        }
    }

    fn left(&self, run_loop: &Object, mode: &str) {
        if let Kinds::Program(program) = &self.kind {
            program.call(program.cancel, run_loop, mode);
        }
    }
}

impl Program {
    fn new(context: CFRunLoopSourceContext) -> Self {
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
        Self { identity: Identity { info, equal, hash }, schedule, cancel, perform }
    }

    fn context(&self) -> CFRunLoopSourceContext {
        let Self { identity: Identity { info, equal, hash }, schedule, cancel, perform } = self;
        CFRunLoopSourceContext {
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
        }
    }

    fn call(&self, function: SourceSchedule, run_loop: &Object, mode: &str) {
        if let Some(function) = function {
            let mode = Hold::take(make(ptr::null(), Text::new(mode)));
            // SAFETY: the program gave the function for this value.
            unsafe { function(self.identity.info.get(), run_loop.reference(), mode.reference()) }
        }
    }
}

impl Messages {
    fn new(context: CFRunLoopSourceContext1) -> Self {
        let CFRunLoopSourceContext1 {
            info,
            retain,
            release,
            copyDescription,
            equal,
            hash,
            getPort,
            perform,
            ..
        } = context;
        let info = Info::new(info, retain, release, copyDescription);
        let identity = Identity { info, equal, hash };
        Self { identity, get_port: getPort, perform, port: OnceLock::new() }
    }

    fn context(&self) -> CFRunLoopSourceContext1 {
        let Self { identity: Identity { info, equal, hash }, get_port, perform, .. } = self;
        CFRunLoopSourceContext1 {
            version: 1,
            info: info.get(),
            retain: info.retain,
            release: info.release,
            copyDescription: info.copy_description,
            equal: *equal,
            hash: *hash,
            getPort: *get_port,
            perform: *perform,
        }
    }

    /// Has the loops that the source is in look for messages when one comes.
    fn watch(&self, source: &Arc<Object>) {
        self.port.get_or_init(|| {
            // SAFETY: the program gave the function for this value.
            let port = self.get_port.map_or(0, |get_port| unsafe { get_port(self.identity.info.get()) });
            let source = Arc::downgrade(source);
            let arrived = move || {
                if let Some(serving) = source.upgrade().as_deref().and_then(Object::downcast::<Serving>) {
                    serving.arrived();
                }
            };
            (port, mach::ports().watch(port, Box::new(arrived)))
        });
    }

    fn receive(&self) -> Option<Received> {
        mach::ports().receive(self.port.get()?.0)
    }

    fn perform(&self, Received { mut memory, size }: Received) {
        let Some(perform) = self.perform else { misuse("the source has no function to perform") };
        let message = memory.as_mut_ptr().cast();
        // SAFETY: the program gave the function for this value; the message is followed by its trailer.
        let reply = unsafe {
            perform(message, size.cast_signed(), allocator::system_default(), self.identity.info.get())
        };
        if !reply.is_null() {
            misuse("a source's reply to a message has no stand-in")
        }
    }
}

impl Serving {
    fn new(order: CFIndex, kind: Kinds) -> Self {
        let (valid, signalled) = (AtomicBool::new(true), AtomicBool::new(false));
        Self { order, valid, signalled, places: Places::default(), kind }
    }

    fn identity(&self) -> Option<&Identity> {
        match &self.kind {
            Kinds::Program(Program { identity, .. }) | Kinds::Messages(Messages { identity, .. }) => {
                Some(identity)
            }
            Kinds::Port(_) => None,
        }
    }

    fn is_of_messages(&self) -> bool {
        matches!(self.kind, Kinds::Messages(_))
    }

    fn arrived(&self) {
        for (run_loop, _) in loops(&self.places) {
            if let Some(run_loop) = run_loop.downcast::<RunLoop>() {
                run_loop.look_again();
            }
        }
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
            unsafe { perform(program.identity.info.get()) };
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
    by_order(run_loop, mode).into_iter().find_map(|(hold, source)| match &source.kind {
        _ if !source.is_valid() => None,
        Kinds::Port(port) => port.receive(),
        Kinds::Messages(messages) => {
            let received = messages.receive()?;
            Some(Box::new(move || {
                let _hold = hold;
                if let Kinds::Messages(messages) = &source.kind {
                    messages.perform(received);
                }
            }))
        }
        Kinds::Program(_) => None,
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
    let kind = match version {
        // SAFETY: a context of this version by the caller's promise.
        0 => Kinds::Program(Program::new(unsafe { context.read() })),
        // SAFETY: as above.
        1 => Kinds::Messages(Messages::new(unsafe { context.cast::<CFRunLoopSourceContext1>().read() })),
        _ => misuse(format_args!("a run loop source of version {version} has no stand-in")),
    };
    make(allocator, Serving::new(order, kind))
}

/// The context must have room for the version that the source was made with.
pub(crate) unsafe fn CFRunLoopSourceGetContext(
    source: CFRunLoopSourceRef,
    context: *mut CFRunLoopSourceContext,
) {
    let source = of::<Serving>(source);
    // SAFETY: room for a context by the caller's promise.
    unsafe {
        match &source.kind {
            Kinds::Program(program) => context.write(program.context()),
            Kinds::Messages(messages) => context.cast::<CFRunLoopSourceContext1>().write(messages.context()),
            Kinds::Port(_) => misuse("the context of a source of the frameworks' has no stand-in"),
        }
    }
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
