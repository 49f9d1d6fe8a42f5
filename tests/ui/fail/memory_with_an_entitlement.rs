use iokit_uc::{DataQueue, Mapping, Result, user_client};

#[user_client]
pub trait Demo {
    #[uc(memory = 0, entitlement = "com.example.framebuffer")]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = 1, entitlement = "com.example.events")]
    fn events(&self) -> Result<DataQueue<u64>>;
}

fn main() {}
