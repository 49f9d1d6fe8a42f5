use iokit_uc::RegisterValue;

#[derive(RegisterValue)]
pub struct Word(u32);

fn main() {}
