use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Uart {
    split: ReadPure<u32>,
    r#reborrow: ReadPure<u32>,
    as_view: ReadPure<u32>,
    view: ReadPure<u32>,
}

fn main() {}
