//! Describe your driver: its methods as a trait.
//!
//! A user client has external methods, each with a number, the *selector*. A call brings up to 16 scalars of 64 bits and
//! one structure, and takes as much back. The driver says how many and how large in its dispatch table. The kernel
//! compares each call with that, and what differs is `kIOReturnBadArgument`, without a word about what differs.
//!
//! So the trait has to agree with the table to the byte. Once it does, the compiler keeps callers to it.
//!
//! # The trait
//!
//! This is the pump's, whole. It is the file `src/protocol.rs`.
//!
//! ```
#![doc = include_str!("pump/protocol.rs")]
//! ```
//!
//! What is passed by value is a scalar. What is passed by reference is a structure. The results are read the same way: an
//! integer, a `bool` or a type with [`#[derive(Scalar)]`](derive@crate::Scalar) is a scalar output, a type with
//! [`#[derive(Structure)]`](derive@crate::Structure) the structure output, and a tuple is several. The whole table is at
//! [`#[user_client]`](macro@crate::user_client).
//!
//! The attribute makes `PumpClient`, which calls the driver, and `PumpServer<T>`, which turns a `T` that implements the trait
//! into a user client of the simulated kernel. The trait itself stays as it is: code that takes `&impl Pump` runs on either
//! side.
//!
//! # From a dispatch table
//!
//! Somebody has the driver's source, or its header. A record of the table is `{ function, scalar inputs, bytes in, scalar
//! outputs, bytes out }`; the newer kind has two more, whether it is asynchronous and an entitlement.
//!
//! | the record | the method |
//! |---|---|
//! | `{ fn, 1, 0, 0, 0, false, NULL }` | `fn set_rate(&self, rate: u32) -> Result<()>` |
//! | `{ fn, 0, 0, 0, 16, false, NULL }` | `fn status(&self) -> Result<Status>`, of 16 bytes |
//! | `{ fn, 0, kIOUCVariableStructureSize, 1, 0, false, NULL }` | `fn load(&self, programme: &[Step]) -> Result<u32>` |
//! | `{ fn, 1, 0, 0, kIOUCVariableStructureSize, false, NULL }` | `fn read(&self, from: u64, out: &mut [Step]) -> Result<usize>`, or `-> Result<Vec<Step>>` |
//! | `{ fn, 1, 0, 0, 0, true, NULL }` | `async fn dose(&self, volume: u32) -> Result<u32>` |
//! | `{ fn, 0, 0, 0, 0, false, "com.example.pump.flush" }` | `#[uc(selector = 5, entitlement = "com.example.pump.flush")] fn flush(&self) -> Result<()>` |
//! | `{ fn, kIOUCVariableStructureSize, 0, kIOUCVariableStructureSize, 0, false, NULL }` | `fn tune(&self, values: Scalars) -> Result<Scalars>` |
//!
//! Four things the record does not tell, which only the driver's code does:
//!
//! - **What a completion carries.** An asynchronous method has its real answer in what the driver passes to
//!   `sendAsyncResult64` later. One completion is an `async fn`, any number of them `-> Result<Completions<T>>`. A method
//!   that answers at once too is `-> Result<(R, Completions<T>)>`. A completion carries up to 16 scalars, as a tuple if there
//!   are several, and never a structure: that is fetched by a second method, or lies in mapped memory.
//! - **What is within the bytes.** A structure is a `#[repr(C)]` struct with the same fields in the same order. C leaves holes
//!   before a field that wants alignment; here they are declared, `_reserved: [u8; 4]`, and a struct with an undeclared
//!   hole does not compile. `u32` then `u64` is the usual one. An enum in a structure is declared as its integer, since any
//!   bytes may come.
//! - **How wide a scalar is.** All travel as 64 bits. The type in the trait is what the driver takes them for. A number that
//!   comes back and does not fit the type, or is no variant of the enum, is an error.
//! - **Whether it is there at all.** A driver without a table (a *legacy* one, or one with a `switch`) is told to the
//!   attribute by `table = …`, so that the simulated driver refuses as the real one does.
//!
//! The order of what the kernel compares, and its limits, are rules EM-1 to EM-29 of `docs/kernel-semantics.md`.
//!
//! # What the service is called
//!
//! `service = "…"` is the class that the driver publishes, as `ioreg` shows it; services of classes derived from it are found
//! too. `name = "…"` finds it by name instead.
//!
//! A driver of DriverKit is an `IOUserService` to the kernel, or another class of the kernel's, whatever it is called in its
//! own source. Its name is that of its class, so use `name = "…"`. Names are not unique; the property `CFBundleIdentifier`
//! is the driver's own, and matching can ask for it:
//!
//! ```
//! use iokit_uc::Matching;
//!
//! let pump = Matching::name("Pump").property("CFBundleIdentifier", "com.example.pump.driver");
//! # pump.value()?;
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! `type = N` is the number that `IOServiceOpen` passes on. A driver with several user clients tells them apart by it, so
//! each is a trait of its own.
//!
//! # Keep it as it is
//!
//! An interface changes by accident: a field is added, two parameters change places. A test notices, and shows the lines:
//!
//! ```no_run
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use pump::PumpClient;
//!
//! #[test]
//! fn what_goes_over_the_wire_is_as_it_was() {
//!     PumpClient::INTERFACE.assert_abi("tests/pump.abi");
//! }
//! # fn main() {}
//! ```
//!
//! With `IOKIT_UC_BLESS=1` in the environment the test writes the file. That file is the change of interface that a reviewer
//! reads.
//!
//! # Give it to the driver's author
//!
//! [`c_header`](crate::interface::Interface::c_header) is a header for C and C++: selectors, structures with a static
//! assertion for each size and offset, the dispatch table, and what to answer for each memory type.
//!
//! ```
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use pump::PumpClient;
//!
//! let header = PumpClient::INTERFACE.c_header();
//! assert!(header.contains("    { &Pump_status, 0, 0, 0, sizeof(Status), 0, NULL }, /* 1 */"));
//! assert!(header.contains("IOKIT_UC_ASSERT(sizeof(Status) == 16, \"size of Status\");"));
//! ```
//!
//! A small program that prints it, run by the driver's build, keeps both sides together. If the driver publishes the hash of
//! the header, `PUMP_ABI_HASH`, as a property, a library can tell an older driver before it calls it:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::interface::AbiHash;
//! use iokit_uc::{Kernel, Matching, Result, Service};
//! use pump::PumpClient;
//!
//! fn has_this_interface(service: &Service) -> Result<bool> {
//!     let published = service.property("PumpABI")?.and_then(|hash| hash.as_number()?.as_u64());
//!     Ok(published.map(AbiHash::from_u64) == Some(PumpClient::INTERFACE.abi_hash()))
//! }
//! # use iokit_uc::sim::{Machine, Nub};
//! # let machine = Machine::new();
//! # let hash = PumpClient::INTERFACE.abi_hash().to_u64();
//! # machine.publish(Nub::new("com_example_Pump").property("PumpABI", hash));
//! # machine.publish(Nub::new("com_example_Older").property("PumpABI", hash ^ 1));
//! # let kernel: Kernel = machine.task("client").kernel();
//! # assert!(has_this_interface(&Service::expect_first(&kernel, &Matching::class("com_example_Pump"))?)?);
//! # assert!(!has_this_interface(&Service::expect_first(&kernel, &Matching::class("com_example_Older"))?)?);
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # When there is no source
//!
//! A driver without a header is explored before it is described. `cargo run --example explore -- --host show CLASS` shows a
//! service, and with `call` it is called by hand. The same from a program is [`Connection::call`](crate::Connection::call):
//!
//! ```no_run
//! use iokit_uc::{Kernel, Matching, Result, Service};
//!
//! fn main() -> Result<()> {
//!     let service = Service::expect_first(&Kernel::host()?, &Matching::class("com_example_Pump"))?;
//!     let connection = service.open(0)?;
//!     let answer = connection.call(1).structure_capacity(16).send()?;
//!     println!("{:02x?}", answer.structure());
//!     Ok(())
//! }
//! ```
//!
//! Mind that a wrong call can do something. A selector that is only looked at by its number is still called if the counts
//! happen to agree.
