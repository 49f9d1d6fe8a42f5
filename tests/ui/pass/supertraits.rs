//! A driver may be asked for more than the interface.

use iokit_uc::{Result, user_client};
use std::fmt::Debug;

#[user_client]
pub trait Interface: Debug + Send + Sync + 'static {
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[uc(selector = 1)]
    async fn read(&self, position: &u64) -> Result<u32>;
}

#[derive(Debug)]
struct Driver;

impl Interface for Driver {
    fn open(&self) -> Result<()> {
        Ok(())
    }
    async fn read(&self, position: &u64) -> Result<u32> {
        self.open()?;
        Ok(*position as u32)
    }
}

fn needs_everything<T: Interface>() {}

fn main() {
    needs_everything::<Driver>();
    needs_everything::<InterfaceClient>();
    let _ = InterfaceServer::new(Driver);
}
