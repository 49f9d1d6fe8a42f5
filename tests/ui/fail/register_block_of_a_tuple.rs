use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart(ReadPure<u32>, ReadPure<u32>);

fn main() {}
