use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[cfg_attr(all(), uc(selector = 0))]
    fn open(&self) -> Result<()>;
}

fn main() {}
