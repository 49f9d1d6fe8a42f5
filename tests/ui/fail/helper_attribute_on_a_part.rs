use iokit_uc::{Scalar, Structure};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    #[structure(name)]
    pub field: u64,
}

#[derive(Clone, Copy, Scalar)]
#[repr(u8)]
pub enum Mode {
    #[scalar(default)]
    Off,
}

#[derive(Clone, Copy, Scalar)]
pub struct Celsius(#[scalar(signed)] i16);

fn main() {}
