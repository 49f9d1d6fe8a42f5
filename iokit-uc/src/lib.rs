//! Typed, safe access to the user clients of macOS drivers.
//!
//! On macOS a program reaches a driver through IOKitLib: it finds a service in the I/O Registry, opens a user client on
//! it, and calls the client's *external methods* by selector, with scalars and structures. With this crate the author
//! of a device-interface library writes one annotated trait instead:
//!
//! ```
//! use iokit_uc::{Result, Structure, user_client};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, Structure)]
//! #[repr(C)]
//! pub struct Sample {
//!     pub field1: u64,
//!     pub field2: u64,
//! }
//!
//! /// A driver that adds and stores.
//! #[user_client(service = "com_example_Driver")]
//! pub trait Example {
//!     /// The sum of two numbers.
//!     #[uc(selector = 0)]
//!     fn add(&self, a: u32, b: u32) -> Result<u32>;
//!     /// Stores a sample and returns the one before it.
//!     #[uc(selector = 1)]
//!     fn store(&self, sample: &Sample) -> Result<Sample>;
//! }
//! ```
//!
//! By value is a scalar, by reference is a structure. The macro makes `ExampleClient`, which implements the trait over
//! an open [`Connection`], and `ExampleServer<T>`, which makes a [user client](interface::UserClient) of a `T` that
//! implements it, for the simulated kernel. So code that takes `&impl Example` runs on the bare driver, through a
//! simulated kernel, and through a real one. What the attribute takes is told at
//! [`user_client`](macro@user_client).
//!
//! # Where things are
//!
//! - [`guide`]: how a library for a device is made, from the driver's dispatch table to other people's Macs.
//! - [`Kernel`]: which I/O Kit to talk to, [this Mac's](Kernel::host) or a simulated one.
//! - [`Service`], by [`Matching`]: finding a driver. It is a [`RegistryEntry`], from which every [`Plane`] of the I/O Registry is gone
//!   through, by [`RegistryIterator`] too; and an [`Object`]: all are handles that count their references.
//! - [`Connection`]: calling it, through a trait or [by hand](Connection::call).
//! - [`Completion`], [`Completions`]: what asynchronous methods come to, with any executor or without; and
//!   [`NotificationPort`], to say on which thread they are received.
//! - [`Mapping`], [`memory`]: a driver's memory as registers, slices of plain data, or a framebuffer; [`DataQueue`]: entries that
//!   pass through such memory.
//! - [`Error`], [`IoReturn`]: every code, named; which call failed, and the figures where there are some.
//! - [`interface`]: the driver's side of a call; and [`Interface`](interface::Interface), a trait as data, with a C header
//!   for the driver's author and a test that notices when the interface changes.
//! - `archive`, with the feature of that name: registries as `ioreg` writes them, read and written.
//! - `sim`, with the feature of that name: the simulated kernel, to test against without a Mac and without hardware.
//! - `spans`, with the feature `tracing`: what a program does, told to the crate of that name.
//! - [`trace`]: what a program and its kernel said to each other, recorded, redacted, and answered from.
//! - [`backend`]: IOKitLib itself as a trait, for what no safe handle can say.
//!
//! # IOKitLib's names
//!
//! What stands for a function of IOKitLib is found here by the name that it has in C; `docs/from-c.md` in the repository has all of
//! them, with the trap that each had. These have nothing that does:
//!
//! - `IOCreateReceivePort`, `IODispatchCalloutFromMessage`: a [`NotificationPort`] makes its receive right and takes apart what comes
//!   there by itself.
//! - `IONotificationPortSetImportanceReceiver`: what the kernel sends carries no importance.
//! - `IOServiceAuthorize`, `IOServiceOpenAsFileDescriptor`, `IOServiceOFPathToBSDName`: what they do is not in the simulated kernel, so
//!   that nothing here could be tested.
//!
//! # What is taken on trust
//!
//! A driver is not trusted: every count, size, value and string that it returns is checked before use, and what it sends to
//! a notification port is taken apart as bytes, of which none is ever an address. What cannot be checked is trusted, and
//! written down where it is: that a kernel writes only into the buffers that a call names and only while the call runs,
//! that names given to the `unsafe` constructors `from_raw` are what they are said to be, and that memory which a kernel says it
//! has mapped lies outside all memory of Rust's, and stays for as long as its rules say ([`Mapping`] keeps to these); and that what
//! a process on macOS has loaded by the name of `IOServiceGetBusyStateAndTime`, which no public header declares, is IOKitLib's
//! function ([`Service::state`]).

#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as iokit_uc;

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;
mod arch;
#[cfg(feature = "archive")]
pub mod archive;
pub mod backend;
#[cfg(feature = "archive")]
mod capture;
mod completion;
mod connection;
mod data_queue;
mod description;
mod error;
pub mod guide;
pub mod interface;
mod kernel;
#[cfg(target_os = "macos")]
mod macos;
mod mapping;
mod matching;
pub mod memory;
mod notification;
mod object;
mod property;
mod registry;
mod reply;
mod service;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(feature = "tracing")]
pub mod spans;
#[cfg(not(feature = "tracing"))]
#[path = "spans/none.rs"]
mod spans;
pub mod trace;
mod value;
pub mod wire;

pub use completion::{
    Completion, CompletionSender, Completions, CompletionsIntoIter, CompletionsIter, completions,
};
pub use connection::{Answer, Connection, ExternalCall};
pub use data_queue::{DataQueue, DataQueueIntoIter, DataQueueIter, QueueEntry};
pub use error::{Call, Detail, Error, ErrorKind, IoReturn, MemoryName, MethodName, Result};
pub use iokit_uc_derive::{RegisterBlock, RegisterValue, Scalar, Structure, user_client};
pub use kernel::Kernel;
#[cfg(target_os = "macos")]
pub use macos::io_dispatch_callout_from_message;
pub use mapping::Mapping;
pub use matching::Matching;
pub use memory::{ReadOnlyAccess, ReadWriteAccess, RegisterBlock, RegisterValue};
#[cfg(target_os = "macos")]
pub use notification::DispatchSource;
pub use notification::{
    Dropped, Interest, InterestArgument, InterestMessage, InterestMessages, NotificationPort, Notifications,
    NotificationsIntoIter, NotificationsIter, ServiceEvent, ServiceEvents, ServiceNotification, Subscription,
};
pub use object::Object;
pub use property::Search;
pub use registry::{Entries, IterateOptions, Plane, RegistryEntry, RegistryIterator};
pub use service::{Service, ServiceState, Services};
pub use value::{Dictionary, Number, Value, ValueError};
#[cfg(feature = "serde")]
pub use value::{ValueDeserializer, ValueSerializer};
pub use wire::{Scalar, Scalars, Structure};

/// The code of the README, compiled and run with the other examples of the documentation.
#[cfg(all(doctest, feature = "sim"))]
#[doc = include_str!("../README.md")]
struct Readme;
