//! Typed, safe access to macOS drivers' user clients.

extern crate self as iokit_uc;

pub mod backend;
mod connection;
mod error;
pub mod interface;
mod kernel;
#[cfg(target_os = "macos")]
mod macos;
mod matching;
mod object;
mod registry;
mod service;
#[cfg(feature = "sim")]
pub mod sim;
mod value;
pub mod wire;

pub use connection::{Answer, Connection, ExternalCall};
pub use error::{Call, Detail, Error, ErrorKind, IoReturn, MethodName, Result};
pub use iokit_uc_derive::{Scalar, Structure, user_client};
pub use kernel::Kernel;
pub use matching::Matching;
pub use object::Object;
pub use registry::RegistryEntry;
pub use service::{Service, Services};
pub use value::{Dictionary, Number, Value};
pub use wire::{Scalar, Scalars, Structure};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
