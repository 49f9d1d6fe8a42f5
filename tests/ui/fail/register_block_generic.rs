use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart<T> {
    data: T,
}

fn main() {}
