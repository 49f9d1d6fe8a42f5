use iokit_uc::user_client;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn nothing(&self);
    #[uc(selector = 1)]
    async fn infallible(&self) -> u32;
}

fn main() {}
