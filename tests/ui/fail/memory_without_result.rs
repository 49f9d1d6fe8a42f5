use iokit_uc::{Mapping, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0)]
    fn nothing(&self);
    #[uc(memory = 1)]
    fn bare(&self) -> Mapping<[u8]>;
    #[uc(memory = 2)]
    fn borrowed(&self) -> iokit_uc::Result<&Mapping<[u8]>>;
}

fn main() {}
