//! What registers hold.

use crate::arch::Word;

/// What a register holds: an integer of 8 to 64 bits, or `#[derive(RegisterValue)]`.
///
/// Hardware answers with any bits, so every word is a value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what a register holds",
    label = "not every pattern of 8, 16, 32 or 64 bits is one of these",
    note = "a register holds `u8` … `u64`, `i8` … `i64`, or a newtype of one of them with `#[derive(Clone, Copy, RegisterValue)]`",
    note = "`bool` and enums: read them from the bits of such a newtype (crates: `bitfield-struct`, `bitflags`); `usize`: use `u64`"
)]
pub trait RegisterValue: Copy + 'static {
    /// What is loaded and stored, in one instruction.
    type Word: Word;
    /// What it is called in [`BlockLayout`](super::BlockLayout).
    const NAME: &'static str;
    /// What the register holds if this was loaded.
    fn from_word(word: Self::Word) -> Self;
    /// What to store for the register to hold this.
    fn to_word(self) -> Self::Word;
}

macro_rules! integers {
    ($($integer:ident: $word:ident)*) => {$(
        impl RegisterValue for $integer {
            type Word = $word;
            const NAME: &'static str = stringify!($integer);
            #[inline(always)]
            fn from_word(word: $word) -> Self {
                word as Self
            }
            #[inline(always)]
            fn to_word(self) -> $word {
                self as $word
            }
        }
    )*};
}

integers! { u8: u8 u16: u16 u32: u32 u64: u64 i8: u8 i16: u16 i32: u32 i64: u64 }
