use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn generic<T>(&self, value: T) -> Result<()>;
}

fn main() {}
