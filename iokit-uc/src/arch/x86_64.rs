//! Accesses as instructions of x86-64.

#[path = "bulk.rs"]
mod bulk;

use super::word::Instructions;
use bulk::Piece;
use std::arch::asm;
use std::arch::x86_64::__m128i as Vector;

pub(super) use bulk::{copy as copy_in, copy as copy_out, fill, read};

/// What the loops of bulk accesses do in a round, in bytes.
const BLOCK: usize = 64;

macro_rules! words {
    ($($word:ident)*) => {$(
        impl Instructions for $word {
            #[inline(always)]
            unsafe fn load<const OFFSET: usize>(base: *const u8) -> Self {
                // SAFETY: the word is aligned, and outside of what Rust allocates, where nothing else is asked of a volatile
                // access but that it neither traps, as it is mapped for reading, nor changes what Rust has.
                unsafe { base.wrapping_add(OFFSET).cast::<Self>().read_volatile() }
            }

            #[inline(always)]
            unsafe fn store<const OFFSET: usize>(self, base: *mut u8) {
                // SAFETY: as in `load`, and it is mapped for writing.
                unsafe { base.wrapping_add(OFFSET).cast::<Self>().write_volatile(self) }
            }
        }
    )*};
}

words! { u8 u16 u32 u64 }

/// # Safety
///
/// As for [`load_acquire`](super::load_acquire).
#[inline(always)]
pub(super) unsafe fn load_acquire(address: *const u32) -> u32 {
    let word;
    // SAFETY: the word is mapped for reading, and aligned. To the compiler all memory may change here, so that nothing moves
    // ahead of it; the processor moves nothing ahead of a load.
    unsafe {
        asm!(
            "mov {word:e}, dword ptr [{address}]",
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
    // behind it; the processor moves no access behind a store.
    unsafe {
        asm!(
            "mov dword ptr [{address}], {word:e}",
            word = in(reg) word,
            address = in(reg) address,
            options(nostack, preserves_flags),
        );
    }
}

#[inline(always)]
pub(super) fn fence() {
    // Any locked instruction orders what `mfence` does but for non-temporal loads, of which there are none, and takes a third
    // of the time; `std::sync::atomic::fence` is one too.
    let mut word = 0u32;
    // SAFETY: it accesses `word` alone.
    unsafe { asm!("lock or dword ptr [{word}], 0", word = in(reg) &raw mut word, options(nostack)) }
}

#[inline(always)]
pub(super) fn barrier() {
    // Write-combining buffers are emptied too.
    // SAFETY: it accesses nothing.
    unsafe { asm!("mfence", options(nostack, preserves_flags)) }
}

macro_rules! pieces {
    ($($piece:ident: $class:ident $register:literal)*) => {$(
        impl Piece for $piece {
            #[inline(always)]
            unsafe fn load(from: *const u8) -> Self {
                let piece;
                // SAFETY: it is these bytes alone that are read.
                unsafe {
                    asm!(
                        concat!("mov {piece", $register, "}, [{from}]"),
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
                        concat!("mov {piece", $register, "}, [{from}]"),
                        concat!("mov [{to}], {piece", $register, "}"),
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
                        concat!("mov [{to}], {pattern", $register, "}"),
                        pattern = in($class) pattern as $piece,
                        to = in(reg) to,
                        options(nostack, preserves_flags),
                    );
                }
            }
        }
    )*};
}

pieces! { u8: reg_byte "" u16: reg ":x" u32: reg ":e" u64: reg ":r" }

impl Piece for Vector {
    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        let piece;
        // SAFETY: it is these bytes alone that are read.
        unsafe {
            asm!(
                "movups {piece}, [{from}]",
                piece = lateout(xmm_reg) piece,
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
                "movups {piece}, [{from}]",
                "movups [{to}], {piece}",
                piece = out(xmm_reg) _,
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
                "mov [{to}], {pattern}",
                "mov [{to} + 8], {pattern}",
                pattern = in(reg) pattern,
                to = in(reg) to,
                options(nostack, preserves_flags),
            );
        }
    }
}

/// From here on, in bytes, the string instructions are worth what it takes to start them.
const STRING: usize = 4096;

/// # Safety
///
/// `length` bytes are there to be read at `from`, and to be written at `to`: a multiple of [`BLOCK`], and not 0.
#[inline(always)]
unsafe fn copy_blocks(from: *const u8, to: *mut u8, length: usize) {
    if length < STRING {
        // SAFETY: it is these bytes alone that are read and written, a block a round.
        unsafe {
            asm!(
                "2:",
                "movups {a}, [{from}]",
                "movups {b}, [{from} + 16]",
                "movups {c}, [{from} + 32]",
                "movups {d}, [{from} + 48]",
                "movups [{to}], {a}",
                "movups [{to} + 16], {b}",
                "movups [{to} + 32], {c}",
                "movups [{to} + 48], {d}",
                "add {from}, 64",
                "add {to}, 64",
                "cmp {to}, {end}",
                "jne 2b",
                a = out(xmm_reg) _,
                b = out(xmm_reg) _,
                c = out(xmm_reg) _,
                d = out(xmm_reg) _,
                from = inout(reg) from => _,
                to = inout(reg) to => _,
                end = in(reg) to.wrapping_add(length),
                options(nostack),
            );
        }
    } else {
        // SAFETY: it is these bytes alone that are read and written, ascending, as wherever Rust code runs.
        unsafe {
            asm!(
                "rep movsb",
                inout("rsi") from => _,
                inout("rdi") to => _,
                inout("rcx") length => _,
                options(nostack, preserves_flags),
            );
        }
    }
}

/// # Safety
///
/// `length` bytes are there to be written at `to`: a multiple of [`BLOCK`], and not 0.
#[inline(always)]
unsafe fn fill_blocks(to: *mut u8, pattern: u64, length: usize) {
    if length < STRING {
        // SAFETY: it is these bytes alone that are written, a block a round.
        unsafe {
            asm!(
                "movq {word}, {pattern}",
                "punpcklqdq {word}, {word}",
                "2:",
                "movups [{to}], {word}",
                "movups [{to} + 16], {word}",
                "movups [{to} + 32], {word}",
                "movups [{to} + 48], {word}",
                "add {to}, 64",
                "cmp {to}, {end}",
                "jne 2b",
                word = out(xmm_reg) _,
                pattern = in(reg) pattern,
                to = inout(reg) to => _,
                end = in(reg) to.wrapping_add(length),
                options(nostack),
            );
        }
    } else {
        // SAFETY: it is these bytes alone that are written, ascending, as wherever Rust code runs.
        unsafe {
            asm!(
                "rep stosq",
                inout("rdi") to => _,
                in("rax") pattern,
                inout("rcx") length / 8 => _,
                options(nostack, preserves_flags),
            );
        }
    }
}
