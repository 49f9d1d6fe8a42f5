//! After a mistake the trait, its client and its server still exist, so that their users have no errors.

use iokit_uc::{Connection, Result, user_client};

#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[uc(selektor = 1)]
    fn read(&self, position: u64) -> Result<u32>;
}

struct Driver;

impl Demo for Driver {
    fn open(&self) -> Result<()> {
        Ok(())
    }
    fn read(&self, position: u64) -> Result<u32> {
        Ok(position as u32)
    }
}

fn exercise(demo: &impl Demo) -> Result<u32> {
    demo.open()?;
    demo.read(3)
}

fn both(connection: Connection) -> Result<u32> {
    let _server: DemoServer<Driver> = DemoServer::new(Driver);
    let _name = DemoClient::INTERFACE.name;
    exercise(&Driver)?;
    exercise(&DemoClient::new(connection))
}

fn main() {
    let _ = both;
    let _ = DemoClient::open_first;
}
