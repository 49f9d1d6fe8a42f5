use iokit_uc::user_client;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    fn own(&self) -> Result<u32, String>;
}

fn main() {}
