//! What can lie in a mapping.

use super::registers::{BlockLayout, RegisterBlock};
use crate::wire::{Layout, Structure};

/// What can lie in a mapping: a [`RegisterBlock`], or a slice of plain data that is as long as the memory.
///
/// # Safety
///
/// A mapping of at least `SIZE` bytes, aligned to `ALIGN`, holds one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot lie in mapped memory",
    label = "neither a register block nor a slice of plain data",
    note = "registers: `#[derive(RegisterBlock)] #[repr(C)]` on a struct of `ReadPure<u32>` and the like",
    note = "data: `Mapping<[u8]>`, or `Mapping<[T]>` where `T` has `#[derive(Clone, Copy, Structure)] #[repr(C)]`"
)]
pub unsafe trait MappedLayout {
    /// The least that a mapping must have, in bytes.
    #[doc(hidden)]
    const SIZE: usize;
    /// What its size is a multiple of; 1 for what has a size of its own.
    #[doc(hidden)]
    const ELEMENT: usize;
    /// What its address is a multiple of.
    #[doc(hidden)]
    const ALIGN: usize;
    /// What lies there.
    #[doc(hidden)]
    const CONTENT: Content;
}

/// What lies in the memory of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Registers.
    Registers(&'static BlockLayout),
    /// As many of these as there is room for.
    Slice(&'static Layout),
    /// A data queue with entries of this kind; without one, of bytes.
    Queue(Option<&'static Layout>),
}

// SAFETY: a block has a size and an alignment of its own.
unsafe impl<T: RegisterBlock> MappedLayout for T {
    const SIZE: usize = size_of::<T>();
    const ELEMENT: usize = 1;
    const ALIGN: usize = align_of::<T>();
    const CONTENT: Content = Content::Registers(T::LAYOUT);
}

// SAFETY: a slice is as long as there is room.
unsafe impl<T: Structure> MappedLayout for [T] {
    const SIZE: usize = 0;
    const ELEMENT: usize = size_of::<T>();
    const ALIGN: usize = align_of::<T>();
    const CONTENT: Content = Content::Slice(T::LAYOUT);
}
