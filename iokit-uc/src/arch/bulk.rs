//! Copying and filling in pieces, for machines whose memory need not be accessed aligned.

use super::{BLOCK, Vector, copy_blocks, fill_blocks};
use std::mem::MaybeUninit;

/// Bytes that are accessed at once: as many as the type has.
pub(super) trait Piece: Sized {
    /// # Safety
    ///
    /// The bytes are there to be read at `from`.
    unsafe fn load(from: *const u8) -> Self;
    /// # Safety
    ///
    /// The bytes are there to be read at `from`, and to be written at `to`.
    unsafe fn copy(from: *const u8, to: *mut u8);
    /// # Safety
    ///
    /// The bytes are there to be written at `to`.
    unsafe fn fill(to: *mut u8, pattern: u64);
}

/// # Safety
///
/// `length` bytes are there to be read at `from`, and to be written at `to`; these do not overlap.
#[inline]
pub(in crate::arch) unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    /// # Safety
    ///
    /// As for `copy`; and `length` is at least the size of `P`, and at most twice that.
    #[inline(always)]
    unsafe fn ends<P: Piece>(from: *const u8, to: *mut u8, length: usize) {
        let last = length - size_of::<P>();
        // SAFETY: both pieces are within the length.
        unsafe {
            P::copy(from, to);
            P::copy(from.wrapping_add(last), to.wrapping_add(last));
        }
    }
    // SAFETY: each arm copies all bytes and no others: two pieces that meet or overlap; or pieces one after the other, and one
    // that ends where the length does.
    unsafe {
        match length {
            0 => {}
            1 => u8::copy(from, to),
            2..4 => ends::<u16>(from, to, length),
            4..8 => ends::<u32>(from, to, length),
            8..16 => ends::<u64>(from, to, length),
            16..=32 => ends::<Vector>(from, to, length),
            _ => {
                let blocks = length / BLOCK * BLOCK;
                if blocks > 0 {
                    copy_blocks(from, to, blocks);
                }
                if blocks < length {
                    let last = length - size_of::<Vector>();
                    for piece in (blocks..last).step_by(size_of::<Vector>()) {
                        Vector::copy(from.wrapping_add(piece), to.wrapping_add(piece));
                    }
                    Vector::copy(from.wrapping_add(last), to.wrapping_add(last));
                }
            }
        }
    }
}

/// The longest value, in bytes, that is read in pieces.
const VALUE: usize = 128;

/// # Safety
///
/// As many bytes as `T` has are there to be read at `from`.
#[inline(always)]
pub(in crate::arch) unsafe fn read<T>(from: *const u8) -> MaybeUninit<T> {
    /// # Safety
    ///
    /// The bytes of `P` are there to be read at `from + at`, and to be written at `to + at`.
    #[inline(always)]
    unsafe fn piece<P: Piece>(from: *const u8, to: *mut u8, at: &mut usize) {
        // SAFETY: the caller's.
        unsafe { to.add(*at).cast::<P>().write_unaligned(P::load(from.wrapping_add(*at))) }
        *at += size_of::<P>();
    }
    let length = size_of::<T>();
    let mut value = MaybeUninit::<T>::uninit();
    let to = value.as_mut_ptr().cast::<u8>();
    // SAFETY: `value` has as many bytes as are to be read. All are, and no others: as many vectors as there are, and of what is
    // left, which is less than one, a piece for each power of two in it.
    unsafe {
        if length > VALUE {
            copy(from, to, length);
            return value;
        }
        // No instruction is given the address of `value`, so that the compiler can keep it in registers.
        let mut at = 0;
        while length - at >= size_of::<Vector>() {
            piece::<Vector>(from, to, &mut at);
        }
        if length & 8 != 0 {
            piece::<u64>(from, to, &mut at);
        }
        if length & 4 != 0 {
            piece::<u32>(from, to, &mut at);
        }
        if length & 2 != 0 {
            piece::<u16>(from, to, &mut at);
        }
        if length & 1 != 0 {
            piece::<u8>(from, to, &mut at);
        }
    }
    value
}

/// # Safety
///
/// `length` bytes are there to be written at `to`: a multiple of the size of `W`, with which the pattern repeats.
#[inline]
pub(in crate::arch) unsafe fn fill(to: *mut u8, pattern: u64, length: usize) {
    /// # Safety
    ///
    /// As for `fill`; and `length` is at least the size of `P`, and at most twice that.
    #[inline(always)]
    unsafe fn ends<P: Piece>(to: *mut u8, pattern: u64, length: usize) {
        // SAFETY: both pieces are within the length.
        unsafe {
            P::fill(to, pattern);
            P::fill(to.wrapping_add(length - size_of::<P>()), pattern);
        }
    }
    // SAFETY: as in `copy`. Each piece starts at a word: it is no smaller than one, as the length is at least one and less than
    // two pieces, or the length is 0; so where it starts is a multiple of a word's size.
    unsafe {
        match length {
            0 => {}
            1 => u8::fill(to, pattern),
            2..4 => ends::<u16>(to, pattern, length),
            4..8 => ends::<u32>(to, pattern, length),
            8..16 => ends::<u64>(to, pattern, length),
            16..=32 => ends::<Vector>(to, pattern, length),
            _ => {
                let blocks = length / BLOCK * BLOCK;
                if blocks > 0 {
                    fill_blocks(to, pattern, blocks);
                }
                if blocks < length {
                    let last = length - size_of::<Vector>();
                    for piece in (blocks..last).step_by(size_of::<Vector>()) {
                        Vector::fill(to.wrapping_add(piece), pattern);
                    }
                    Vector::fill(to.wrapping_add(last), pattern);
                }
            }
        }
    }
}
