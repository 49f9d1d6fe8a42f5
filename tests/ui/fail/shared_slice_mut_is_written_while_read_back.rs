//! What is read back borrows the slice.

use iokit_uc::memory::SharedSliceMut;

fn write(mut slice: SharedSliceMut<'_, u32>) {
    let back = slice.read_back();
    slice.fill(1);
    let _ = back.get(0);
}

fn main() {
    let _ = write;
}
