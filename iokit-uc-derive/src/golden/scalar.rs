#[derive(Scalar)]
#[repr(u32)]
pub enum Mode {
    Off = 3,
    On,
}

#[derive(Scalar)]
#[scalar(crate = ::renamed)]
pub struct Celsius(pub i16);
