//! Accesses as instructions of aarch64.

#[path = "bulk.rs"]
mod bulk;

use super::word::Instructions;
use bulk::Piece;
use std::arch::aarch64::uint8x16_t as Vector;
use std::arch::asm;

pub(super) use bulk::{copy as copy_in, copy as copy_out, fill, read};

/// What the loops of bulk accesses do in a round, in bytes.
const BLOCK: usize = 64;

/// An offset, as an immediate if it fits: that of a load is unsigned, of 12 bits, in words.
struct Offset<W, const OFFSET: usize>(W);

impl<W, const OFFSET: usize> Offset<W, OFFSET> {
    const FITS: bool = OFFSET.is_multiple_of(size_of::<W>()) && OFFSET / size_of::<W>() < 1 << 12;
    /// Where it does not fit it is 0, as instructions that are never executed are assembled too.
    const IMMEDIATE: usize = if Self::FITS { OFFSET } else { 0 };
}

macro_rules! words {
    ($($word:ident $load:literal $store:literal $register:literal)*) => {$(
        impl Instructions for $word {
            #[inline(always)]
            unsafe fn load<const OFFSET: usize>(base: *const u8) -> Self {
                let word;
                // SAFETY: the word is mapped for reading, and aligned as a device's must be. Nothing else is read, and nothing
                // written: what a read makes a device do, it does where Rust has no memory.
                unsafe {
                    if Offset::<Self, OFFSET>::FITS {
                        asm!(
                            concat!($load, " {word:", $register, "}, [{base}, #{offset}]"),
                            word = lateout(reg) word,
                            base = in(reg) base,
                            offset = const Offset::<Self, OFFSET>::IMMEDIATE,
                            options(nostack, preserves_flags, readonly),
                        );
                    } else {
                        asm!(
                            concat!($load, " {word:", $register, "}, [{base}, {offset}]"),
                            word = lateout(reg) word,
                            base = in(reg) base,
                            offset = in(reg) OFFSET,
                            options(nostack, preserves_flags, readonly),
                        );
                    }
                }
                word
            }

            #[inline(always)]
            unsafe fn store<const OFFSET: usize>(self, base: *mut u8) {
                // SAFETY: the word is mapped for writing, and aligned as a device's must be. Nothing else is written.
                unsafe {
                    if Offset::<Self, OFFSET>::FITS {
                        asm!(
                            concat!($store, " {word:", $register, "}, [{base}, #{offset}]"),
                            word = in(reg) self,
                            base = in(reg) base,
                            offset = const Offset::<Self, OFFSET>::IMMEDIATE,
                            options(nostack, preserves_flags),
                        );
                    } else {
                        asm!(
                            concat!($store, " {word:", $register, "}, [{base}, {offset}]"),
                            word = in(reg) self,
                            base = in(reg) base,
                            offset = in(reg) OFFSET,
                            options(nostack, preserves_flags),
                        );
                    }
                }
            }
        }
    )*};
}

words! {
    u8 "ldrb" "strb" "w"
    u16 "ldrh" "strh" "w"
    u32 "ldr" "str" "w"
    u64 "ldr" "str" "x"
}

/// # Safety
///
/// As for [`load_acquire`](super::load_acquire).
#[inline(always)]
pub(super) unsafe fn load_acquire(address: *const u32) -> u32 {
    let word;
    // SAFETY: the word is mapped for reading, and aligned. To the compiler all memory may change here, so that nothing moves
    // ahead of it; to the processor it is an acquire.
    unsafe {
        asm!(
            "ldar {word:w}, [{address}]",
            word = lateout(reg) word,
            address = in(reg) address,
            options(nostack, preserves_flags),
        );
    }
    word
}

/// # Safety
///
/// As for [`store_release`](super::store_release).
#[inline(always)]
pub(super) unsafe fn store_release(address: *mut u32, word: u32) {
    // SAFETY: the word is mapped for writing, and aligned. To the compiler all memory may be read here, so that nothing moves
    // behind it; to the processor it is a release.
    unsafe {
        asm!(
            "stlr {word:w}, [{address}]",
            word = in(reg) word,
            address = in(reg) address,
            options(nostack, preserves_flags),
        );
    }
}

#[inline(always)]
pub(super) fn fence() {
    // SAFETY: it accesses nothing.
    unsafe { asm!("dmb ish", options(nostack, preserves_flags)) }
}

#[inline(always)]
pub(super) fn barrier() {
    // Among all that access memory, and not the processors alone.
    // SAFETY: it accesses nothing.
    unsafe { asm!("dmb sy", options(nostack, preserves_flags)) }
}

macro_rules! pieces {
    ($($piece:ty: $class:ident $load:literal $store:literal $register:literal, $fill:literal)*) => {$(
        impl Piece for $piece {
            #[inline(always)]
            unsafe fn load(from: *const u8) -> Self {
                let piece;
                // SAFETY: it is these bytes alone that are read.
                unsafe {
                    asm!(
                        concat!($load, " {piece:", $register, "}, [{from}]"),
                        piece = lateout($class) piece,
                        from = in(reg) from,
                        options(nostack, preserves_flags, readonly),
                    );
                }
                piece
            }

            #[inline(always)]
            unsafe fn copy(from: *const u8, to: *mut u8) {
                // SAFETY: it is these bytes alone that are read and written.
                unsafe {
                    asm!(
                        concat!($load, " {piece:", $register, "}, [{from}]"),
                        concat!($store, " {piece:", $register, "}, [{to}]"),
                        piece = out($class) _,
                        from = in(reg) from,
                        to = in(reg) to,
                        options(nostack, preserves_flags),
                    );
                }
            }

            #[inline(always)]
            unsafe fn fill(to: *mut u8, pattern: u64) {
                // SAFETY: it is these bytes alone that are written.
                unsafe {
                    asm!(
                        concat!($fill, ", [{to}]"),
                        pattern = in(reg) pattern,
                        to = in(reg) to,
                        options(nostack, preserves_flags),
                    );
                }
            }
        }
    )*};
}

pieces! {
    u8: reg "ldrb" "strb" "w", "strb {pattern:w}"
    u16: reg "ldrh" "strh" "w", "strh {pattern:w}"
    u32: reg "ldr" "str" "w", "str {pattern:w}"
    u64: reg "ldr" "str" "x", "str {pattern}"
    Vector: vreg "ldr" "str" "q", "stp {pattern}, {pattern}"
}

/// # Safety
///
/// `length` bytes are there to be read at `from`, and to be written at `to`: a multiple of [`BLOCK`], and not 0.
#[inline(always)]
unsafe fn copy_blocks(from: *const u8, to: *mut u8, length: usize) {
    // SAFETY: each round copies the next block of as many as there are, and there is one.
    unsafe {
        asm!(
            "2:",
            "ldp {a:q}, {b:q}, [{from}]",
            "ldp {c:q}, {d:q}, [{from}, #32]",
            "add {from}, {from}, #64",
            "stp {a:q}, {b:q}, [{to}]",
            "stp {c:q}, {d:q}, [{to}, #32]",
            "add {to}, {to}, #64",
            "cmp {to}, {end}",
            "b.ne 2b",
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            end = in(reg) to.wrapping_add(length),
            a = out(vreg) _,
            b = out(vreg) _,
            c = out(vreg) _,
            d = out(vreg) _,
            options(nostack),
        );
    }
}

/// # Safety
///
/// `length` bytes are there to be written at `to`: a multiple of [`BLOCK`], and not 0.
#[inline(always)]
unsafe fn fill_blocks(to: *mut u8, pattern: u64, length: usize) {
    // SAFETY: each round fills the next block of as many as there are, and there is one.
    unsafe {
        asm!(
            "dup {v}.2d, {pattern}",
            "2:",
            "stp {v:q}, {v:q}, [{to}]",
            "stp {v:q}, {v:q}, [{to}, #32]",
            "add {to}, {to}, #64",
            "cmp {to}, {end}",
            "b.ne 2b",
            to = inout(reg) to => _,
            end = in(reg) to.wrapping_add(length),
            pattern = in(reg) pattern,
            v = out(vreg) _,
            options(nostack),
        );
    }
}
