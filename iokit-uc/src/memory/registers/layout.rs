//! Blocks of registers as data.

use super::kinds::Register;
use super::value::RegisterValue;

/// A block of registers as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockLayout {
    /// The struct's name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static str,
    /// Its size in bytes.
    pub size: usize,
    /// Its alignment in bytes.
    pub align: usize,
    /// Its fields in the order of their offsets. What lies between is reserved.
    pub fields: &'static [FieldLayout],
}

impl BlockLayout {
    /// The layout of `B`.
    #[doc(hidden)]
    pub const fn of<B>(name: &'static str, docs: &'static str, fields: &'static [FieldLayout]) -> Self {
        Self { name, docs, size: size_of::<B>(), align: align_of::<B>(), fields }
    }
}

/// One field of a [`BlockLayout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldLayout {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static str,
    /// Its offset in bytes.
    pub offset: usize,
    /// How many there are, and how far apart in bytes, if it is an array.
    pub array: Option<(usize, usize)>,
    /// What it, or each of them, is.
    pub kind: FieldKind,
}

impl FieldLayout {
    /// A field of `length` elements `stride` bytes apart, or without a length of one.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        docs: &'static str,
        offset: usize,
        length: Option<usize>,
        stride: usize,
        kind: FieldKind,
    ) -> Self {
        let array = match length {
            Some(length) => Some((length, stride)),
            None => None,
        };
        Self { name, docs, offset, array, kind }
    }
}

/// What a field of a [`BlockLayout`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// A register.
    #[non_exhaustive]
    Register {
        /// Its value's name: `u32`, or that of a type of the interface's own.
        value: &'static str,
        /// Its width: 8, 16, 32 or 64 bits.
        bits: u32,
        /// What reading and writing do.
        kind: RegisterKind,
        /// Whether writing is `unsafe`.
        unsafe_write: bool,
    },
    /// A block.
    Block(&'static BlockLayout),
}

impl FieldKind {
    pub(super) const fn register<R: Register>() -> Self {
        let () = R::PROOF;
        let bits = 8 * size_of::<<R::Value as RegisterValue>::Word>() as u32;
        Self::Register { value: R::Value::NAME, bits, kind: R::KIND, unsafe_write: R::UNSAFE_WRITE }
    }
}

/// What reading and writing a register do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterKind {
    /// Reading has effects.
    ReadOnly,
    /// Reading has none.
    ReadPure,
    /// It can be written.
    WriteOnly,
    /// It can be written, and reading has effects.
    ReadWrite,
    /// It can be written, and reading has no effects.
    ReadPureWrite,
}
