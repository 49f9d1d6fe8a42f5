use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0)]
    fn number(&self) -> Result<u32>;
    #[uc(memory = 1)]
    fn events(&self) -> Result<DataQueue<u64>>;
    #[uc(memory = 2)]
    fn two(&self) -> Result<(Mapping<[u8]>, Mapping<[u8]>)>;
}

fn main() {}
