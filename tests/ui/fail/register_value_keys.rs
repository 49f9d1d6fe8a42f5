use iokit_uc::RegisterValue;

#[derive(Clone, Copy, RegisterValue)]
#[register_value(crat = ::iokit_uc)]
pub struct Unknown(u32);

#[derive(Clone, Copy, RegisterValue)]
pub struct OnAField(#[register_value(crate = ::iokit_uc)] u32);

fn main() {}
