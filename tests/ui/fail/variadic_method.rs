use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self, _: ...) -> Result<()>;
}

fn main() {}
