use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
#[repr(u32)]
pub enum Mode {
    Off = 0,
    On = 1,
}

fn main() {}
