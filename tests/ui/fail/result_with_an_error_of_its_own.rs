use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn own(&self) -> std::result::Result<u32, String>;
}

fn main() {}
