//! The derives and the attribute work where `unsafe` is forbidden.

#![forbid(unsafe_code)]

use iokit_uc::{Result, Scalar, Structure, user_client};

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

#[user_client]
pub trait Driver {
    #[uc(selector = 0)]
    fn call(&self, mode: Mode, sample: &Sample) -> Result<Sample>;
}

fn main() {
    assert_eq!(Sample::LAYOUT.size(), 8);
}
