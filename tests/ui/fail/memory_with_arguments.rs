use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0)]
    fn plane(&self, index: u32, (x, y): (u32, u32)) -> Result<Mapping<[u8]>>;
    #[uc(queue = 1)]
    fn events(&self, entries: usize) -> Result<DataQueue<u64>>;
}

fn main() {}
