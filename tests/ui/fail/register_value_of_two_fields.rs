use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
pub struct Pair {
    low: u16,
    high: u16,
}

#[derive(Clone, Copy, RegisterValue)]
pub struct Nothing;

fn main() {}
