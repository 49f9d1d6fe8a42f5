use iokit_uc::memory::ReadPureWrite;
use iokit_uc::RegisterBlock;

const CONTROL: usize = 0x14;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    #[reg(offset = 0)]
    data: ReadPureWrite<u8>,
    #[reg(offset = 0x01)]
    status: ReadPureWrite<u32>,
    #[reg(offset = 8)]
    _reserved: [u32; 2],
    #[reg(offset = CONTROL)]
    control: ReadPureWrite<u32>,
    #[reg(offset = 0x14)]
    bell: ReadPureWrite<u32>,
}

fn main() {}
