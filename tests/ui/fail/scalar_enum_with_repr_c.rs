use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
#[repr(C)]
pub enum Mode {
    Off,
    On,
}

fn main() {}
