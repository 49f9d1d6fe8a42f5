use iokit_uc::{Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0, cache = WriteCombined)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(memory = 1, cache = CacheMode::Inhibit)]
    fn palette(&self) -> Result<Mapping<[u8]>>;
}

fn main() {}
