use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>
    where
        Self: Sized;
}

fn main() {}
