//! A slice to write is unique.

use iokit_uc::memory::SharedSliceMut;

fn twice(slice: SharedSliceMut<'_, u32>) -> [SharedSliceMut<'_, u32>; 2] {
    [slice, slice]
}

fn copy<'m>(slice: &SharedSliceMut<'m, u32>) -> SharedSliceMut<'m, u32> {
    slice.clone()
}

fn main() {
    let _ = (twice, copy);
}
