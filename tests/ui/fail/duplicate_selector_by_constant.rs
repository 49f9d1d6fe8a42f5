use iokit_uc::{Result, user_client};

const OPEN: u32 = 3;

#[user_client]
pub trait Demo {
    #[uc(selector = OPEN)]
    fn first(&self) -> Result<()>;
    #[uc(selector = 3)]
    fn second(&self) -> Result<()>;
    #[uc(selector = 2 + 1)]
    fn third(&self) -> Result<()>;
}

fn main() {}
