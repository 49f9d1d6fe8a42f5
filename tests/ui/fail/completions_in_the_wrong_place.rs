use iokit_uc::{Completions, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn first(&self) -> Result<(Completions<u32>, u64)>;
    #[uc(selector = 1)]
    fn third(&self) -> Result<(u32, u32, Completions<u32>)>;
    #[uc(selector = 2)]
    fn two(&self) -> Result<(Completions<u32>, Completions<u32>)>;
    #[uc(selector = 3)]
    fn bare(&self) -> Completions<u32>;
    #[uc(selector = 4)]
    fn right(&self) -> Result<((u32, u32), Completions<u32>)>;
}

fn main() {}
