use iokit_uc::memory::ReadPure;
use iokit_uc::RegisterBlock;

#[derive(RegisterBlock)]
#[repr(C)]
pub struct Nothing {}

#[derive(RegisterBlock)]
#[repr(C)]
pub struct None {
    none: [ReadPure<u32>; 0],
}

fn main() {}
