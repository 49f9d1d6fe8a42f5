use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 3)]
    fn first(&self) -> Result<()>;
    #[uc(selector = 3)]
    fn second(&self) -> Result<()>;
}

fn main() {}
