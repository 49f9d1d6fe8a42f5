use iokit_uc::{Result, user_client};

#[user_client]
#[uc(selector = 0)]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
