//! Blocks, the closures of C: copied from the stack of the function that makes them to the heap, with what they have
//! captured.
//!
//! Their layout is the one that clang's "Block Implementation Specification" gives.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

use darwin_calls::{enter, misuse};
use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = exports![
        copy as "_Block_copy",
        release as "_Block_release",
        assign as "_Block_object_assign",
        dispose as "_Block_object_dispose",
    ];
    exports.extend([
        Export::variable("_NSConcreteStackBlock", &STACK_CLASS),
        Export::variable("_NSConcreteGlobalBlock", &GLOBAL_CLASS),
        Export::variable("_NSConcreteMallocBlock", &HEAP_CLASS),
    ]);
    exports
}

type Class = [usize; 32];

static STACK_CLASS: Class = [0; 32];
static GLOBAL_CLASS: Class = [0; 32];
static HEAP_CLASS: Class = [0; 32];

/// A block; what it has captured follows.
#[repr(C)]
pub(crate) struct Block {
    class: *const Class,
    /// [`flags`], and for one on the heap twice the number of references to it.
    flags: AtomicI32,
    reserved: c_int,
    /// Takes the block, then its arguments.
    invoke: *const c_void,
    descriptor: *const Descriptor,
}

#[repr(C)]
struct Descriptor {
    reserved: usize,
    size: usize,
    /// Only with [`flags::HAS_HELPERS`].
    copy: unsafe extern "C" fn(*mut c_void, *const c_void),
    dispose: unsafe extern "C" fn(*mut c_void),
}

/// A variable that blocks share, `__block`; its value follows.
#[repr(C)]
struct Variable {
    class: *const Class,
    /// Where it is now: itself, or its copy on the heap.
    forwarding: *mut Variable,
    flags: AtomicI32,
    size: u32,
    /// Only with [`flags::HAS_HELPERS`].
    copy: unsafe extern "C" fn(*mut c_void, *const c_void),
    dispose: unsafe extern "C" fn(*mut c_void),
}

mod flags {
    pub(super) const REFERENCES: i32 = 0xfffe;
    pub(super) const REFERENCE: i32 = 2;
    pub(super) const ON_HEAP: i32 = 1 << 24;
    pub(super) const HAS_HELPERS: i32 = 1 << 25;
    pub(super) const GLOBAL: i32 = 1 << 28;
}

/// What a block has captured, as its helpers say: the kinds that C has.
mod captured {
    pub(super) const OBJECT: i32 = 3;
    pub(super) const BLOCK: i32 = 7;
    pub(super) const VARIABLE: i32 = 8;
    /// With the others: inside a shared variable, which holds no reference.
    pub(super) const WITHIN_VARIABLE: i32 = 128;
    pub(super) const KIND: i32 = 15;
}

/// Takes one reference away, and returns whether it was the last.
fn release_reference(object_flags: &AtomicI32) -> bool {
    let before = object_flags.fetch_sub(flags::REFERENCE, Ordering::AcqRel);
    if before & flags::REFERENCES == 0 {
        let _call = enter("_Block_release");
        misuse("the block has been released already");
    }
    before & flags::REFERENCES == flags::REFERENCE
}

/// # Safety
/// `size` bytes at `object` must be readable.
unsafe fn copy_to_heap<T>(object: *const T, size: usize) -> *mut T {
    // SAFETY: by the caller's promise; `malloc` returns as much, or null.
    unsafe {
        let copy = libc::malloc(size);
        assert!(!copy.is_null(), "out of memory");
        copy.copy_from_nonoverlapping(object.cast(), size);
        copy.cast()
    }
}

unsafe extern "C" fn copy(block: *const Block) -> *const Block {
    // SAFETY: by the caller's promise, it is null or a block, whose descriptor and helpers its compiler has made.
    unsafe {
        let Some(original) = block.as_ref() else { return block };
        let old = original.flags.load(Ordering::Relaxed);
        if old & flags::GLOBAL != 0 {
            return block;
        }
        if old & flags::ON_HEAP != 0 {
            original.flags.fetch_add(flags::REFERENCE, Ordering::Relaxed);
            return block;
        }
        let copy = copy_to_heap(block, (*original.descriptor).size);
        (*copy).class = &HEAP_CLASS;
        (*copy).flags = AtomicI32::new(old & !flags::REFERENCES | flags::ON_HEAP | flags::REFERENCE);
        if old & flags::HAS_HELPERS != 0 {
            ((*original.descriptor).copy)(copy.cast(), block.cast());
        }
        copy
    }
}

unsafe extern "C" fn release(block: *const Block) {
    // SAFETY: as in `copy`; the last reference of a copy on the heap frees it.
    unsafe {
        let Some(copy) = block.as_ref() else { return };
        let old = copy.flags.load(Ordering::Relaxed);
        if old & flags::ON_HEAP == 0 || !release_reference(&copy.flags) {
            return;
        }
        if old & flags::HAS_HELPERS != 0 {
            ((*copy.descriptor).dispose)(block.cast_mut().cast());
        }
        libc::free(block.cast_mut().cast());
    }
}

/// Copies what a block or a variable has captured, for its helper.
unsafe extern "C" fn assign(to: *mut *const c_void, object: *const c_void, kind: c_int) {
    // SAFETY: by the caller's promise, `object` is what `kind` says, and `to` a part of a copy.
    unsafe {
        to.write(match kind & captured::KIND {
            captured::BLOCK if kind & captured::WITHIN_VARIABLE == 0 => copy(object.cast()).cast(),
            captured::VARIABLE => copy_variable(object.cast_mut().cast()).cast(),
            captured::OBJECT if kind & captured::WITHIN_VARIABLE == 0 => objects_are_unknown(),
            _ => object,
        });
    }
}

unsafe extern "C" fn dispose(object: *const c_void, kind: c_int) {
    // SAFETY: as in `assign`.
    unsafe {
        match kind & captured::KIND {
            captured::BLOCK if kind & captured::WITHIN_VARIABLE == 0 => release(object.cast()),
            captured::VARIABLE => release_variable(object.cast_mut().cast()),
            _ => {}
        }
    }
}

fn objects_are_unknown() -> ! {
    let _call = enter("_Block_object_assign");
    misuse("a block has captured an Objective-C object")
}

/// # Safety
/// `variable` must be a shared variable.
unsafe fn copy_variable(variable: *mut Variable) -> *mut Variable {
    // SAFETY: by the caller's promise; its compiler has made its helpers.
    unsafe {
        let current = (*variable).forwarding;
        let old = (*current).flags.load(Ordering::Relaxed);
        if old & flags::ON_HEAP != 0 {
            (*current).flags.fetch_add(flags::REFERENCE, Ordering::Relaxed);
            return current;
        }
        let copy = copy_to_heap(current, (*current).size as usize);
        (*copy).class = ptr::null();
        (*copy).forwarding = copy;
        // One reference is the block's, one that of the function on whose stack the variable was.
        let references = 2 * flags::REFERENCE;
        (*copy).flags = AtomicI32::new(old & !flags::REFERENCES | flags::ON_HEAP | references);
        (*current).forwarding = copy;
        if old & flags::HAS_HELPERS != 0 {
            ((*current).copy)(copy.cast(), current.cast());
        }
        copy
    }
}

/// # Safety
/// `variable` must be a shared variable.
unsafe fn release_variable(variable: *mut Variable) {
    // SAFETY: as in `copy_variable`; the last reference frees the copy.
    unsafe {
        let current = (*variable).forwarding;
        let old = (*current).flags.load(Ordering::Relaxed);
        if old & flags::ON_HEAP == 0 || !release_reference(&(*current).flags) {
            return;
        }
        if old & flags::HAS_HELPERS != 0 {
            ((*current).dispose)(current.cast());
        }
        libc::free(current.cast());
    }
}

/// A reference to a block without a result, which can be called from any thread.
pub(crate) struct BlockReference(*const Block);

// SAFETY: programs hand their blocks to queues, to be called on other threads.
unsafe impl Send for BlockReference {}
// SAFETY: as above, and what calls one on two threads at once is a queue that the program has said may do so.
unsafe impl Sync for BlockReference {}

impl BlockReference {
    /// # Safety
    /// `block` must be a block that takes what it will be called with.
    pub(crate) unsafe fn new(block: *const Block) -> Self {
        // SAFETY: by the caller's promise.
        Self(unsafe { copy(block) })
    }

    pub(crate) fn call(&self) {
        // SAFETY: by the promise of `new`.
        unsafe {
            let invoke: extern "C" fn(*const Block) = std::mem::transmute((*self.0).invoke);
            invoke(self.0);
        }
    }

    pub(crate) fn call_with(&self, index: usize) {
        // SAFETY: by the promise of `new`.
        unsafe {
            let invoke: extern "C" fn(*const Block, usize) = std::mem::transmute((*self.0).invoke);
            invoke(self.0, index);
        }
    }
}

impl Drop for BlockReference {
    fn drop(&mut self) {
        // SAFETY: `new` has made the reference.
        unsafe { release(self.0) };
    }
}
