use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn position(&self) -> Result<usize>;
}

fn main() {}
