use iokit_uc::{Result, user_client};

#[user_client(table = Dispatch2023)]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

fn main() {}
