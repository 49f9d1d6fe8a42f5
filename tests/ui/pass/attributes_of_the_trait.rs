//! What a trait's attributes say holds for its client and its server; a method's conditions are found at any depth.

#![deny(warnings)]

use iokit_uc::{Result, user_client};

#[user_client(service = "com_example_Driver")]
#[allow(non_camel_case_types, non_snake_case)]
pub trait driver {
    #[uc(selector = 0)]
    fn OpenDriver(&self, theValue: u32) -> Result<()>;
}

#[deprecated]
#[doc(hidden)]
#[user_client(service = "com_example_Driver")]
pub trait Old {
    #[deprecated]
    #[uc(selector = 0)]
    fn open(&self) -> Result<()>;
}

#[user_client]
pub trait Conditional {
    #[cfg_attr(all(), cfg_attr(all(), cfg(any())))]
    #[uc(selector = 0)]
    fn absent(&self, unknown: Unknown) -> Result<Unknown>;
    #[cfg_attr(all(), deprecated, cfg(all()))]
    #[uc(selector = 1)]
    fn present(&self) -> Result<()>;
}

fn main() {
    let methods: Vec<_> =
        ConditionalClient::INTERFACE.methods.iter().map(|method| method.name.method).collect();
    assert_eq!(methods, ["present"]);
    assert_eq!(driverClient::INTERFACE.methods.len(), 1);
    #[allow(deprecated)]
    let interface = OldClient::INTERFACE;
    assert_eq!(interface.methods.len(), 1);
}
