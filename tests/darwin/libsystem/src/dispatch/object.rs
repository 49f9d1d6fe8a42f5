//! What all objects of libdispatch have: references, a context, and a function that is called at their end.

use std::any::Any;
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

use super::pool;

pub(super) fn exports() -> Vec<Export> {
    exports![
        retain as "dispatch_retain",
        release as "dispatch_release",
        activate as "dispatch_activate",
        context as "dispatch_get_context",
        resume as "dispatch_resume",
        set_context as "dispatch_set_context",
        set_finalizer as "dispatch_set_finalizer_f",
        suspend as "dispatch_suspend",
    ]
}

/// A function of the program, as the C face of libdispatch takes them.
pub(super) type Function = extern "C" fn(*mut c_void);

/// A queue, source, semaphore or group.
pub(super) trait Object: Any + Send + Sync {
    /// What it is, for messages.
    const KIND: &'static str;

    fn header(&self) -> &Header;

    fn suspend(&self) {
        misuse(format_args!("a {} is not suspended", Self::KIND))
    }

    fn resume(self: Arc<Self>) {
        misuse(format_args!("a {} is not resumed", Self::KIND))
    }

    fn activate(self: Arc<Self>) {}

    /// Called when the program's last reference goes.
    fn check_release(&self) {}
}

/// [`Object`] for any kind.
trait AnyObject: Any + Send + Sync {
    fn kind(&self) -> &'static str;
    fn header(&self) -> &Header;
    fn suspend(&self);
    fn resume(self: Arc<Self>);
    fn activate(self: Arc<Self>);
    fn check_release(&self);
}

impl<T: Object> AnyObject for T {
    fn kind(&self) -> &'static str {
        T::KIND
    }

    fn header(&self) -> &Header {
        Object::header(self)
    }

    fn suspend(&self) {
        Object::suspend(self);
    }

    fn resume(self: Arc<Self>) {
        Object::resume(self);
    }

    fn activate(self: Arc<Self>) {
        Object::activate(self);
    }

    fn check_release(&self) {
        Object::check_release(self);
    }
}

/// What a program can attach to an object.
#[derive(Default)]
pub(super) struct Header {
    context: AtomicPtr<c_void>,
    /// A [`Function`], or null.
    finalizer: AtomicPtr<c_void>,
}

impl Header {
    pub(super) fn context(&self) -> *mut c_void {
        self.context.load(Ordering::Acquire)
    }
}

impl Drop for Header {
    fn drop(&mut self) {
        let (context, finalizer) = (*self.context.get_mut(), *self.finalizer.get_mut());
        if !context.is_null() && !finalizer.is_null() {
            // SAFETY: `set_finalizer` has been given a function.
            let finalizer: Function = unsafe { std::mem::transmute(finalizer) };
            let context = Context(context);
            pool::run(Box::new(move || finalizer(context.pointer())));
        }
    }
}

/// A pointer of the program's, for one of its functions on whatever thread.
pub(super) struct Context(pub(super) *mut c_void);

// SAFETY: programs hand contexts to libdispatch to be used on its threads.
unsafe impl Send for Context {}

impl Context {
    pub(super) fn pointer(&self) -> *mut c_void {
        self.0
    }
}

struct Entry {
    /// None once the program's last reference has gone. What the object has to do still holds others, with which its
    /// handle is valid.
    object: Option<Arc<dyn AnyObject>>,
    weak: Weak<dyn AnyObject>,
    /// Those of the program; None for an object that is always there.
    references: Option<usize>,
}

static OBJECTS: LazyLock<Mutex<HashMap<usize, Entry>>> = LazyLock::new(Mutex::default);

fn objects() -> MutexGuard<'static, HashMap<usize, Entry>> {
    OBJECTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A handle for a new object, of which the program has one reference. Nothing is ever mapped there.
pub(super) fn add<T: Object>(object: Arc<T>) -> *mut c_void {
    const FIRST: usize = 0x6000_0000_0000;
    static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
    let handle = NEXT.fetch_add(16, Ordering::Relaxed);
    insert(handle, object, Some(1));
    ptr::without_provenance_mut(handle)
}

/// Lets the program use an object that is always there.
pub(super) fn add_permanent<T: Object>(handle: *const c_void, object: Arc<T>) {
    insert(handle.addr(), object, None);
}

fn insert<T: Object>(handle: usize, object: Arc<T>, references: Option<usize>) {
    let weak = Arc::downgrade(&object);
    objects().insert(handle, Entry { object: Some(object), weak, references });
}

fn get_any(handle: *const c_void) -> Arc<dyn AnyObject> {
    match objects().get(&handle.addr()).map(|entry| entry.weak.upgrade()) {
        Some(Some(object)) => return object,
        Some(None) => {}
        None => misuse(format_args!("{handle:p} is no object of libdispatch")),
    }
    misuse(format_args!("{handle:p} has been released already"))
}

/// The object that the program means by a handle.
pub(super) fn get<T: Object>(handle: *const c_void) -> Arc<T> {
    let object = get_any(handle);
    let kind = object.kind();
    let object: Arc<dyn Any + Send + Sync> = object;
    object.downcast().unwrap_or_else(|_| {
        misuse(format_args!("{handle:p} is a dispatch {kind}, not a dispatch {}", T::KIND))
    })
}

extern "C" fn retain(handle: *mut c_void) {
    let _call = enter("dispatch_retain");
    let object = get_any(handle);
    let mut objects = objects();
    let Some(entry) = objects.get_mut(&handle.addr()) else { unreachable!("entries stay") };
    entry.references = entry.references.map(|references| references + 1);
    entry.object = Some(object);
}

extern "C" fn release(handle: *mut c_void) {
    let _call = enter("dispatch_release");
    let object = get_any(handle);
    let released = {
        let mut objects = objects();
        let Some(entry) = objects.get_mut(&handle.addr()) else { unreachable!("entries stay") };
        match entry.references {
            None => return,
            Some(0) => None,
            Some(references) => {
                entry.references = Some(references - 1);
                Some(if references == 1 { entry.object.take() } else { None })
            }
        }
    };
    match released {
        Some(Some(_last)) => object.check_release(),
        Some(None) => {}
        None => misuse(format_args!("{handle:p} has been released already")),
    }
}

extern "C" fn suspend(handle: *mut c_void) {
    let _call = enter("dispatch_suspend");
    get_any(handle).suspend();
}

extern "C" fn resume(handle: *mut c_void) {
    let _call = enter("dispatch_resume");
    get_any(handle).resume();
}

extern "C" fn activate(handle: *mut c_void) {
    let _call = enter("dispatch_activate");
    get_any(handle).activate();
}

extern "C" fn context(handle: *mut c_void) -> *mut c_void {
    let _call = enter("dispatch_get_context");
    get_any(handle).header().context()
}

extern "C" fn set_context(handle: *mut c_void, context: *mut c_void) {
    let _call = enter("dispatch_set_context");
    get_any(handle).header().context.store(context, Ordering::Release);
}

extern "C" fn set_finalizer(handle: *mut c_void, finalizer: *mut c_void) {
    let _call = enter("dispatch_set_finalizer_f");
    get_any(handle).header().finalizer.store(finalizer, Ordering::Release);
}
