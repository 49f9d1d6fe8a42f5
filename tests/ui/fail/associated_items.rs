use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    const LIMIT: u32;
    type Sample;
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
