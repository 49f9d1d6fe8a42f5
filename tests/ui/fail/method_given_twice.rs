use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[uc(selector = 1)]
    fn open(&self, seize: bool) -> Result<()>;
}

fn main() {}
