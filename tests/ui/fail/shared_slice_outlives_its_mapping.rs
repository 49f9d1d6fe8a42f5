//! A slice is gone when its mapping goes.

use iokit_uc::Mapping;
use iokit_uc::memory::SharedSlice;

fn slice(mapping: Mapping<[u8]>) -> SharedSlice<'static> {
    mapping.slice()
}

fn main() {
    let _ = slice;
}
