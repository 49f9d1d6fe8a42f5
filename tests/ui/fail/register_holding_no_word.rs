use iokit_uc::memory::{ReadPure, ReadPureWrite};
use iokit_uc::RegisterBlock;

pub enum Mode {
    Off,
    On,
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    ready: ReadPure<bool>,
    address: ReadPureWrite<usize>,
    mode: ReadPureWrite<Mode>,
}

fn main() {}
