//! Memory and queues have numbers of one kind, and selectors are of another.

use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(selector = 3)]
    fn reset(&self) -> Result<()>;
    #[uc(memory = 3)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = 3)]
    fn events(&self) -> Result<DataQueue<u64>>;
}

fn main() {}
