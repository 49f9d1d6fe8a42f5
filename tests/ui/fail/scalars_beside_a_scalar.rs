use iokit_uc::{Result, Scalars, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn all(&self, scalars: Scalars, one_more: u32) -> Result<()>;
}

fn main() {}
