//! A type that no completion carries is reported once, and the users of the client and of the server have no errors.

use iokit_uc::{Completions, Connection, Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client(service = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    async fn config(&self) -> Result<Config>;
    #[uc(selector = 1)]
    async fn array(&self) -> Result<[u64; 2]>;
    #[uc(selector = 2)]
    async fn set(&self, config: &[Config]) -> Result<()>;
    #[uc(selector = 3)]
    fn watch(&self) -> Result<(u32, Completions<Config>)>;
}

struct Driver;

impl Demo for Driver {
    async fn config(&self) -> Result<Config> {
        Ok(Config { name: String::new() })
    }
    async fn array(&self) -> Result<[u64; 2]> {
        Ok([0, 0])
    }
    async fn set(&self, _: &[Config]) -> Result<()> {
        Ok(())
    }
    fn watch(&self) -> Result<(u32, Completions<Config>)> {
        unimplemented!()
    }
}

async fn exercise(demo: &impl Demo) -> Result<()> {
    let _ = demo.config().await?.name;
    let _ = demo.array().await?[0];
    demo.set(&[]).await?;
    let _ = demo.watch()?.1;
    Ok(())
}

async fn both(connection: Connection) -> Result<()> {
    let _server = DemoServer::new(Driver);
    let _name = DemoClient::INTERFACE.name;
    exercise(&Driver).await?;
    let client = DemoClient::new(connection);
    exercise(&client).await?;
    let _ = client.config().wait()?.name;
    let _ = client.array().wait()?[0];
    client.set(&[]).await
}

fn main() {
    let _ = both;
}
