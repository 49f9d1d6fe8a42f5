use iokit_uc::{DataQueue, Mapping, Result, user_client};

const WIDE: u64 = 3;

#[user_client]
pub trait Demo {
    #[uc(memory)]
    fn missing(&self) -> Result<Mapping<[u8]>>;
    #[uc(memory = -1)]
    fn negative(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = 4294967296)]
    fn large(&self) -> Result<DataQueue<u64>>;
    #[uc(memory = Self::TYPE)]
    fn of_the_trait(&self) -> Result<Mapping<[u8]>>;
    #[uc(memory = WIDE)]
    fn wide(&self) -> Result<Mapping<[u8]>>;
}

fn main() {}
