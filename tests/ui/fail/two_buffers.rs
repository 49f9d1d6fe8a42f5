use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn read(&self, one: &mut [u32], two: &mut [u32]) -> Result<usize>;
}

fn main() {}
