use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
pub struct Celsius<T>(T);

fn main() {}
