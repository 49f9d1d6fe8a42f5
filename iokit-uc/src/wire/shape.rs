//! What scalars stand for, and what results are made of.

use super::{Layout, SCALARS_MAX, VARIABLE};

/// What the 64 bits of a [`Scalar`](super::Scalar) stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalarType {
    name: &'static str,
    docs: &'static str,
    kind: ScalarKind,
}

/// The kinds of [`ScalarType`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScalarKind {
    /// An integer.
    #[non_exhaustive]
    Integer {
        /// Its width: 8, 16, 32 or 64.
        bits: u32,
        /// Whether it may be negative.
        signed: bool,
    },
    /// A truth value: 1 or 0.
    Bool,
    /// One of some integers, each of which has a name.
    #[non_exhaustive]
    Enum {
        /// The integer.
        integer: &'static ScalarType,
        /// The values that there are.
        variants: &'static [Variant],
    },
    /// A scalar by another name.
    Newtype(&'static ScalarType),
}

/// A value of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// The integer that it travels as.
    pub value: i128,
    /// Its documentation.
    pub docs: &'static str,
}

impl Variant {
    #[doc(hidden)]
    pub const fn new(name: &'static str, docs: &'static str, value: i128) -> Self {
        Self { name, value, docs }
    }
}

impl ScalarType {
    pub(super) const fn integer(name: &'static str, bits: u32, signed: bool) -> Self {
        Self { name, docs: "", kind: ScalarKind::Integer { bits, signed } }
    }

    pub(super) const BOOL: Self = Self { name: "bool", docs: "", kind: ScalarKind::Bool };

    #[doc(hidden)]
    pub const fn enumeration(
        name: &'static str,
        docs: &'static str,
        integer: &'static ScalarType,
        variants: &'static [Variant],
    ) -> Self {
        Self { name, docs, kind: ScalarKind::Enum { integer, variants } }
    }

    #[doc(hidden)]
    pub const fn newtype(name: &'static str, docs: &'static str, inner: &'static ScalarType) -> Self {
        Self { name, docs, kind: ScalarKind::Newtype(inner) }
    }

    /// The type's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type's documentation, if it is an enum or a newtype.
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// What kind it is of.
    pub const fn kind(&self) -> ScalarKind {
        self.kind
    }
}

/// What an [`Output`](super::Output) is made of: scalars, and at most one structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputShape {
    /// The first `scalars` of them mean something.
    types: [&'static ScalarType; SCALARS_MAX],
    /// More than [`SCALARS_MAX`] where a result has too many, [`VARIABLE`] for `Scalars`, or [`MIXED_SCALARS`].
    scalars: u32,
    layout: Option<&'static Layout>,
    /// The size of the structure, [`TOO_LARGE`] or [`TWO_STRUCTURES`].
    structure: u32,
}

/// In [`OutputShape::scalar_count`]: `Scalars` beside another scalar.
pub(crate) const MIXED_SCALARS: u32 = VARIABLE - 1;

/// In [`OutputShape::structure_size`]: more than one structure.
pub(crate) const TWO_STRUCTURES: u32 = VARIABLE - 1;

/// In [`OutputShape::structure_size`]: a structure of 4 GiB or so, or more, whose size no table can state.
pub(crate) const TOO_LARGE: u32 = VARIABLE;

impl OutputShape {
    /// Nothing.
    pub(crate) const EMPTY: Self =
        Self { types: [&ScalarType::BOOL; SCALARS_MAX], scalars: 0, layout: None, structure: 0 };

    /// As many scalars as the driver likes.
    pub(crate) const ANY_SCALARS: Self = Self { scalars: VARIABLE, ..Self::EMPTY };

    #[doc(hidden)]
    pub const fn scalar(ty: &'static ScalarType) -> Self {
        let mut shape = Self::EMPTY;
        shape.types[0] = ty;
        shape.scalars = 1;
        shape
    }

    #[doc(hidden)]
    pub const fn structure(layout: &'static Layout) -> Self {
        Self { layout: Some(layout), structure: table_size(layout.size()), ..Self::EMPTY }
    }

    /// Both, one after the other. What is wrong with the whole is kept for `private::assert_output`, which asks at
    /// the type that is wrong.
    pub(super) const fn and(mut self, other: Self) -> Self {
        let mut index = 0;
        while index < other.scalars().len() && self.scalars as usize + index < SCALARS_MAX {
            self.types[self.scalars as usize + index] = other.types[index];
            index += 1;
        }
        self.scalars = match (self.scalars, other.scalars) {
            (VARIABLE, 0) | (0, VARIABLE) => VARIABLE,
            (VARIABLE | MIXED_SCALARS, _) | (_, VARIABLE | MIXED_SCALARS) => MIXED_SCALARS,
            (a, b) => a + b,
        };
        self.structure = match (self.structure, other.structure) {
            (0, size) | (size, 0) => size,
            _ => TWO_STRUCTURES,
        };
        if self.layout.is_none() {
            self.layout = other.layout;
        }
        self
    }

    /// The types of the scalars in order; none where [`scalar_count`](Self::scalar_count) is [`VARIABLE`].
    pub const fn scalars(&self) -> &[&'static ScalarType] {
        if self.scalars as usize <= SCALARS_MAX { self.types.split_at(self.scalars as usize).0 } else { &[] }
    }

    /// How many scalars there are; [`VARIABLE`] for [`Scalars`](super::Scalars).
    pub const fn scalar_count(&self) -> u32 {
        self.scalars
    }

    /// The layout of the structure.
    pub const fn layout(&self) -> Option<&'static Layout> {
        self.layout
    }

    /// The size of the structure in bytes, 0 if there is none.
    pub const fn structure_size(&self) -> u32 {
        self.structure
    }
}

/// A size as a table states it, or [`TOO_LARGE`].
pub(crate) const fn table_size(size: usize) -> u32 {
    if size < TWO_STRUCTURES as usize { size as u32 } else { TOO_LARGE }
}
