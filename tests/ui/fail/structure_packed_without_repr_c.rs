use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(packed)]
pub struct Packed {
    pub a: u32,
    pub b: u16,
}

fn main() {}
