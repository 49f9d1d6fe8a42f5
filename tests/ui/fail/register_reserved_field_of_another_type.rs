use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    _status: ReadPure<u32>,
    _text: [&'static str; 2],
    _reserved: [[u8; 2]; 2],
}

fn main() {}
