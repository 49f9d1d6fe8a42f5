use iokit_uc::{Result, user_client};

const OPEN: u64 = 0;

#[user_client]
pub trait Demo {
    #[uc(selector = OPEN)]
    fn open(&self) -> Result<()>;
    #[uc(selector = 1)]
    fn close(&self) -> Result<()>;
}

fn main() {}
