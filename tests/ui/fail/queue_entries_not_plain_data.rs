use iokit_uc::{DataQueue, Result, Structure, user_client};

pub struct Config {
    pub name: String,
}

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Nothing {}

#[user_client]
pub trait Demo {
    #[uc(queue = 0)]
    fn configs(&self) -> Result<DataQueue<Config>>;
    #[uc(queue = 1)]
    fn words(&self) -> Result<DataQueue<[u32]>>;
    #[uc(queue = 2)]
    fn nothings(&self) -> Result<DataQueue<Nothing>>;
}

fn main() {}
