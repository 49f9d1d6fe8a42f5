//! A slice to read has nothing that writes.

use iokit_uc::memory::SharedSlice;

fn write(slice: SharedSlice<'_, u32>) {
    slice.fill(1);
    slice.copy_within(0..1, 2);
}

fn main() {
    let _ = write;
}
