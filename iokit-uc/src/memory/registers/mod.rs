//! Blocks of registers.
//!
//! A block is a `#[repr(C)]` struct that says where its registers are and what reading and writing them does. Nobody ever
//! has such a struct: there are only views of one, which hold the address of its first byte. They come from a
//! [`Mapping`](crate::Mapping), which has checked size and alignment once, and access nothing but the fields.
//!
//! Many may have a view that only reads what can be read without effect: [`Reg`]. Only one has the view that does more,
//! [`RegMut`], and no function leads from the former to the latter. So a read that takes a byte out of a FIFO is as
//! exclusive as a write.

mod array;
mod base;
mod field;
mod kinds;
mod layout;
mod part;
mod register;
#[cfg(test)]
mod tests;
mod value;

pub use array::{RegArray, RegArrayMut};
pub use base::{Base, BaseMut};
pub use field::{BlockField, ReservedField, WritableField};
pub use kinds::{ReadOnly, ReadPure, ReadPureWrite, ReadWrite, UnsafeWrite, WriteOnly};
pub use layout::{BlockLayout, FieldKind, FieldLayout, RegisterKind};
pub use part::Part;
pub use register::{Reg, RegMut};
pub use value::RegisterValue;

use std::fmt::Debug;
use std::ptr::NonNull;

/// A block of registers: `#[derive(RegisterBlock)]`, which tells how one is written.
///
/// # Safety
///
/// Only the derive implements it. `LAYOUT` tells every field, the views reach nothing but these, and the functions do
/// nothing but keep what they are given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no block of registers",
    label = "not a register block",
    note = "add `#[derive(RegisterBlock)] #[repr(C)]` to `{Self}`",
    note = "memory that holds plain data is a slice of it: `Mapping<[u8]>`"
)]
pub unsafe trait RegisterBlock: Sized + 'static {
    /// Reads registers whose reading has no effect. Any number of threads may have one.
    type View<'m>: Copy + Debug + Send + Sync;
    /// Reads and writes.
    type ViewMut<'m>: Debug + Send;
    /// A [`RegMut`] for each register, for different threads to have.
    type Split<'m>;
    /// The block as data.
    const LAYOUT: &'static BlockLayout;
    /// # Safety
    ///
    /// `base` is aligned for the block, and the first of `size_of::<Self>()` bytes that stay mapped for `'m`.
    #[doc(hidden)]
    unsafe fn view_at<'m>(base: NonNull<u8>) -> Self::View<'m>;
    /// # Safety
    ///
    /// The same, and the memory may be written.
    #[doc(hidden)]
    unsafe fn view_mut_at<'m>(base: NonNull<u8>) -> Self::ViewMut<'m>;
    /// # Safety
    ///
    /// The same, and the memory may be written.
    #[doc(hidden)]
    unsafe fn split_at<'m>(base: NonNull<u8>) -> Self::Split<'m>;
}
