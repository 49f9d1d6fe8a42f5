/// A display with registers of its own.
#[user_client(service = "com_example_Display")]
pub trait Display {
    #[uc(selector = 0)]
    fn enable(&self, on: bool) -> Result<()>;
    /// What the device is controlled by.
    #[uc(memory = 0, cache = Inhibit)]
    fn registers(&self) -> Result<Mapping<Registers>>;
    #[uc(memory = FRAMEBUFFER, cache = WriteCombine)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[cfg(feature = "palette")]
    #[uc(memory = 3)]
    fn palette(&self) -> Result<Mapping<[Color], ReadOnlyAccess>>;
    /// What has happened.
    #[uc(queue = 2)]
    fn events(&self) -> Result<DataQueue<Event>>;
}
