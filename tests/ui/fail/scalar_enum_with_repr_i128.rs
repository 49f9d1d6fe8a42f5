use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
#[repr(i128)]
pub enum Mode {
    Off,
    On,
}

fn main() {}
