use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
pub struct Length(usize);

fn main() {}
