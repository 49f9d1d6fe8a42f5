use iokit_uc::Structure;

#[derive(Structure)]
#[repr(C)]
pub struct Sample {
    pub a: u64,
}

fn main() {}
