use iokit_uc::{Mapping, Result, Structure, user_client};

pub struct Config {
    pub name: String,
}

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Nothing {}

#[user_client]
pub trait Demo {
    #[uc(memory = 0)]
    fn word(&self) -> Result<Mapping<u32>>;
    #[uc(memory = 1)]
    fn configs(&self) -> Result<Mapping<[Config]>>;
    #[uc(memory = 2)]
    fn nothings(&self) -> Result<Mapping<[Nothing]>>;
    #[uc(memory = 3)]
    fn read_only(&self) -> Result<Mapping<[u8], Config>>;
}

fn main() {}
