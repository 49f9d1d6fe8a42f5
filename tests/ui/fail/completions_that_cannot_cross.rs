use iokit_uc::{Completions, Result, Structure, user_client};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    pub field: u64,
}

pub struct Config {
    pub name: String,
}

type Stream<T> = Completions<T>;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn structures(&self) -> Result<Completions<Sample>>;
    #[uc(selector = 1)]
    fn many(
        &self,
    ) -> Result<(Sample, Completions<(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)>)>;
    #[uc(selector = 2)]
    fn configs(&self) -> Result<Completions<Config>>;
    #[uc(selector = 3)]
    fn answer(&self) -> Result<(Config, Stream<u32>)>;
    #[uc(selector = 4)]
    fn alias(&self) -> Result<(Sample, Stream<(Sample, u32)>)>;
}

fn main() {}
