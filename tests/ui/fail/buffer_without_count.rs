use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn read(&self, out: &mut [u32]) -> Result<()>;
}

fn main() {}
