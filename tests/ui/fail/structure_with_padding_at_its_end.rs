use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C, align(16))]
pub struct Padded {
    pub a: u64,
}

fn main() {}
