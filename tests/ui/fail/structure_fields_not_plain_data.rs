use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Config {
    pub a: u64,
    pub flag: bool,
    pub pad: [u8; 7],
    pub length: usize,
}

fn main() {}
