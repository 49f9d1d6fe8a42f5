//! Accesses as atomics: words for registers, bytes for bulk.
//!
//! Relaxed loads alone work where memory is mapped for reading only, so what acquires is a fence.

use super::word::Instructions;
use std::mem::MaybeUninit;
use std::sync::atomic::{
    AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};

/// Miri may fail on a plain store of a word over its bytes, each stored on its own: rust-lang/miri#5185.
macro_rules! put {
    ($place:expr, $word:expr, $order:expr) => {
        if cfg!(miri) {
            $place.swap($word, $order);
        } else {
            $place.store($word, $order);
        }
    };
}

macro_rules! words {
    ($($word:ident $atomic:ident)*) => {$(
        impl Instructions for $word {
            #[inline(always)]
            unsafe fn load<const OFFSET: usize>(base: *const u8) -> Self {
                // SAFETY: the word is mapped for reading and aligned, and the reference ends here. Everyone's accesses to it
                // are atomic, and a cell allows others to write.
                unsafe { (*base.wrapping_add(OFFSET).cast::<$atomic>()).load(Relaxed) }
            }

            #[inline(always)]
            unsafe fn store<const OFFSET: usize>(self, base: *mut u8) {
                // SAFETY: as in `load`, and it is mapped for writing.
                let place = unsafe { &*base.wrapping_add(OFFSET).cast::<$atomic>() };
                put!(place, self, Relaxed);
            }
        }
    )*};
}

words! { u8 AtomicU8 u16 AtomicU16 u32 AtomicU32 u64 AtomicU64 }

/// # Safety
///
/// As for [`load_acquire`](super::load_acquire).
#[inline(always)]
pub(super) unsafe fn load_acquire(address: *const u32) -> u32 {
    // SAFETY: the caller's.
    let word = unsafe { u32::load::<0>(address.cast()) };
    std::sync::atomic::fence(Acquire);
    word
}

/// # Safety
///
/// As for [`store_release`](super::store_release).
#[inline(always)]
pub(super) unsafe fn store_release(address: *mut u32, word: u32) {
    // SAFETY: the place is mapped for reading and writing and aligned, and the reference ends here.
    let place = unsafe { &*address.cast::<AtomicU32>() };
    put!(place, word, Release);
}

#[inline(always)]
pub(super) fn fence() {
    std::sync::atomic::fence(SeqCst);
}

pub(super) use fence as barrier;

/// # Safety
///
/// `length` bytes: `from` is mapped for reading, `to` is the caller's own.
#[inline]
pub(super) unsafe fn copy_out(from: *const u8, to: *mut u8, length: usize) {
    for byte in 0..length {
        // SAFETY: it is one of `length` in both places.
        unsafe { to.add(byte).write(u8::load::<0>(from.wrapping_add(byte))) }
    }
}

/// # Safety
///
/// `from` is mapped for reading, for as many bytes as `T` has.
#[inline]
pub(super) unsafe fn read<T>(from: *const u8) -> MaybeUninit<T> {
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: `value` has as many bytes.
    unsafe { copy_out(from, value.as_mut_ptr().cast(), size_of::<T>()) };
    value
}

/// # Safety
///
/// `length` bytes: `from` is the caller's own, `to` is mapped for writing.
#[inline]
pub(super) unsafe fn copy_in(from: *const u8, to: *mut u8, length: usize) {
    for byte in 0..length {
        // SAFETY: it is one of `length` in both places.
        unsafe { from.add(byte).read().store::<0>(to.wrapping_add(byte)) }
    }
}

/// # Safety
///
/// `to` is mapped for writing, for `length` bytes.
#[inline]
pub(super) unsafe fn fill(to: *mut u8, pattern: u64, length: usize) {
    let pattern = pattern.to_ne_bytes();
    for byte in 0..length {
        // SAFETY: it is one of `length`.
        unsafe { pattern[byte % pattern.len()].store::<0>(to.wrapping_add(byte)) }
    }
}
