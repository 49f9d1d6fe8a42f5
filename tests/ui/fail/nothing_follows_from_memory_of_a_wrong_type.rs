//! A type that is no mapping and no queue is reported once, however often it is used, and the users of the client and
//! of the server have no errors.

use iokit_uc::{Connection, IoReturn, Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(memory = 0)]
    fn framebuffer(&self) -> Result<Config>;
    #[uc(memory = 1)]
    fn palette(&self) -> Result<Config>;
    #[cfg(all())]
    #[uc(queue = 2)]
    fn events(&self) -> Result<u32>;
}

struct Driver;

impl Demo for Driver {
    fn framebuffer(&self) -> Result<Config> {
        Err(IoReturn::UNSUPPORTED.into())
    }
    fn palette(&self) -> Result<Config> {
        Err(IoReturn::UNSUPPORTED.into())
    }
    fn events(&self) -> Result<u32> {
        Err(IoReturn::UNSUPPORTED.into())
    }
}

fn exercise(demo: &impl Demo) -> Result<()> {
    demo.framebuffer().map(drop)
}

fn both(connection: Connection) -> Result<()> {
    let _server = DemoServer::new(Driver);
    let _memory = DemoClient::INTERFACE.memory;
    exercise(&Driver)?;
    exercise(&DemoClient::new(connection))
}

fn main() {
    let _ = both;
}
