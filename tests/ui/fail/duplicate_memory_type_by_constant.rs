use iokit_uc::{DataQueue, Mapping, Result, user_client};

const EVENTS: u32 = 3;

#[user_client]
pub trait Demo {
    #[uc(selector = EVENTS)]
    fn reset(&self) -> Result<()>;
    #[uc(memory = 3)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[cfg(all())]
    #[uc(queue = EVENTS)]
    fn events(&self) -> Result<DataQueue<u64>>;
    #[uc(memory = EVENTS - 1)]
    fn palette(&self) -> Result<Mapping<[u32]>>;
}

fn main() {}
