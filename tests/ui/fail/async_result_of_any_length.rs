use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn log(&self) -> Result<Vec<u64>>;
}

fn main() {}
