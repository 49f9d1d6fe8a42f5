use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub enum Uart {
    Data,
}

fn main() {}
