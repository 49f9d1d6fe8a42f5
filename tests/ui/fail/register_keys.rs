use iokit_uc::memory::ReadPureWrite;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[register_block(views = UartRegisters)]
#[repr(C)]
pub struct Unknown {
    #[reg(ofset = 0)]
    data: ReadPureWrite<u32>,
    #[register_block(crate = ::iokit_uc)]
    #[reg]
    status: ReadPureWrite<u32>,
}

#[derive(RegisterBlock)]
#[register_block(view = UartRegisters)]
#[register_block(view_mut = UartRegistersMut)]
#[repr(C)]
pub struct Twice {
    #[reg(offset = 0, offset = 0)]
    data: ReadPureWrite<u32>,
    #[reg(offset = 4)]
    #[reg(unsafe_write)]
    status: ReadPureWrite<u32>,
}

#[derive(RegisterBlock)]
#[register_block(view = "Registers")]
#[repr(C)]
pub struct Values {
    #[reg(offset)]
    data: ReadPureWrite<u32>,
    #[reg(unsafe_write = true)]
    status: ReadPureWrite<u32>,
    #[reg(offset = "8")]
    control: ReadPureWrite<u32>,
    #[reg(stride = 4)]
    _reserved: [u32; 2],
    #[reg(unsafe_write)]
    _more: [u32; 2],
    #[reg(stride = Self::STRIDE)]
    last: [ReadPureWrite<u32>; 2],
}

fn main() {}
