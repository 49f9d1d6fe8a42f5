use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub union Word {
    pub whole: u32,
    pub half: [u16; 2],
}

fn main() {}
