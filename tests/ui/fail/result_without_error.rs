use iokit_uc::user_client;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn infallible(&self) -> u32;
}

fn main() {}
