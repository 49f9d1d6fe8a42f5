use iokit_uc::Structure;

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub enum Mode {
    Off,
    On,
}

fn main() {}
