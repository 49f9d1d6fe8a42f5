//! Views over mapped memory, and the memory that drivers map.

mod access;
mod address;
mod barrier;
mod cache;
mod descriptor;
mod framebuffer;
mod layout;
#[doc(hidden)]
pub mod queue;
pub(crate) mod registers;
mod shared;

pub use crate::arch::Word;
pub use access::{Access, ReadOnlyAccess, ReadWriteAccess};
pub(crate) use address::Address;
pub use barrier::barrier;
pub use cache::CacheMode;
pub use descriptor::{MapOptions, MemoryDescriptor};
#[cfg(feature = "sim")]
pub(crate) use descriptor::{MappedRange, page_size};
#[cfg(feature = "embedded-graphics")]
pub use framebuffer::DrawPixel;
pub use framebuffer::{
    Framebuffer, FramebufferView, Geometry, Indexed8, Palette, Pixel, PixelFormat, PixelInformation, Rect,
    Rows, RowsMut, Xrgb1555, Xrgb8888, Xrgb2101010,
};
pub use layout::{Content, MappedLayout};
pub use registers::{
    BlockLayout, FieldKind, FieldLayout, ReadOnly, ReadPure, ReadPureWrite, ReadWrite, Reg, RegArray,
    RegArrayMut, RegMut, RegisterBlock, RegisterKind, RegisterValue, UnsafeWrite, WriteOnly,
};
pub use shared::{Iter as SharedSliceIter, SharedSlice, SharedSliceMut};
