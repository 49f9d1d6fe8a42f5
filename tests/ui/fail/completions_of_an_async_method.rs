use iokit_uc::{Completions, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn watch(&self) -> Result<Completions<u32>>;
    #[uc(selector = 1)]
    async fn answer_and_watch(&self) -> Result<(u64, Completions<u32>)>;
}

fn main() {}
