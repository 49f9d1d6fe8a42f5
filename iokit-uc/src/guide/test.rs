//! Test it: the bare driver, the simulated kernel, faults, traces.
//!
//! A library for a device is tested in four steps. Each finds what the one before cannot. None needs the
//! device, but for the trace, once.
//!
//! | step | what runs | what it finds |
//! |---|---|---|
//! | the bare driver | your code on a model, with nothing in between | mistakes in your logic |
//! | the simulated kernel | the same code through opens, dispatch checks, port names, notifications | wrong shapes, leaks, what happens when the device goes |
//! | faults | the same under failing, hanging and dying drivers | what your library does on its worst day |
//! | a trace | your code against what a real driver answered | what the model got wrong |
//!
//! # A model of the driver
//!
//! The model implements the trait. It is the file `src/model.rs`, behind a feature, so that the tests of programs that use
//! your library can have it too.
//!
//! ```
//! # mod pump { pub mod protocol { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/protocol.rs")); } pub mod model {
#![doc = include_str!("pump/model.rs")]
//! # } }
//! ```
//!
//! Keep it as simple as the device lets you. What it refuses matters more than what it does: the codes of the real driver,
//! for the arguments that it refuses. A model with state of each connection's own is published by a closure that makes
//! one: `Nub::new("…").user_client(|request| Ok(PumpServer::new(…)))`.
//!
//! A test that plays the hardware keeps the model, and shares it with the server: `PumpServer::shared(Arc::clone(&model))`.
//! What the service does with properties that a program sets is [`Nub::on_set_properties`]; without it there are none to set.
//! A model's method may assert: a driver's panic is `kIOReturnInternalError` to whoever called, and [`Machine::assert_clean`] tells
//! of it at the end.
//!
//! # On the bare driver
//!
//! Code that takes `&impl Pump` needs no kernel at all:
//!
//! ```
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::{ErrorKind, Result};
//! use pump::{Pump, model::Model};
//!
//! /// Empties the reservoir, in doses of at most 100.
//! fn drain(pump: &impl Pump) -> Result<u64> {
//!     let mut given = 0;
//!     loop {
//!         let left = pump.status()?.reservoir;
//!         if left == 0 {
//!             return Ok(given);
//!         }
//!         let dose = pollster::block_on(pump.dose(left.min(100) as u32))?;
//!         given += u64::from(dose);
//!     }
//! }
//!
//! let pump = Model::new(250)?;
//! assert_eq!(drain(&pump)?, 250);
//! assert_eq!(pump.set_rate(501).unwrap_err().kind(), ErrorKind::BadArgument);
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # Through the simulated kernel
//!
//! [`Machine`] is a kernel in this process. Publish the driver there, take a task, and give its kernel to your library.
//! [`Machine::assert_clean`] at the end fails the test if anything is left.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::sim::{Machine, Nub};
//! use iokit_uc::{IoReturn, Result};
//! use pump::{Pump, PumpClient, PumpServer, Step, model::Model};
//!
//! fn machine() -> Result<Machine> {
//!     let machine = Machine::new();
//!     let nub = Nub::new("com_example_Pump").property("Serial", "A1");
//!     machine.publish(nub.driver(PumpServer::new(Model::new(250)?)));
//!     Ok(machine)
//! }
//!
//! // #[test]
//! fn a_programme_gets_a_number() -> Result<()> {
//!     let machine = machine()?;
//!     let pump = PumpClient::open_first(&machine.task("test").kernel())?;
//!     assert_eq!(pump.load(&[Step { rate: 20, milliseconds: 500 }])?, 1);
//!     assert_eq!(pump.set_rate(501).unwrap_err(), IoReturn::BAD_ARGUMENT);
//!
//!     drop(pump);
//!     machine.assert_clean();
//!     Ok(())
//! }
//! # a_programme_gets_a_number()?;
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! Each test has a machine of its own; they run in parallel and share nothing. What the kernel does there is written in
//! `docs/kernel-semantics.md`, as numbered rules.
//!
//! # What is left
//!
//! [`Machine::assert_clean`] fails if a living task holds a port name or has memory mapped, if a user client is still
//! attached, or if something was misused: a name released twice, a close from inside a method, which a real kernel answers
//! with a deadlock or the end of the process. Drop what you have before you call it. [`Machine::report`] is the same as data.
//!
//! Once a connection has made an asynchronous call, or something is watched, the library keeps a port for the kernel until the
//! last of these is dropped.
//!
//! # Unplugged
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::ErrorKind;
//! use iokit_uc::sim::{Machine, Nub, TerminateOptions};
//! use pump::{Pump, PumpClient, PumpServer, model::Model};
//!
//! let machine = Machine::new();
//! let nub = Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(250)?));
//! let service = machine.publish(nub.clone());
//! let kernel = machine.task("test").kernel();
//! let pump = PumpClient::open_first(&kernel)?;
//!
//! machine.terminate(service, TerminateOptions::default());
//! assert_eq!(pump.status().unwrap_err().kind(), ErrorKind::Terminated);
//! assert_eq!(pump.dose(5).wait().unwrap_err().kind(), ErrorKind::Terminated);
//! assert_eq!(PumpClient::open_first(&kernel).unwrap_err().kind(), ErrorKind::NotFound);
//!
//! machine.publish(nub); // and plugged in again: another service
//! assert!(pump.status().is_err());
//! assert!(PumpClient::open_first(&kernel)?.status().is_ok());
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! The machine's name for a service is the [`EntryId`] that `publish` returned. Of a service that a program has found, it is
//! `EntryId(service.id()?)`.
//!
//! # Time
//!
//! A model that takes time sleeps by the machine's clock. A test stops that clock and moves it on, and waits for what happens
//! then instead of sleeping: [`Machine::wait_until_idle`] returns when every driver's future has done what it can.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use iokit_uc::sim::{Machine, Nub, WeakMachine};
//! use iokit_uc::{IoReturn, Result, user_client};
//! use std::time::Duration;
//!
//! #[user_client(service = "com_example_Valve")]
//! trait Valve {
//!     /// Opens; completes when it is open.
//!     #[uc(selector = 0)]
//!     async fn open(&self) -> Result<()>;
//! }
//!
//! struct Model(WeakMachine);
//!
//! impl Valve for Model {
//!     async fn open(&self) -> Result<()> {
//!         self.0.sleep(Duration::from_secs(60)).await;
//!         Ok(())
//!     }
//! }
//!
//! let machine = Machine::new();
//! machine.freeze_clock();
//! let model = Model(machine.downgrade()); // the machine keeps the driver, so the driver must not keep it
//! machine.publish(Nub::new("com_example_Valve").driver(ValveServer::new(model)));
//! let valve = ValveClient::open_first(&machine.task("test").kernel())?;
//!
//! const LONG: Duration = Duration::from_secs(30); // of the host's time: for a test that hangs
//! let mut opened = valve.open();
//! assert!(machine.wait_until_idle(LONG));
//! assert_eq!(opened.wait_timeout(Duration::ZERO), None);
//!
//! machine.advance(Duration::from_secs(60));
//! assert_eq!(opened.wait(), Ok(()));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # Faults
//!
//! A driver that works says little about a library. [`Machine::inject`] makes something go wrong, for the calls that its filters
//! let through: a call fails, takes longer, hangs, or returns less than it should; the device is unplugged before, in, or
//! after a call; the task is killed; a completion fails, is lost, or comes twice; a data queue is damaged.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::sim::{Fault, Machine, Nub, When};
//! use iokit_uc::{ErrorKind, IoReturn, Result};
//! use pump::{Pump, PumpClient, PumpServer, Status, model::Model};
//!
//! /// Asks again if the pump is busy, twice at most.
//! fn status(pump: &impl Pump) -> Result<Status> {
//!     for _ in 0..2 {
//!         match pump.status() {
//!             Err(error) if error.kind() == ErrorKind::Busy => {}
//!             result => return result,
//!         }
//!     }
//!     pump.status()
//! }
//!
//! let machine = Machine::new();
//! machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(250)?)));
//! let pump = PumpClient::open_first(&machine.task("test").kernel())?;
//!
//! let busy = machine.inject(Fault::fail(IoReturn::BUSY).selector(1).times(2));
//! assert_eq!(status(&pump)?.reservoir, 250);
//! assert_eq!(busy.hits(), 2);
//!
//! machine.inject(Fault::terminate(When::During).selector(1));
//! assert_eq!(status(&pump)?.reservoir, 250); // the call that runs returns what it would
//! assert_eq!(status(&pump).unwrap_err().kind(), ErrorKind::Terminated);
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! Which faults there can be, nobody thinks of by himself. [`Machine::for_each_fault`] runs a test once to see which calls it
//! makes, and then once for each thing that can go wrong with one of them, always on a new machine. It tells the first
//! fault under which the test panics, hangs, or leaves something behind, as the expression that injects it alone. For the few
//! calls below that is some sixty runs, in a tenth of a second. Their number varies: a thread that receives makes calls too,
//! and not always the same.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::sim::{Machine, Nub};
//! use iokit_uc::{Kernel, Result};
//! use pump::{Pump, PumpClient, PumpServer, model::Model};
//!
//! /// What is to be tested: it hands errors on, and does not panic.
//! fn give(kernel: &Kernel, doses: &[u32]) -> Result<u32> {
//!     let pump = PumpClient::open_first(kernel)?;
//!     pump.set_rate(20)?;
//!     let mut given = 0;
//!     for &dose in doses {
//!         given += pump.dose(dose).wait()?;
//!     }
//!     Ok(given)
//! }
//!
//! let summary = Machine::for_each_fault(|machine| {
//!     let model = Model::new(250)?;
//!     machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(model)));
//!     give(&machine.task("test").kernel(), &[10, 20]).map(drop)
//! })?;
//! println!("{summary}");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Had `give` asked for the status with `.unwrap()`, this would have been the result:
//!
//! ```text
//! under one fault the test panics: called `Result::unwrap()` on an `Err` value: Error { … MACH_SEND_INVALID_DEST … }
//!     machine.inject(Fault::terminate(When::After).on(Function::IOServiceOpen).nth(1));
//! ```
//!
//! The closure returns errors, since those are what faults are expected to make. Calls that never return are left out unless
//! they are asked for, by [`FaultRun::with_hangs`]: only a program that gives up waiting survives them.
//!
//! What a task runs out of has functions of its own: [`Task::limit_port_names`], [`Machine::refuse_entitlement`].
//!
//! # A trace
//!
//! The last step is in [`record`](super::record): what a real driver answered is a test too, and what differs from the model
//! is where the model is wrong.
//!
//! # What a program may not do
//!
//! A task has a [`Caller`](crate::interface::Caller): its user, its entitlements. A [`Policy`] stands for the sandbox. How
//! each refusal looks is tried in [`ship`](super::ship).
//!
//! # A registry of a real Mac
//!
//! Discovery depends on what else is in the registry. With the feature `archive`, what `ioreg -a` or `ioreg -l` wrote on
//! somebody's Mac is a machine to test on: `Machine::from_archive(&Archive::open("macbook.plist")?)`. It has the entries
//! and their properties, and no drivers: publish the model below the entry that it belongs to, by
//! [`Nub::provider`].
//!
//! [`EntryId`]: crate::interface::EntryId
//!
#![cfg_attr(feature = "sim", doc = include_str!("sim_links.md"))]
#![cfg_attr(not(feature = "sim"), doc = include_str!("no_sim_links.md"))]
