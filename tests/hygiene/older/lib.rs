//! Asynchronous methods in a crate of edition 2018.

#![deny(missing_docs, rust_2018_compatibility, unused, warnings)]

use iokit_uc::{
    completions, user_client, Completion, Completions, Connection, DataQueue, IoReturn, Mapping, Result,
    Structure,
};

/// A structure.
#[derive(Clone, Copy, Debug, Structure)]
#[repr(C)]
pub struct Sample {
    /// A field.
    pub field: u64,
}

/// An interface.
#[user_client(service = "com_example_Driver")]
pub trait Interface: Send + Sync {
    /// A synchronous method.
    #[uc(selector = 0)]
    fn call(&self, value: u32) -> Result<Sample>;
    /// A method that completes once.
    #[uc(selector = 1)]
    async fn transfer(&self, value: u32, sample: &Sample) -> Result<(u32, u64)>;
    /// A method that completes many times.
    #[uc(selector = 2)]
    fn watch(&self) -> Result<(Sample, Completions<u64>)>;
    /// Memory.
    #[uc(memory = 0)]
    fn memory(&self) -> Result<Mapping<[Sample]>>;
    /// A queue.
    #[uc(queue = 1)]
    fn queue(&self) -> Result<DataQueue<[u8]>>;
}

/// A driver.
#[derive(Debug)]
pub struct Driver;

impl Interface for Driver {
    fn call(&self, value: u32) -> Result<Sample> {
        Ok(Sample { field: value.into() })
    }
    async fn transfer(&self, value: u32, sample: &Sample) -> Result<(u32, u64)> {
        let answer = self.call(value)?;
        std::future::ready(()).await;
        Ok((value, sample.field + answer.field))
    }
    fn watch(&self) -> Result<(Sample, Completions<u64>)> {
        Ok((self.call(0)?, completions().1))
    }
    fn memory(&self) -> Result<Mapping<[Sample]>> {
        Err(IoReturn::UNSUPPORTED.into())
    }
    fn queue(&self) -> Result<DataQueue<[u8]>> {
        Err(IoReturn::UNSUPPORTED.into())
    }
}

/// A user client over the driver.
pub fn serve() -> InterfaceServer<Driver> {
    InterfaceServer::new(Driver)
}

/// A call that does not borrow what it is made with.
pub fn transfer(connection: Connection) -> Completion<(u32, u64)> {
    InterfaceClient::new(connection).transfer(1, &Sample { field: 2 })
}

/// A future that may cross threads.
pub fn run<'a>(
    interface: &'a impl Interface,
    sample: &'a Sample,
) -> impl std::future::Future<Output = Result<(u32, u64)>> + Send + 'a {
    interface.transfer(1, sample)
}
