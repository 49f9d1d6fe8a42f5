use iokit_uc::{Result, Structure, user_client};

#[derive(Clone, Copy, Structure)]
#[repr(C)]
pub struct Sample {
    pub field: u64,
}

type Renamed = Sample;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn whole(&self) -> Result<Renamed>;
    #[uc(selector = 1)]
    async fn part(&self) -> Result<(u32, Sample)>;
    #[uc(selector = 2)]
    async fn array(&self) -> Result<[u64; 2]>;
}

fn main() {}
