use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn declared<'a>(&'a self, value: &'a [u8]) -> Result<()>;
    #[uc(selector = 1)]
    fn elsewhere(&self, value: &'static u32) -> Result<()>;
}

fn main() {}
