use iokit_uc::{Result, user_client};

#[user_client(table = Legacy)]
pub trait Demo {
    #[uc(selector = 0)]
    fn seven(&self, a: u32, b: u32, c: u32, d: u32) -> Result<(u32, u32, u32)>;
    #[uc(selector = 1)]
    fn mixed(&self, sample: &[u32]) -> Result<u32>;
    #[uc(selector = 2)]
    fn both(&self, a: u32, sample: &[u32], out: &mut [u32]) -> Result<usize>;
    #[uc(selector = 3)]
    fn fits(&self, a: u32, b: u32, c: u32) -> Result<(u32, u32, u32)>;
}

fn main() {}
