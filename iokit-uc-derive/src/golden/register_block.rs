/// A DMA engine.
#[derive(RegisterBlock)]
#[register_block(split = Parts)]
#[repr(C)]
pub struct Engine {
    /// What it does.
    #[reg(offset = 0x00)]
    pub control: ReadPureWrite<Control>,
    _reserved: [u32; 3],
    #[reg(offset = 0x10, stride = 0x10)]
    channels: [Channel; 2],
    _channels: [u32; 4],
    #[deprecated]
    #[reg(unsafe_write)]
    pub(crate) r#type: WriteOnly<u32>,
}
