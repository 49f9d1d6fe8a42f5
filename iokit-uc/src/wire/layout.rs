//! How structures lie in memory.

/// How a [`Structure`](super::Structure) lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    name: &'static str,
    docs: &'static str,
    size: usize,
    align: usize,
    shape: Shape,
}

/// What a [`Layout`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// A number: an integer or an IEEE float of the layout's size.
    Number,
    /// `length` elements, one after the other.
    Array {
        /// The layout of one element.
        element: &'static Layout,
        /// How many there are.
        length: usize,
    },
    /// Fields in the order of their offsets, without gaps.
    Struct(&'static [Field]),
}

/// One field of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The field's name; its index for a field of a tuple struct.
    pub name: &'static str,
    /// Its offset in bytes.
    pub offset: usize,
    /// Its own layout.
    pub layout: &'static Layout,
    /// Its documentation.
    pub docs: &'static str,
}

impl Field {
    #[doc(hidden)]
    pub const fn new(name: &'static str, docs: &'static str, offset: usize, layout: &'static Layout) -> Self {
        Self { name, offset, layout, docs }
    }
}

impl Layout {
    /// The layout of `T`, a structure made of `fields`.
    #[doc(hidden)]
    pub const fn of_struct<T>(name: &'static str, docs: &'static str, fields: &'static [Field]) -> Self {
        Self { name, docs, size: size_of::<T>(), align: align_of::<T>(), shape: Shape::Struct(fields) }
    }

    pub(super) const fn of_number<T>(name: &'static str) -> Self {
        Self { name, docs: "", size: size_of::<T>(), align: align_of::<T>(), shape: Shape::Number }
    }

    pub(super) const fn of_array(element: &'static Layout, length: usize) -> Self {
        let Layout { name, size, align, .. } = *element;
        Self { name, docs: "", size: size * length, align, shape: Shape::Array { element, length } }
    }

    /// The type's name; for an array that of its innermost element.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type's documentation, if it is a struct.
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// The size in bytes.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The alignment in bytes.
    pub const fn align(&self) -> usize {
        self.align
    }

    /// What it is made of.
    pub const fn shape(&self) -> Shape {
        self.shape
    }
}
