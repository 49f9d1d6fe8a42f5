//! `CFAllocator`: the C library's memory, no memory, or the program's own functions.
//!
//! Objects themselves are not in an allocator's memory. One of the program's own gives and takes what the program asks it
//! for, and the bytes that it handed over "without copying".

use crate::abi::{CFAllocatorContext, CFAllocatorRef, CFIndex, CFOptionFlags, CFTypeID, CFTypeRef, Opaque};
use crate::constant::Constant;
use crate::object::{Class, Contents, Kind, make, of};
use crate::ownership::Hold;
use darwin_calls::misuse;
use std::ffi::c_void;
use std::ptr;

/// Stays null: the program's default, which is the system's.
pub(crate) static kCFAllocatorDefault: Constant = Constant::null();
pub(crate) static kCFAllocatorSystemDefault: Constant = Constant::null();
pub(crate) static kCFAllocatorMalloc: Constant = Constant::null();
pub(crate) static kCFAllocatorMallocZone: Constant = Constant::null();
pub(crate) static kCFAllocatorNull: Constant = Constant::null();
pub(crate) static kCFAllocatorUseContext: Constant = Constant::null();

pub(crate) fn init() {
    kCFAllocatorSystemDefault.set(Allocator::C);
    kCFAllocatorMalloc.set(Allocator::C);
    kCFAllocatorMallocZone.set(Allocator::C);
    kCFAllocatorNull.set(Allocator::None);
    kCFAllocatorUseContext.set(Allocator::OfContext);
}

enum Allocator {
    C,
    None,
    /// Of the functions that it is asked to be made of.
    OfContext,
    Program(Program),
}

struct Program {
    context: Functions,
    info: Opaque,
}

/// The functions of a context.
struct Functions(CFAllocatorContext);

// SAFETY: its `info` is not used but as the program's `Opaque`, and functions are for any thread to call.
unsafe impl Send for Functions {}
// SAFETY: as above.
unsafe impl Sync for Functions {}

pub(crate) static CLASS: Class = Class { name: "CFAllocator", id: 2 };

impl Contents for Allocator {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn dismantle(&self) {
        if let Allocator::Program(Program { context: Functions(context), info }) = self
            && let Some(release) = context.release
        {
            // SAFETY: the program gave the function for this value.
            unsafe { release(info.get()) }
        }
    }
}

impl Kind for Allocator {
    const CLASS: &'static Class = &CLASS;
}

/// What an object's allocator is for the object.
pub(crate) enum Choice {
    Default,
    Nothing,
    Own(Hold),
}

/// What `allocator` means for objects that are made with it.
pub(crate) fn of_new_objects(allocator: CFAllocatorRef) -> Choice {
    if allocator.is_null() {
        return Choice::Default;
    }
    match &*of::<Allocator>(allocator) {
        Allocator::None => Choice::Nothing,
        Allocator::OfContext => misuse("kCFAllocatorUseContext is for CFAllocatorCreate only"),
        Allocator::C | Allocator::Program(_) => Choice::Own(Hold::of(allocator)),
    }
}

pub(crate) fn system_default() -> CFAllocatorRef {
    kCFAllocatorSystemDefault.get()
}

/// Memory of the program's that an object was given "without copying", to be freed when the object no longer needs it.
pub(crate) struct Given {
    memory: Opaque,
    deallocator: Hold,
}

impl Given {
    pub(crate) fn new(memory: *const c_void, deallocator: CFAllocatorRef) -> Self {
        let deallocator = if deallocator.is_null() { system_default() } else { deallocator };
        of::<Allocator>(deallocator);
        Self { memory: Opaque(memory), deallocator: Hold::of(deallocator) }
    }

    /// Frees it.
    pub(crate) fn give_back(self) {
        if !self.memory.get().is_null() {
            // SAFETY: the program handed the memory over for this allocator to free.
            unsafe { CFAllocatorDeallocate(self.deallocator.reference(), self.memory.get_mut()) }
        }
    }
}

pub(crate) unsafe fn CFAllocatorCreate(
    allocator: CFAllocatorRef,
    context: *mut CFAllocatorContext,
) -> CFAllocatorRef {
    if context.is_null() {
        misuse("a null pointer was given for a context")
    }
    // SAFETY: not null, so a context by the caller's promise.
    let context = unsafe { *context };
    let of_itself = allocator == kCFAllocatorUseContext.get();
    if of_itself && context.allocate.is_none() {
        return ptr::null();
    }
    let info = match context.retain {
        // SAFETY: the program gave the function for this value.
        Some(retain) => unsafe { retain(context.info) },
        None => context.info,
    };
    let contents = Allocator::Program(Program { context: Functions(context), info: Opaque(info) });
    make(if of_itself { ptr::null() } else { allocator }, contents)
}

pub(crate) unsafe fn CFAllocatorAllocate(
    allocator: CFAllocatorRef,
    size: CFIndex,
    hint: CFOptionFlags,
) -> *mut c_void {
    let Ok(bytes @ 1..) = usize::try_from(size) else { return ptr::null_mut() };
    with(allocator, |kind| match kind {
        // SAFETY: has no preconditions.
        Allocator::C => unsafe { libc::malloc(bytes) },
        Allocator::None | Allocator::OfContext => ptr::null_mut(),
        Allocator::Program(Program { context: Functions(context), info }) => match context.allocate {
            // SAFETY: the program gave the function for this value.
            Some(allocate) => unsafe { allocate(size, hint, info.get_mut()) },
            None => ptr::null_mut(),
        },
    })
}

pub(crate) unsafe fn CFAllocatorReallocate(
    allocator: CFAllocatorRef,
    memory: *mut c_void,
    size: CFIndex,
    hint: CFOptionFlags,
) -> *mut c_void {
    if memory.is_null() {
        // SAFETY: by the caller's promise.
        return unsafe { CFAllocatorAllocate(allocator, size, hint) };
    }
    let Ok(bytes @ 1..) = usize::try_from(size) else {
        // SAFETY: by the caller's promise.
        unsafe { CFAllocatorDeallocate(allocator, memory) };
        return ptr::null_mut();
    };
    with(allocator, |kind| match kind {
        // SAFETY: the allocator's memory by the caller's promise.
        Allocator::C => unsafe { libc::realloc(memory, bytes) },
        Allocator::None | Allocator::OfContext => ptr::null_mut(),
        Allocator::Program(Program { context: Functions(context), info }) => match context.reallocate {
            // SAFETY: the program gave the function for this value.
            Some(reallocate) => unsafe { reallocate(memory, size, hint, info.get_mut()) },
            None => ptr::null_mut(),
        },
    })
}

pub(crate) unsafe fn CFAllocatorDeallocate(allocator: CFAllocatorRef, memory: *mut c_void) {
    with(allocator, |kind| match kind {
        // SAFETY: the allocator's memory by the caller's promise.
        Allocator::C => unsafe { libc::free(memory) },
        Allocator::None | Allocator::OfContext => {}
        Allocator::Program(Program { context: Functions(context), info }) => {
            if let Some(deallocate) = context.deallocate {
                // SAFETY: the program gave the function for this value.
                unsafe { deallocate(memory, info.get_mut()) }
            }
        }
    })
}

fn with<R>(allocator: CFAllocatorRef, action: impl FnOnce(&Allocator) -> R) -> R {
    if allocator.is_null() { action(&Allocator::C) } else { action(&of::<Allocator>(allocator)) }
}

pub(crate) fn CFAllocatorGetDefault() -> CFAllocatorRef {
    system_default()
}

pub(crate) fn CFAllocatorGetTypeID() -> CFTypeID {
    CLASS.id
}

/// `CFGetAllocator`
pub(crate) fn CFGetAllocator(object: CFTypeRef) -> CFAllocatorRef {
    match crate::object::find(object).allocator() {
        Some(hold) => hold.reference(),
        None => system_default(),
    }
}
