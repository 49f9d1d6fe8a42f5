//! A trait with items that are no methods is still implemented by its client.

use iokit_uc::{Connection, Kernel, Result, user_client};

#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    const VERSION: u32;
    const LIMIT: u32 = 3;
    type Unit;
    unknown!();
    #[uc(selector = 1)]
    fn later(&self) -> impl Future<Output = Result<u32>>;
}

struct Driver;

impl Demo for Driver {
    fn open(&self) -> Result<()> {
        Ok(())
    }
    const VERSION: u32 = 1;
    type Unit = u32;
    async fn later(&self) -> Result<u32> {
        Ok(Self::VERSION)
    }
}

fn both(kernel: &Kernel) -> Result<Connection> {
    let _server = DemoServer::new(Driver);
    let client = DemoClient::open_first(kernel)?;
    client.open()?;
    Ok(client.into())
}

fn main() {
    let _ = both;
}
