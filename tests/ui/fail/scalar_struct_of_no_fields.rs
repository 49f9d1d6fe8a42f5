use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
pub struct Nothing;

fn main() {}
