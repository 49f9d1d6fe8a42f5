use iokit_uc::{Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(queue = 0)]
    fn bytes(&self) -> Result<Vec<u8>>;
    #[uc(queue = 1)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
}

fn main() {}
