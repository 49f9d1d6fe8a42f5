use iokit_uc::{DataQueue, Mapping, Result, user_client};

type Framebuffer = Mapping<[u8]>;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(selector = 1)]
    fn framebuffer_by_another_name(&self) -> Result<Framebuffer>;
    #[uc(selector = 2)]
    fn events(&self) -> Result<DataQueue<u64>>;
}

fn main() {}
