//! A type that cannot cross is reported once, however often it is used, and the users of the client and of the server
//! have no errors.

use iokit_uc::{Connection, Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client(service = "com_example_Driver", table = Legacy)]
pub trait Demo {
    #[uc(selector = 0)]
    fn set(&self, config: &Config) -> Result<()>;
    #[uc(selector = 1)]
    fn set_all(&self, config: &[Config]) -> Result<()>;
    #[cfg(all())]
    #[uc(selector = 2)]
    fn seek(&self, position: usize) -> Result<()>;
}

struct Driver;

impl Demo for Driver {
    fn set(&self, _: &Config) -> Result<()> {
        Ok(())
    }
    fn set_all(&self, _: &[Config]) -> Result<()> {
        Ok(())
    }
    fn seek(&self, _: usize) -> Result<()> {
        Ok(())
    }
}

fn exercise(demo: &impl Demo) -> Result<()> {
    demo.set(&Config { name: String::new() })
}

fn both(connection: Connection) -> Result<()> {
    let _server = DemoServer::new(Driver);
    let _name = DemoClient::INTERFACE.name;
    exercise(&Driver)?;
    exercise(&DemoClient::new(connection))
}

fn main() {
    let _ = both;
}
