use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
#[repr(C)]
pub union Word {
    word: u32,
}

fn main() {}
