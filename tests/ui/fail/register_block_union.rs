use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub union Uart {
    data: u32,
}

fn main() {}
