use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self, #[cfg(debug_assertions)] level: u32) -> Result<()>;
}

fn main() {}
