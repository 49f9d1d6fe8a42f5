use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn read_log(&self, cursor: u64, out: &mut [u64]) -> Result<usize>;
    #[uc(selector = 1)]
    async fn read_two(&self, out: &mut [u64], more: &mut [u64]) -> Result<u32>;
}

fn main() {}
