use iokit_uc::{Result, user_client};

#[user_client(type = Self::TYPE)]
pub trait Demo {
    #[uc(selector = Self::OPEN + 1)]
    fn open(&self) -> Result<()>;
}

fn main() {}
