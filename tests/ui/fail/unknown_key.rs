use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selektor = 5)]
    fn typo(&self) -> Result<()>;
    #[uc(selector = 6, priority = 1)]
    fn stranger(&self) -> Result<()>;
}

fn main() {}
