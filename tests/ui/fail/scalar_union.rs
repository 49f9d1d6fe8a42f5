use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
#[repr(C)]
pub union Word {
    pub whole: u32,
    pub half: u16,
}

fn main() {}
