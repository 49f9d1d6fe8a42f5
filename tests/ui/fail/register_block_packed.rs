use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C, packed(2))]
pub struct Uart {
    data: ReadPure<u8>,
    status: ReadPure<u32>,
}

fn main() {}
