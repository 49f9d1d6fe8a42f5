use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
#[repr(usize)]
pub enum Mode {
    Off,
    On,
}

fn main() {}
