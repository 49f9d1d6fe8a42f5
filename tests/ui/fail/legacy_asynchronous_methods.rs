use iokit_uc::{Completions, Result, user_client};

#[user_client(table = Legacy)]
pub trait Demo {
    #[uc(selector = 0)]
    async fn transfer(&self, bytes: u32) -> Result<u32>;
    #[uc(selector = 1)]
    fn watch(&self) -> Result<Completions<u32>>;
    #[uc(selector = 2)]
    fn answer_and_watch(&self) -> Result<(u32, Completions<u32>)>;
    #[uc(selector = 3)]
    fn call(&self) -> Result<u32>;
}

fn main() {}
