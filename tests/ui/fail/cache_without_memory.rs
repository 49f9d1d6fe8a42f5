use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 0, cache = Inhibit)]
    fn reset(&self) -> Result<()>;
    #[uc(queue = 0, cache = Inhibit)]
    fn events(&self) -> Result<DataQueue<u64>>;
    #[uc(cache = Inhibit)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
}

fn main() {}
