use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0, memory = 0)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = 1, memory = 1, selector = 1)]
    fn events(&self) -> Result<DataQueue<u64>>;
}

fn main() {}
