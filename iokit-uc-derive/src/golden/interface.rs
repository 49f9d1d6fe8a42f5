/// Apple's SimpleUserClient sample, with the shapes that it does not use.
#[user_client(service = "com_apple_dts_driver_SimpleDriver")]
pub trait SimpleDriver {
    /// Opens the driver for exclusive use.
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[uc(selector = 1)]
    fn close(&self) -> Result<()>;
    #[uc(selector = 2)]
    fn scalar_i_struct_i(&self, value: u32, sample: &MySampleStruct) -> Result<()>;
    #[uc(selector = 3)]
    fn scalar_i_struct_o(&self, a: u32, b: u32) -> Result<MySampleStruct>;
    #[uc(selector = 4)]
    fn scalar_i_scalar_o(&self, a: u32, b: u32) -> Result<u32>;
    #[uc(selector = 5)]
    fn struct_i_struct_o(&self, sample: &MySampleStruct) -> Result<MySampleStruct>;
    #[uc(selector = 6, entitlement = "com.example.transfer")]
    async fn transfer(&self, samples: &[MySampleStruct]) -> Result<(u32, u64)>;
    /// Fills `out` from `cursor` on; returns how many entries were written.
    #[uc(selector = 7)]
    fn read_log(&self, cursor: u64, filter: &Filter, out: &mut [LogEntry]) -> Result<usize>;
    #[uc(selector = 8)]
    fn whole_log(&self) -> Result<Vec<LogEntry>>;
    #[uc(selector = 9)]
    fn unchecked(&self, values: Scalars) -> Result<Scalars>;
    /// Completes when the device is in another mode.
    #[uc(selector = 10)]
    async fn change_mode(&self, mode: Mode, sample: &MySampleStruct) -> Result<()>;
    #[uc(selector = 11)]
    fn watch(&self, mask: u32) -> Result<(MySampleStruct, Completions<(u64, u64, u64)>)>;
}
