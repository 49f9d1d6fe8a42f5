use iokit_uc::{Mapping, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0)]
    fn framebuffer(&self) -> std::io::Result<Mapping<[u8]>>;
}

fn main() {}
