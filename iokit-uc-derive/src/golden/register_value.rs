#[derive(RegisterValue)]
pub struct Control(u32);

#[derive(RegisterValue)]
pub struct Status(<Status as ::bitflags::__private::PublicFlags>::Internal);
