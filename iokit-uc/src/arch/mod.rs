//! The only instructions that touch mapped memory.
//!
//! Such memory is outside what Rust knows of: drivers and devices change it, so no reference ever points there, and every
//! access is one of these. On aarch64 they are instructions of their own, because a plain volatile access may be compiled
//! to one that writes its address back, which no hypervisor can emulate; on x86-64 they are volatile, and instructions where
//! order or bulk matters. Elsewhere, and under Miri, they are atomics: what a checker can follow. So they are wherever a
//! driver's memory is an allocation of Rust's, in which volatile accesses must not race.

mod word;

// The instructions of both machines name registers of 64 bits for addresses.
#[cfg(all(
    any(all(unix, feature = "sim"), target_os = "macos"),
    target_arch = "aarch64",
    target_pointer_width = "64",
    not(any(miri, iokit_uc_atomics))
))]
#[path = "aarch64.rs"]
mod machine;
#[cfg(all(
    any(all(unix, feature = "sim"), target_os = "macos"),
    target_arch = "x86_64",
    target_pointer_width = "64",
    not(any(miri, iokit_uc_atomics))
))]
#[path = "x86_64.rs"]
mod machine;
#[cfg(not(all(
    any(all(unix, feature = "sim"), target_os = "macos"),
    any(target_arch = "aarch64", target_arch = "x86_64"),
    target_pointer_width = "64",
    not(any(miri, iokit_uc_atomics))
)))]
#[path = "atomics.rs"]
mod machine;

#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;
pub use word::Word;

/// Whether bulk goes byte by byte. Of racing atomics Rust allows only those of one size, so that single elements must then
/// go byte by byte too.
pub(crate) const BYTEWISE: bool = cfg!(not(all(
    any(all(unix, feature = "sim"), target_os = "macos"),
    any(target_arch = "aarch64", target_arch = "x86_64"),
    target_pointer_width = "64",
    not(any(miri, iokit_uc_atomics))
)));

/// Loads the word at `base + OFFSET`, in one instruction, neither wider nor narrower.
///
/// # Safety
///
/// The word lies in memory that is mapped for reading, and is aligned.
#[inline(always)]
pub(crate) unsafe fn load<W: Word, const OFFSET: usize>(base: *const u8) -> W {
    // SAFETY: the caller's.
    unsafe { W::load::<OFFSET>(base) }
}

/// Stores a word at `base + OFFSET`, in one instruction, neither wider nor narrower.
///
/// # Safety
///
/// The word lies in memory that is mapped for reading and writing, and is aligned.
#[inline(always)]
pub(crate) unsafe fn store<W: Word, const OFFSET: usize>(base: *mut u8, word: W) {
    // SAFETY: the caller's.
    unsafe { word.store::<OFFSET>(base) }
}

/// Loads an aligned `u32`; what this thread accesses later is accessed after it.
///
/// # Safety
///
/// As for [`load`].
#[inline(always)]
pub(crate) unsafe fn load_acquire(address: *const u32) -> u32 {
    // SAFETY: the caller's.
    unsafe { machine::load_acquire(address) }
}

/// Stores an aligned `u32`; what this thread has accessed before is accessed before it.
///
/// # Safety
///
/// As for [`store`].
#[inline(always)]
pub(crate) unsafe fn store_release(address: *mut u32, word: u32) {
    // SAFETY: the caller's.
    unsafe { machine::store_release(address, word) }
}

/// What this thread has accessed before is accessed before what it accesses later, stores before loads among them.
#[inline(always)]
pub(crate) fn fence() {
    machine::fence();
}

/// As [`fence`], and devices see it so too, whatever buffers lie between.
#[inline(always)]
pub(crate) fn barrier() {
    machine::barrier();
}

/// Copies `length` bytes out of mapped memory, by instructions of any width.
///
/// # Safety
///
/// `from` is mapped for reading, and is no device's memory; `to` is the caller's own, to be written; neither need be aligned.
#[inline(always)]
pub(crate) unsafe fn copy_out(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: the caller's; what is mapped is not the caller's own, so they do not overlap.
    unsafe { machine::copy_out(from, to, length) }
}

/// The bytes of a `T`, of which all are written, out of mapped memory, by instructions of any width. A small one need not
/// pass through memory, as one that is copied does.
///
/// # Safety
///
/// `from` is mapped for reading, and is no device's memory; it need not be aligned.
#[inline(always)]
pub(crate) unsafe fn read<T>(from: *const u8) -> MaybeUninit<T> {
    // SAFETY: the caller's.
    unsafe { machine::read(from) }
}

/// Copies `length` bytes into mapped memory, by instructions of any width.
///
/// # Safety
///
/// `to` is mapped for writing, and is no device's memory; `from` is the caller's own, to be read; neither need be aligned.
#[inline(always)]
pub(crate) unsafe fn copy_in(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: the caller's; what is mapped is not the caller's own, so they do not overlap.
    unsafe { machine::copy_in(from, to, length) }
}

/// Fills `count` words of mapped memory with `word`, by instructions of any width.
///
/// # Safety
///
/// As for [`copy_in`]; `to` need not be aligned.
#[inline(always)]
pub(crate) unsafe fn fill<W: Word>(to: *mut u8, word: W, count: usize) {
    let repeated = word.into() * (u64::MAX / (u64::MAX >> (64 - 8 * size_of::<W>())));
    // SAFETY: the caller's; the words are mapped, so that their size is no overflow.
    unsafe { machine::fill(to, repeated, count * size_of::<W>()) }
}

/// Copies `count` words of exactly this width out of mapped memory, one after the other, ascending.
///
/// # Safety
///
/// `from` is mapped for reading and aligned; `to` is the caller's own, to be written, and need not be aligned.
#[inline]
pub(crate) unsafe fn copy_words_out<W: Word>(from: *const u8, to: *mut u8, count: usize) {
    for word in 0..count {
        let offset = word * size_of::<W>();
        // SAFETY: the caller's: the word is one of `count` in both places.
        unsafe { to.add(offset).cast::<W>().write_unaligned(load::<W, 0>(from.wrapping_add(offset))) }
    }
}

/// Copies `count` words of exactly this width into mapped memory, one after the other, ascending.
///
/// # Safety
///
/// `to` is mapped for writing and aligned; `from` is the caller's own, to be read, and need not be aligned.
#[inline]
pub(crate) unsafe fn copy_words_in<W: Word>(from: *const u8, to: *mut u8, count: usize) {
    for word in 0..count {
        let offset = word * size_of::<W>();
        // SAFETY: the caller's: the word is one of `count` in both places.
        unsafe { store::<W, 0>(to.wrapping_add(offset), from.add(offset).cast::<W>().read_unaligned()) }
    }
}
