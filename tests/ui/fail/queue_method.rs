use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(queue = 2)]
    fn events(&self) -> Result<()>;
}

fn main() {}
