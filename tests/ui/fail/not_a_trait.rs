use iokit_uc::user_client;

pub struct Driver;

#[user_client]
impl Driver {
    #[uc(selector = 0)]
    pub fn open(&self) {}
}

fn main() {}
