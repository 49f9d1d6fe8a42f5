use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn forever(&'static self) -> Result<()>;
    #[uc(selector = 1)]
    fn undeclared(&'a self) -> Result<()>;
}

fn main() {}
