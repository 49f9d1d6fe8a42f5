use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn pair(&self, (a, b): (u32, u32)) -> Result<()>;
    #[uc(selector = 1)]
    fn mutable(&self, mut a: u32) -> Result<()>;
    #[uc(selector = 2)]
    fn nameless(&self, _: u32) -> Result<()>;
}

fn main() {}
