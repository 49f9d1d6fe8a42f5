//! The users of the client and of the server of a trait with asynchronous mistakes have no errors.

use iokit_uc::{Completions, Connection, Result, user_client};

pub struct Config {
    pub name: String,
}

#[user_client(service = "com_example_Driver", servise = "com_example_Driver")]
pub trait Demo {
    #[uc(selector = 0)]
    async fn config(&self) -> Result<Config>;
    #[uc(selector = 1)]
    async fn array(&self) -> Result<[u64; 2]>;
    #[uc(selector = 2)]
    async fn fill(&self, out: &mut [u64]) -> Result<usize>;
    #[uc(selector = 3)]
    async fn with_body(&self) -> Result<u32> {
        5
    }
    async fn unmarked(&self) -> Result<u32>;
    #[uc(selector = 4)]
    fn watch(&self) -> Result<(Config, Completions<Config>)>;
}

struct Driver;

impl Demo for Driver {
    async fn config(&self) -> Result<Config> {
        Ok(Config { name: String::new() })
    }
    async fn array(&self) -> Result<[u64; 2]> {
        Ok([0, 0])
    }
    async fn fill(&self, _: &mut [u64]) -> Result<usize> {
        Ok(0)
    }
    async fn unmarked(&self) -> Result<u32> {
        Ok(0)
    }
    fn watch(&self) -> Result<(Config, Completions<Config>)> {
        unimplemented!()
    }
}

async fn exercise(demo: &impl Demo) -> Result<()> {
    let _ = demo.config().await?.name;
    let _ = demo.fill(&mut [0]).await? + 1;
    demo.with_body().await?;
    demo.unmarked().await?;
    demo.watch()?;
    Ok(())
}

async fn both(connection: Connection) -> Result<()> {
    let _server = DemoServer::new(Driver);
    let _name = DemoClient::INTERFACE.name;
    exercise(&Driver).await?;
    let client = DemoClient::new(connection);
    exercise(&client).await?;
    let _ = client.config().wait()?.name;
    client.fill(&mut [0]).wait()?;
    client.with_body().wait()?;
    client.unmarked().await?;
    Ok(())
}

fn main() {
    let _ = both;
}
