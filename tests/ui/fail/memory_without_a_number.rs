use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memori = 0)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(entitlement = "com.example.events")]
    fn events(&self) -> Result<DataQueue<u64>>;
}

fn main() {}
