use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
pub struct Ready(bool);

#[derive(Clone, Copy, RegisterValue)]
pub struct Volts(f32);

#[derive(Clone, Copy, RegisterValue)]
pub struct Address(u128);

fn main() {}
