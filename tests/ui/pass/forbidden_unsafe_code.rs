//! The derives and the attribute work where `unsafe` is forbidden.

#![forbid(unsafe_code)]

use iokit_uc::memory::{ReadPure, ReadPureWrite, WriteOnly};
use iokit_uc::{
    DataQueue, Mapping, ReadOnlyAccess, RegisterBlock, RegisterValue, Result, Scalar, Structure, user_client,
};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    pub field: u64,
}

#[derive(Clone, Copy, Scalar)]
#[repr(u8)]
pub enum Mode {
    On,
}

#[derive(Clone, Copy, RegisterValue)]
pub struct Control(u32);

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Channel {
    pub control: ReadPureWrite<Control>,
    #[reg(unsafe_write)]
    pub bells: [WriteOnly<u32>; 2],
}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Engine {
    pub status: ReadPure<u64>,
    #[reg(offset = 8, stride = 16)]
    pub channels: [Channel; 2],
    _channels: u64,
}

#[user_client]
pub trait Driver {
    #[uc(selector = 0)]
    fn call(&self, mode: Mode, sample: &Sample) -> Result<Sample>;
    #[uc(memory = 0)]
    fn engine(&self) -> Result<Mapping<Engine>>;
    #[uc(memory = 1)]
    fn samples(&self) -> Result<Mapping<[Sample], ReadOnlyAccess>>;
    #[uc(queue = 2)]
    fn events(&self) -> Result<DataQueue<Sample>>;
}

fn main() {
    assert_eq!(Sample::LAYOUT.size(), 8);
    assert_eq!(Engine::LAYOUT.fields.len(), 2);
}
