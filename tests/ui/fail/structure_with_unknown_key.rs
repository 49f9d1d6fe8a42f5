use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
#[structure(krate = ::iokit_uc)]
pub struct Sample {
    pub a: u64,
}

fn main() {}
