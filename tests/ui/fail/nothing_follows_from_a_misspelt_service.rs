//! The key that would make `open_first` is misspelt, and `open_first` is there.

use iokit_uc::{Connection, Kernel, Result, user_client};

#[user_client(servce = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

struct Driver;

impl Demo for Driver {
    fn open(&self) -> Result<()> {
        Ok(())
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
