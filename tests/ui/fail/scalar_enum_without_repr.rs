use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
pub enum Mode {
    Off,
    On,
}

fn main() {}
