#[user_client(service = "com_example_Driver")]
pub trait Driver {
    #[uc(selektor = 0)]
    fn open(&self, mode: Mode) -> Result<()>;
    #[uc(selector = 1)]
    fn read(&self, position: u64) -> Result<Sample>;
    #[uc(selector = 2)]
    async fn transfer(&self, bytes: u32) -> Result<u64>;
}
