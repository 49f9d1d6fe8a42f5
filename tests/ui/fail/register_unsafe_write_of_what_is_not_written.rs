use iokit_uc::memory::{ReadOnly, ReadPure, WriteOnly};
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    #[reg(unsafe_write)]
    status: ReadPure<u32>,
    #[reg(unsafe_write)]
    data: [ReadOnly<u32>; 2],
    #[reg(unsafe_write)]
    bells: [WriteOnly<u32>; 2],
}

fn main() {}
