use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
pub struct Pair(u32, u32);

fn main() {}
