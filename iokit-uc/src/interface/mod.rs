//! The driver's side of an interface: what its methods are, what a call brings, and who answers it.
//!
//! Nothing here needs the simulated kernel. A trait with [`#[user_client]`](macro@crate::user_client) turns into a
//! [`Server`], which is a [`UserClient`]; one that the macro cannot describe is written by hand with [`Arguments`] and
//! one of the three ways in which a kernel driver finds the function of a selector: [`Dispatch`] tables of the 2022
//! and of the classic kind, and [`Legacy`] tables.

pub(crate) mod arguments;
mod async_reference;
mod caller;
mod dispatch;
mod legacy;
mod method;
mod server;
mod user_client;

pub use arguments::Arguments;
pub use async_reference::AsyncReference;
pub use caller::{Caller, Privilege};
pub use dispatch::Dispatch;
pub use legacy::Legacy;
pub use method::{Checks, Interface, Locking, Method, Table, Target};
pub use server::{Function, Server, Serves};
#[cfg(feature = "sim")]
pub(crate) use user_client::code_of;
pub use user_client::{Driver, EntryId, OnClose, OpenRequest, TerminateOptions, UserClient};
