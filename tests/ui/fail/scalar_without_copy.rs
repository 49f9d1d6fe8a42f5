use iokit_uc::Scalar;

#[derive(Scalar)]
pub struct Length(u64);

fn main() {}
