use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Padded {
    pub a: u32,
    pub b: u64,
}

fn main() {}
