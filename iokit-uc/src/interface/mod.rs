//! The driver's side of an interface: what its methods are, what a call brings, and who answers it.
//!
//! Nothing here needs the simulated kernel. A trait with [`#[user_client]`](macro@crate::user_client) turns into a
//! [`Server`], which is a [`UserClient`]; one that the macro cannot describe is written by hand with [`Arguments`] and
//! one of the three ways in which a kernel driver finds the function of a selector: [`Dispatch`] tables of the 2022
//! and of the classic kind, and [`Legacy`] tables.
//!
//! The trait is data too, an [`Interface`]: from it come [a header in C](Interface::c_header) for the author of the
//! driver in the kernel, and [a text](Interface::abi) by which [a test](Interface::assert_abi) notices that what goes
//! over the wire has changed.

mod abi;
pub(crate) mod arguments;
mod async_reference;
mod caller;
mod dispatch;
mod header;
mod legacy;
mod message;
mod method;
mod queue_bell;
#[cfg(feature = "sim")]
mod refusals;
mod send_right;
mod server;
mod types;
mod user_client;

pub use abi::{AbiError, AbiHash};
pub use arguments::Arguments;
pub use async_reference::AsyncReference;
#[cfg(feature = "sim")]
pub(crate) use async_reference::{DriverFuture, WakeRight};
pub use caller::{Caller, Privilege};
pub use dispatch::Dispatch;
pub use legacy::Legacy;
pub use message::{MessageArgument, MessageType, SERVICE_SEIZE};
pub use method::{
    Checks, CompletionShape, Interface, Locking, Memory, Method, Parameter, ParameterKind, Reply, Table,
    Target,
};
pub use queue_bell::QueueBell;
#[cfg(feature = "sim")]
pub(crate) use refusals::Refusals;
#[cfg(feature = "sim")]
pub(crate) use send_right::KernelRight;
pub use send_right::{SendOptions, SendRight};
pub use server::{ClientMemory, Function, MemoryFunction, Server, Serves};
#[cfg(feature = "sim")]
pub(crate) use user_client::code_of;
pub use user_client::{Driver, EntryId, OnClose, OpenRequest, TerminateOptions, UserClient};
