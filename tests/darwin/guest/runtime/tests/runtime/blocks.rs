//! Blocks, made by hand as a compiler for C does: those of C programs are tested in C.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};

use darwin_runtime_tests::dispatch::*;

#[repr(C)]
struct Descriptor {
    reserved: usize,
    size: usize,
    copy: extern "C" fn(*mut Block, *const Block),
    dispose: extern "C" fn(*mut Block),
}

#[repr(C)]
struct Block {
    class: *const c_void,
    flags: i32,
    reserved: i32,
    invoke: extern "C" fn(*const Block),
    descriptor: *const Descriptor,
    counts: &'static Counts,
}

#[repr(C)]
#[derive(Default)]
struct Counts {
    copied: AtomicU32,
    called: AtomicU32,
    disposed: AtomicU32,
}

impl Counts {
    fn get(&self) -> [u32; 3] {
        [&self.copied, &self.called, &self.disposed].map(|count| count.load(Ordering::SeqCst))
    }
}

extern "C" fn copy(to: *mut Block, from: *const Block) {
    // SAFETY: both are blocks.
    unsafe {
        assert!(!std::ptr::eq(to, from));
        (*to).counts.copied.fetch_add(1, Ordering::SeqCst);
    }
}

extern "C" fn dispose(block: *mut Block) {
    // SAFETY: a block.
    unsafe { (*block).counts.disposed.fetch_add(1, Ordering::SeqCst) };
}

extern "C" fn invoke(block: *const Block) {
    // SAFETY: a block.
    unsafe { (*block).counts.called.fetch_add(1, Ordering::SeqCst) };
}

const HAS_HELPERS: i32 = 1 << 25;
const IS_GLOBAL: i32 = 1 << 28;

static DESCRIPTOR: Descriptor = Descriptor { reserved: 0, size: size_of::<Block>(), copy, dispose };

unsafe extern "C" {
    static _NSConcreteStackBlock: c_void;
    fn _Block_copy(block: *const Block) -> *const Block;
    fn _Block_release(block: *const Block);
}

fn block(flags: i32) -> Block {
    let counts = Box::leak(Box::default());
    Block {
        class: &raw const _NSConcreteStackBlock,
        flags,
        reserved: 0,
        invoke,
        descriptor: &DESCRIPTOR,
        counts,
    }
}

#[test]
fn a_block_is_copied_once_and_disposed_of_with_its_last_reference() {
    let original = block(HAS_HELPERS);
    // SAFETY: a block, and as many releases as copies.
    unsafe {
        let copy = _Block_copy(&original);
        assert!(!std::ptr::eq(copy, &original));
        assert!(std::ptr::eq(_Block_copy(copy), copy));
        assert_eq!(original.counts.get(), [1, 0, 0]);
        ((*copy).invoke)(copy);
        _Block_release(copy);
        assert_eq!(original.counts.get(), [1, 1, 0]);
        _Block_release(copy);
    }
    assert_eq!(original.counts.get(), [1, 1, 1]);
}

#[test]
fn a_global_block_is_its_own_copy() {
    let original = block(IS_GLOBAL | HAS_HELPERS);
    // SAFETY: a block.
    unsafe {
        let copy = _Block_copy(&original);
        assert!(std::ptr::eq(copy, &original));
        _Block_release(copy);
        assert!(_Block_copy(null()).is_null());
    }
    assert_eq!(original.counts.get(), [0, 0, 0]);
}

#[test]
fn a_queue_runs_a_copy_of_a_block() {
    extern "C" fn nothing(_: *mut c_void) {}
    // SAFETY: the block may be called on any thread.
    unsafe {
        let queue = dispatch_queue_create(c"blocks".as_ptr(), null());
        let counts = {
            let original = block(HAS_HELPERS);
            dispatch_async(queue, (&raw const original).cast());
            original.counts
        };
        // Twice: after the first, the block has been called; after the second, it has been disposed of.
        dispatch_sync_f(queue, null_mut(), nothing);
        dispatch_sync_f(queue, null_mut(), nothing);
        assert_eq!(counts.get(), [1, 1, 1]);
        dispatch_release(queue);
    }
}
