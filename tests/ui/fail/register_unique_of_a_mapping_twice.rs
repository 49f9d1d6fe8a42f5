use iokit_uc::memory::{ReadPure, ReadPureWrite, ReadWrite, WriteOnly};
use iokit_uc::{Mapping, RegisterBlock};

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    pub data: ReadWrite<u8>,
    _reserved: [u8; 3],
    pub status: ReadPure<u32>,
    pub control: ReadPureWrite<u32>,
    pub bell: WriteOnly<u32>,
    #[reg(unsafe_write)]
    pub address: ReadPureWrite<u64>,
    pub bank: [ReadPureWrite<u32>; 4],
}

fn twice(mut mapping: Mapping<Uart>) {
    let mut one = mapping.view_mut();
    let shared = mapping.view();
    let mut other = mapping.view_mut();
    one.control().write(shared.control().read());
    other.control().write(1);
}

fn main() {}
