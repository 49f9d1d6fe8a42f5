//! Every mistake of a trait is reported in one compilation, each of them once.

use iokit_uc::{Completions, Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client(servise = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    fn generic<T>(&self, value: T) -> Result<()>;
    #[uc(selector = 1)]
    fn by_value(self) -> Result<()>;
    #[uc(selector = 2)]
    fn exclusive(&mut self) -> Result<()>;
    #[uc(selector = 3)]
    fn future(&self) -> impl Future<Output = Result<()>>;
    fn unmarked(&self) -> Result<()>;
    #[uc(selektor = 5)]
    fn typo(&self) -> Result<()>;
    #[uc(selector = 6, priority = 1)]
    fn unknown(&self) -> Result<()>;
    #[uc(selector = 7)]
    fn infallible(&self) -> u32;
    #[uc(selector = 7)]
    fn twice(&self) -> Result<()>;
    #[uc(selector = SEVEN)]
    fn twice_by_constant(&self) -> Result<()>;
    #[uc(selector = 8)]
    fn not_plain(&self, config: &Config) -> Result<(u32, Config)>;
    #[uc(selector = 9)]
    fn too_much(&self) -> Result<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>;
    #[uc(selector = 10)]
    async fn fill(&self, out: &mut [u32]) -> Result<usize>;
    #[uc(selector = 11)]
    async fn whole(&self) -> Result<[u64; 2]>;
    #[uc(selector = 12)]
    async fn watch(&self) -> Result<Completions<u32>>;
    const LIMIT: u32;
}

const SEVEN: u32 = 7;

fn main() {}
