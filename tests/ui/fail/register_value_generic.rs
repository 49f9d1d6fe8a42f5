use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
pub struct Word<T>(T);

fn main() {}
