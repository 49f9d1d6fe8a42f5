//! Call it: find the device, open it, and say what went wrong.
//!
//! # The first one there is
//!
//! [`Kernel`] says which I/O Kit is meant. On a Mac that is [`Kernel::host`], in a test a
//! simulated one. Let your library's users pass it, and their tests can do the same as yours.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::{Kernel, Result};
//! use pump::{Pump, PumpClient, Status};
//!
//! fn status(kernel: &Kernel) -> Result<Status> {
//!     let pump = PumpClient::open_first(kernel)?;
//!     pump.set_rate(20)?;
//!     pump.status()
//! } // closed here
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//!
//! assert_eq!(status(&machine.task("client").kernel())?, Status::new(900, 20));
//! # machine.assert_clean();
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # Which one
//!
//! A library for a device has to say which of several is meant. [`Service::all`] lists them, in an order that
//! says nothing, and [`Matching`] asks for more than the class. What tells one device from another is a property
//! or what is above it in the registry: a serial number, a port. The number of an entry, [`RegistryEntry::id`],
//! is good for as long as the device stays plugged in.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::{Kernel, Matching, Result, Service};
//! use pump::PumpClient;
//!
//! /// The serial numbers of all pumps.
//! fn pumps(kernel: &Kernel) -> Result<Vec<String>> {
//!     let mut serials = Vec::new();
//!     for service in Service::all(kernel, &Matching::class("com_example_Pump"))? {
//!         if let Some(serial) = service.property("Serial")?.as_ref().and_then(|serial| serial.as_str()) {
//!             serials.push(serial.to_owned());
//!         }
//!     }
//!     Ok(serials)
//! }
//!
//! /// The pump with a serial number; an error that says so if there is none.
//! fn open(kernel: &Kernel, serial: &str) -> Result<PumpClient> {
//!     let matching = Matching::class("com_example_Pump").property("Serial", serial);
//!     PumpClient::open(&Service::expect_first(kernel, &matching)?)
//! }
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # for serial in ["A1", "B2"] {
//! #     let nub = Nub::new("com_example_Pump").property("Serial", serial);
//! #     machine.publish(nub.driver(PumpServer::new(Model::new(900)?)));
//! # }
//! # let kernel = machine.task("client").kernel();
//!
//! assert_eq!(pumps(&kernel)?, ["A1", "B2"]);
//! assert!(open(&kernel, "B2").is_ok());
//! # assert!(open(&kernel, "C3").unwrap_err().to_string().contains("no service matches"));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! Ask for properties before you open: they can be read without permission to open, by most programs, and a device that is
//! open exclusively elsewhere still tells its name. With the feature `serde`, `RegistryEntry::properties` fills a struct.
//! Property values are what the driver's author put there: the same key can be a number on one Mac and a string on another.
//!
//! Some drivers take settings as properties too: [`RegistryEntry::set_property`] gives them one, without a connection. What
//! has to be opened first is set by [`Connection::set_property`].
//!
//! # What went wrong
//!
//! An [`Error`] has a [`kind`](crate::Error::kind) to match on, the exact [`code`](crate::Error::code), the
//! [`call`](crate::Error::call) that failed, and a [`detail`](crate::Error::detail) where there are figures. Its text has all of it, so
//! that a line in a bug report is enough:
//!
//! ```text
//! Pump::set_rate (selector 0): kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument
//! ```
//!
//! Match on the kind, and on the code only where a driver has one of its own. Codes do not all come from I/O Kit: a call on a
//! device that was unplugged fails in Mach, with `MACH_SEND_INVALID_DEST`, and 17 scalars fail in the library that packs
//! the message, with `MIG_ARRAY_TOO_LARGE`. What usually causes a code is said at its constant of [`IoReturn`].
//!
//! Your users do not want to know any of that. Give them an error of your own that says what it means for the device, and
//! keep this one inside it:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::{ErrorKind, Kernel};
//! use pump::PumpClient;
//! use std::fmt;
//!
//! #[derive(Debug)]
//! #[non_exhaustive]
//! pub enum PumpError {
//!     /// No pump is plugged in.
//!     NotFound(iokit_uc::Error),
//!     /// Another program uses it.
//!     InUse(iokit_uc::Error),
//!     /// This program may not use it.
//!     NotAllowed(iokit_uc::Error),
//!     /// It was unplugged.
//!     Gone(iokit_uc::Error),
//!     /// Anything else.
//!     Driver(iokit_uc::Error),
//! }
//!
//! impl From<iokit_uc::Error> for PumpError {
//!     fn from(error: iokit_uc::Error) -> Self {
//!         match error.kind() {
//!             ErrorKind::NotFound => Self::NotFound(error),
//!             ErrorKind::ExclusiveAccess | ErrorKind::Busy => Self::InUse(error),
//!             ErrorKind::NotPermitted => Self::NotAllowed(error),
//!             ErrorKind::Terminated | ErrorKind::NoDevice => Self::Gone(error),
//!             _ => Self::Driver(error),
//!         }
//!     }
//! }
//!
//! impl fmt::Display for PumpError {
//!     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
//!         f.write_str(match self {
//!             Self::NotFound(_) => "no pump is plugged in",
//!             Self::InUse(_) => "another program uses the pump",
//!             Self::NotAllowed(_) => "this program may not use the pump",
//!             Self::Gone(_) => "the pump was unplugged",
//!             Self::Driver(_) => "the pump's driver failed",
//!         })
//!     }
//! }
//!
//! impl std::error::Error for PumpError {
//!     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
//!         match self {
//!             Self::NotFound(error)
//!             | Self::InUse(error)
//!             | Self::NotAllowed(error)
//!             | Self::Gone(error)
//!             | Self::Driver(error) => Some(error),
//!         }
//!     }
//! }
//!
//! fn open(kernel: &Kernel) -> Result<PumpClient, PumpError> {
//!     Ok(PumpClient::open_first(kernel)?)
//! }
//! # let machine = iokit_uc::sim::Machine::new();
//!
//! let error = open(&machine.task("client").kernel()).unwrap_err();
//! assert_eq!(error.to_string(), "no pump is plugged in");
//! # }
//! ```
//!
//! # What a call takes for granted
//!
//! - **A call blocks** until the driver's method returns. There is no time-out, and nothing that takes a call back: a driver
//!   that hangs in a method hangs the thread, and closing the connection waits for the method too (EM-15). A method that
//!   takes time should be asynchronous; if it is not, call it on a thread that may hang.
//! - **Threads.** All methods take `&self`, a client is `Send` and `Sync`, and the kernel runs several calls of one connection
//!   at once, unless the driver asks for one at a time. A device that wants its calls in an order needs a lock of yours.
//! - **What comes back is checked.** More or fewer bytes than the method declares, a scalar that is no value of its type: an
//!   error of kind [`InvalidReply`](crate::ErrorKind::InvalidReply) that tells the figures. So nothing in a reply can be taken for
//!   something else; that its values make sense is for the library to check.
//! - **Large structures** go out of line above 4096 bytes, without a difference that either side sees.
//! - **A driver may keep state for a connection.** Opening twice is two of them, or an error: that is the driver's choice.
//!
//! # Closing
//!
//! Dropping the client closes. So does the end of the process, however it ends. Close by hand to hear how it went:
//! `Connection::from(pump).close()`. A [`Mapping`](crate::Mapping) or [`DataQueue`](crate::DataQueue) that was made with a
//! connection keeps it open when that is dropped.
//!
//! When the device goes away, a handle stays what it is and each call fails, with an error of kind
//! [`Terminated`](crate::ErrorKind::Terminated): the code is `MACH_SEND_INVALID_DEST`, or `kIOReturnBadArgument` if the
//! connection has ever mapped memory. What was on its way then, a completion or a stream, ends with `kIOReturnNoDevice`, of
//! kind [`NoDevice`](crate::ErrorKind::NoDevice): match on both. Plugged in again, the device is another service, with
//! another number; find and open it anew. How to hear of it is in [`wait`](super::wait).
//!
//! [`Connection::set_property`]: crate::Connection::set_property
//! [`Error`]: crate::Error
//! [`ErrorKind::InvalidReply`]: crate::ErrorKind::InvalidReply
//! [`IoReturn`]: crate::IoReturn
//! [`Kernel`]: crate::Kernel
//! [`Kernel::host`]: crate::Kernel::host
//! [`Matching`]: crate::Matching
//! [`RegistryEntry::id`]: crate::RegistryEntry::id
//! [`RegistryEntry::set_property`]: crate::RegistryEntry::set_property
//! [`Service::all`]: crate::Service::all
