use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn generic(&self, value: impl Into<u32>) -> Result<()>;
}

fn main() {}
