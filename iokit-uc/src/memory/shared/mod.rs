//! Slices of mapped memory.

mod bulk;
mod error;
mod shared_slice;
mod shared_slice_mut;
#[cfg(test)]
pub(super) mod tests;

pub(super) use bulk::{Width, copy_within, fill, load, read, store, write};
pub(super) use error::bad_argument;
pub use shared_slice::{Iter, SharedSlice};
pub use shared_slice_mut::SharedSliceMut;
