//! A mistake about memory is reported once, and the users of the client and of the server have no errors.

use iokit_uc::{Connection, DataQueue, IoReturn, Mapping, Result, user_client};

#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(memory = 0, cash = Inhibit)]
    fn framebuffer(&self) -> Result<Mapping<[u8]>>;
    #[uc(queue = 1)]
    fn events(&self) -> Result<DataQueue<u64>>;
}

struct Driver;

impl Demo for Driver {
    fn framebuffer(&self) -> Result<Mapping<[u8]>> {
        Err(IoReturn::UNSUPPORTED.into())
    }
    fn events(&self) -> Result<DataQueue<u64>> {
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
