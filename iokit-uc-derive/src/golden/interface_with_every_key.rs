#[user_client(
    name = "driver",
    type = TYPE,
    table = Legacy,
    entitlement = "com.example.driver",
    set_properties_locking = false,
    single_thread = true,
    client = Client,
    server = Server,
    crate = ::renamed
)]
pub(crate) trait Driver: Send + Sync {
    #[uc(selector = selectors::OPEN)]
    fn open(&self) -> Result<()>;
    #[cfg(feature = "log")]
    #[deprecated]
    #[uc(selector = 1)]
    fn read_log(&self, cursor: u32) -> Result<LogEntry>;
    #[uc(selector = 2)]
    fn close(&self) -> Result<()>;
}
