//! A slice to read becomes none to write: it can be copied, and others may read through it.

use iokit_uc::memory::{SharedSlice, SharedSliceMut};

fn convert(slice: SharedSlice<'_, u32>) -> SharedSliceMut<'_, u32> {
    slice.into()
}

fn assign(slice: SharedSlice<'_, u32>) -> SharedSliceMut<'_, u32> {
    slice
}

fn main() {
    let _ = (convert, assign);
}
