use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    fn unmarked(&self) -> Result<()>;
}

fn main() {}
