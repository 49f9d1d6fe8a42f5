use iokit_uc::{Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0, cache = WriteCombine)]
    fn framebuffer(&self) -> Result<()>;
}

fn main() {}
