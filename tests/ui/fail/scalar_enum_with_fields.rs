use iokit_uc::Scalar;

#[derive(Clone, Copy, Scalar)]
#[repr(u32)]
pub enum Mode {
    Off,
    On(u8),
}

fn main() {}
