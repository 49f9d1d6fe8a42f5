//! What a field of a block is, or an array has several of.

use super::base::{Base, BaseMut};
use super::kinds::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, Register, UnsafeWrite, WriteOnly};
use super::value::RegisterValue;
use super::{FieldKind, Reg, RegMut};
use std::fmt::Debug;

/// A register or a block: what a field is, or an array has several of.
///
/// # Safety
///
/// The views reach nothing but such a part at `OFFSET`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a register block",
    label = "not a register, a block of registers, or an array of either",
    note = "a register is `ReadPure<u32>` or the like, of `iokit_uc::memory`: `ReadOnly`, `ReadPure`, `WriteOnly`, `ReadWrite`, `ReadPureWrite`",
    note = "for a block, add `#[derive(RegisterBlock)] #[repr(C)]` to `{Self}`",
    note = "what is no register has a name that begins with `_`: `_reserved: [u32; 3]`"
)]
pub unsafe trait Part: Sized + 'static {
    /// What reads it.
    type View<'m, const OFFSET: usize>: Copy + Debug + Send + Sync;
    /// What reads and writes it.
    type ViewMut<'m, const OFFSET: usize>: Debug + Send;
    /// What it is.
    const KIND: FieldKind;
    /// # Safety
    ///
    /// The block that begins at `base` has such a part at this offset, aligned.
    unsafe fn view<'m, const OFFSET: usize>(base: Base<'m>) -> Self::View<'m, OFFSET>;
    /// # Safety
    ///
    /// The same.
    unsafe fn view_mut<'m, const OFFSET: usize>(base: BaseMut<'m>) -> Self::ViewMut<'m, OFFSET>;
}

macro_rules! registers {
    ($($register:ident<$parameter:ident: $bound:ident>)*) => {$(
        // SAFETY: the views access one word at `OFFSET`, which is the register.
        unsafe impl<$parameter: $bound> Part for $register<$parameter> {
            type View<'m, const OFFSET: usize> = Reg<'m, Self, OFFSET>;
            type ViewMut<'m, const OFFSET: usize> = RegMut<'m, Self, OFFSET>;
            const KIND: FieldKind = FieldKind::register::<Self>();
            #[inline(always)]
            unsafe fn view<'m, const OFFSET: usize>(base: Base<'m>) -> Reg<'m, Self, OFFSET> {
                // SAFETY: the caller says the same.
                unsafe { Reg::new(base) }
            }
            #[inline(always)]
            unsafe fn view_mut<'m, const OFFSET: usize>(base: BaseMut<'m>) -> RegMut<'m, Self, OFFSET> {
                // SAFETY: the caller says the same.
                unsafe { RegMut::new(base) }
            }
        }
    )*};
}

registers! {
    ReadOnly<T: RegisterValue>
    ReadPure<T: RegisterValue>
    WriteOnly<T: RegisterValue>
    ReadWrite<T: RegisterValue>
    ReadPureWrite<T: RegisterValue>
    UnsafeWrite<R: Register>
}
