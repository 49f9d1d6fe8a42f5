use iokit_uc::{Result, user_client};

#[user_client]
pub unsafe trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
