use iokit_uc::{Result, user_client};

#[user_client(type = 1, type = 2)]
pub trait Demo {
    #[uc(selector = 0, selector = 1)]
    fn open(&self) -> Result<()>;
}

fn main() {}
