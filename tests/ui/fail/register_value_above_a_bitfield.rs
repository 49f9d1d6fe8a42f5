use bitfield_struct::bitfield;
use iokit_uc::RegisterValue;

#[derive(RegisterValue)]
#[bitfield(u32)]
pub struct Control {
    enable: bool,
    #[bits(31)]
    rest: u32,
}

fn main() {}
