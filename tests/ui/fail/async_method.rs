use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn transfer(&self, bytes: u32) -> Result<(u32, u64)>;
}

fn main() {}
