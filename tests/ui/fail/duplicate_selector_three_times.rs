use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 3)]
    fn first(&self) -> Result<()>;
    #[uc(selector = 0x3)]
    fn second(&self) -> Result<()>;
    #[uc(selector = 3u32)]
    fn third(&self) -> Result<()>;
}

fn main() {}
