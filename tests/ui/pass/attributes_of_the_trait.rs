//! What a trait's attributes say holds for its client and its server; a method's conditions are found at any depth.

#![deny(warnings)]

use iokit_uc::{Result, user_client};

#[user_client(service = "com_example_Driver")]
#[allow(non_camel_case_types, non_snake_case)]
pub trait driver {
    #[uc(selector = 0)]
    fn OpenDriver(&self, theValue: u32) -> Result<()>;
    #[uc(selector = 1)]
    async fn ReadDriver(&self, theValue: u32) -> Result<()>;
}

#[deprecated]
#[doc(hidden)]
#[user_client(service = "com_example_Driver")]
pub trait Old {
    #[deprecated]
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
    #[deprecated]
    #[uc(selector = 1)]
    async fn wait(&self) -> Result<()>;
}

#[user_client]
pub trait Conditional {
    #[cfg_attr(all(), cfg_attr(all(), cfg(any())))]
    #[uc(selector = 0)]
    fn absent(&self, unknown: Unknown) -> Result<Unknown>;
    #[cfg_attr(all(), deprecated, cfg(all()))]
    #[uc(selector = 1)]
    fn present(&self) -> Result<()>;
    #[cfg_attr(all(), cfg(any()))]
    #[uc(selector = 2)]
    async fn later(&self, unknown: Unknown) -> Result<Unknown>;
    #[cfg(all())]
    #[uc(selector = 2)]
    async fn later(&self, known: u32) -> Result<u32>;
}

fn main() {
    let methods: Vec<_> =
        ConditionalClient::INTERFACE.methods.iter().map(|method| method.name.method).collect();
    assert_eq!(methods, ["present", "later"]);
    assert_eq!(driverClient::INTERFACE.methods.len(), 2);
    #[allow(deprecated)]
    let interface = OldClient::INTERFACE;
    assert_eq!(interface.methods.len(), 2);
}
