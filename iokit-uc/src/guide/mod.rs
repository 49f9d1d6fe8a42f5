//! The guide: from a driver's dispatch table to a library on other people's Macs.
//!
//! It is for whoever writes a library for a device: a crate that finds the device, has a typed interface to it, tests that
//! run anywhere, and answers when something fails on a Mac that the author cannot see. Each chapter takes what the one
//! before it has made.
//!
//! | chapter | what is there at its end |
//! |---|---|
//! | [`describe`] | a trait that says what goes over the wire, and a test that it stays so |
//! | [`call`] | the device found and opened, its methods called, errors that can be acted on |
//! | [`test`](mod@test) | a model of the driver; tests on it, through a simulated kernel, and under faults |
//! | [`map`] | registers, tables and data queues in mapped memory |
//! | [`wait`] | asynchronous methods, alarms, and devices that come and go |
//! | [`record`] | traces of a real driver's answers, as tests and as what users send in |
//! | [`ship`] | entitlements, sandbox, hardened runtime, privileges: what each refusal is, and what to do |
//!
//! All chapters are about one device, a pump that gives doses. It has properties, synchronous and asynchronous methods,
//! alarms, a register block and a data queue. Every block of Rust is compiled, and run with the feature `sim`. The blocks
//! take the pump from a crate `pump`, which is to be imagined: its two files are shown whole, the trait in [`describe`] and
//! the model in [`test`](mod@test).
//!
//! Who comes from C finds each function of IOKitLib in the repository's `docs/from-c.md`, with what stands for it here.
//! The codes have their usual causes at the constants of [`IoReturn`](crate::IoReturn).
//!
//! # The crate
//!
//! ```text
//! pump/
//!   Cargo.toml
//!   src/lib.rs          the public interface; nothing of I/O Kit in it but `Kernel`
//!   src/protocol.rs     the trait
//!   src/model.rs        the driver's model, for tests: behind a feature
//!   tests/pump.abi      what goes over the wire, as text
//!   tests/…             the tests
//! ```
//!
//! ```toml
//! [features]
//! # The model, for this crate's tests and for those of the programs that use it.
//! simulated = ["iokit-uc/sim"]
//!
//! [dependencies]
//! iokit-uc = { path = "../iokit-uc/iokit-uc" }
//!
//! [dev-dependencies]
//! pollster = "0.4" # or any other executor, for the tests of asynchronous methods
//! pump = { path = ".", features = ["simulated"] } # so that `cargo test` needs no flags
//! ```
//!
//! `src/lib.rs` begins with its modules:
//!
//! ```text
//! mod protocol;
//! #[cfg(feature = "simulated")]
//! pub mod model;
//!
//! pub use protocol::*;
//! ```
//!
//! The tests run by `cargo test`, on a Mac and on anything else. Programs that use the crate get no simulated kernel with it
//! unless they ask for the feature, and few dependencies: what the library needs of macOS is linked on macOS alone, and the
//! crate builds anywhere. [`Kernel::host`](crate::Kernel::host) is what fails elsewhere, with `kIOReturnUnsupported`.
//!
//! The repository's `examples/device_interface` is such a crate in full, for another device.
//!
//! # What was tried on a Mac
//!
//! Nothing so far. The rules that the simulated kernel follows were read in Apple's published sources, and [`ship`] repeats
//! what Apple and others have written. Where a chapter says what a Mac does, it says what those sources say.

pub mod call;
pub mod describe;
pub mod map;
pub mod record;
pub mod ship;
pub mod test;
pub mod wait;
