#[derive(Structure)]
#[repr(C)]
pub struct Sample {
    pub field1: u64,
    pub r#type: [u8; 8],
}
