use iokit_uc::user_client;
use std::io;

#[user_client]
pub trait Demo {
    #[uc(selector = 0)]
    async fn read(&self) -> io::Result<u32>;
    #[uc(selector = 1)]
    async fn write(&self, value: u32) -> io::Result<()>;
}

struct Driver;

impl Demo for Driver {
    async fn read(&self) -> io::Result<u32> {
        Ok(0)
    }
    async fn write(&self, _: u32) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = DemoServer::new(Driver);
}
