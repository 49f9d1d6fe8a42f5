//! What a field of a block can be.

use super::FieldKind;
use super::array::{RegArray, RegArrayMut};
use super::base::{Base, BaseMut};
use super::kinds::{ReadPureWrite, ReadWrite, WriteOnly};
use super::part::Part;
use super::value::RegisterValue;

/// What a field of a block can be: a part, or an array of parts that are `STRIDE` bytes apart.
///
/// # Safety
///
/// The views reach nothing but such a field at `OFFSET`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a register block",
    label = "not a register, a block of registers, or an array of either",
    note = "a register is `ReadPure<u32>` or the like, of `iokit_uc::memory`: `ReadOnly`, `ReadPure`, `WriteOnly`, `ReadWrite`, `ReadPureWrite`",
    note = "for a block, add `#[derive(RegisterBlock)] #[repr(C)]` to `{Self}`",
    note = "what is no register has a name that begins with `_`: `_reserved: [u32; 3]`"
)]
pub unsafe trait BlockField: Sized + 'static {
    /// What reads it.
    type View<'m, const OFFSET: usize, const STRIDE: usize>;
    /// What reads and writes it.
    type ViewMut<'m, const OFFSET: usize, const STRIDE: usize>;
    /// How many parts there are, if it is an array.
    const LENGTH: Option<usize>;
    /// The size of one part, and how far apart they are unless something else is said.
    const SIZE: usize;
    /// The alignment of one part.
    const ALIGN: usize;
    /// What each part is.
    const KIND: FieldKind;
    /// # Safety
    ///
    /// The block that begins at `base` has such a field at this offset, with this stride, aligned.
    unsafe fn view<'m, const OFFSET: usize, const STRIDE: usize>(
        base: Base<'m>,
    ) -> Self::View<'m, OFFSET, STRIDE>;
    /// # Safety
    ///
    /// The same.
    unsafe fn view_mut<'m, const OFFSET: usize, const STRIDE: usize>(
        base: BaseMut<'m>,
    ) -> Self::ViewMut<'m, OFFSET, STRIDE>;
}

// SAFETY: it is a part, and so are its views.
unsafe impl<P: Part> BlockField for P {
    type View<'m, const OFFSET: usize, const STRIDE: usize> = P::View<'m, OFFSET>;
    type ViewMut<'m, const OFFSET: usize, const STRIDE: usize> = P::ViewMut<'m, OFFSET>;
    const LENGTH: Option<usize> = None;
    const SIZE: usize = size_of::<P>();
    const ALIGN: usize = align_of::<P>();
    const KIND: FieldKind = P::KIND;
    #[inline(always)]
    unsafe fn view<'m, const OFFSET: usize, const STRIDE: usize>(base: Base<'m>) -> P::View<'m, OFFSET> {
        // SAFETY: the caller says the same.
        unsafe { P::view(base) }
    }
    #[inline(always)]
    unsafe fn view_mut<'m, const OFFSET: usize, const STRIDE: usize>(
        base: BaseMut<'m>,
    ) -> P::ViewMut<'m, OFFSET> {
        // SAFETY: the caller says the same.
        unsafe { P::view_mut(base) }
    }
}

// SAFETY: the views of an array reach its elements only.
unsafe impl<P: Part, const N: usize> BlockField for [P; N] {
    type View<'m, const OFFSET: usize, const STRIDE: usize> = RegArray<'m, P, N, OFFSET, STRIDE>;
    type ViewMut<'m, const OFFSET: usize, const STRIDE: usize> = RegArrayMut<'m, P, N, OFFSET, STRIDE>;
    const LENGTH: Option<usize> = Some(N);
    const SIZE: usize = size_of::<P>();
    const ALIGN: usize = align_of::<P>();
    const KIND: FieldKind = P::KIND;
    #[inline(always)]
    unsafe fn view<'m, const OFFSET: usize, const STRIDE: usize>(
        base: Base<'m>,
    ) -> RegArray<'m, P, N, OFFSET, STRIDE> {
        // SAFETY: the caller says the same.
        unsafe { RegArray::new(base) }
    }
    #[inline(always)]
    unsafe fn view_mut<'m, const OFFSET: usize, const STRIDE: usize>(
        base: BaseMut<'m>,
    ) -> RegArrayMut<'m, P, N, OFFSET, STRIDE> {
        // SAFETY: the caller says the same.
        unsafe { RegArrayMut::new(base) }
    }
}

/// A register that `#[reg(unsafe_write)]` can stand on.
#[diagnostic::on_unimplemented(
    message = "`unsafe_write` is for registers that can be written, which `{Self}` is not",
    label = "neither `WriteOnly`, `ReadWrite`, `ReadPureWrite`, nor an array of these",
    note = "in a block of its own, mark the registers there"
)]
pub trait WritableField {
    /// Nothing, for types that may.
    const MAY: () = ();
}

impl<T: RegisterValue> WritableField for WriteOnly<T> {}
impl<T: RegisterValue> WritableField for ReadWrite<T> {}
impl<T: RegisterValue> WritableField for ReadPureWrite<T> {}

/// What stands where no register is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a reserved field of a register block",
    label = "a field whose name begins with `_` is reserved: an integer, or an array of integers",
    note = "the name of a register does not begin with `_`"
)]
pub trait ReservedField {
    /// Nothing, for types that may.
    const MAY: () = ();
}

macro_rules! reserved {
    ($($integer:ident)*) => {$(
        impl ReservedField for $integer {}
    )*};
}

reserved! { u8 u16 u32 u64 i8 i16 i32 i64 }

impl<F: ReservedField, const N: usize> ReservedField for [F; N] {}
