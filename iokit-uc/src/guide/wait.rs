//! Wait for it: completions, alarms, and devices that come and go.
//!
//! Everything that one can wait for here is used in one of three ways: `.await` with any executor, [`wait`] without one, or a
//! function that is called on a thread of your choice. The library brings no executor, and needs none.
//!
//! # One completion
//!
//! An `async fn` of the trait is called when the method is called. What it returns, a [`Completion`], is only the answer: to
//! poll it calls nobody, and to drop it does not stop the driver.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::Result;
//! use pump::{Pump, PumpClient};
//! use std::time::Duration;
//!
//! async fn two_doses(pump: &impl Pump) -> Result<u32> {
//!     let (first, second) = (pump.dose(10), pump.dose(20));
//!     Ok(first.await? + second.await?)
//! }
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//!
//! let pump = PumpClient::open_first(&machine.task("client").kernel())?;
//! assert_eq!(pollster::block_on(two_doses(&pump))?, 30);
//! assert_eq!(pump.dose(5).wait()?, 5); // without an executor
//!
//! let mut dose = pump.dose(5); // and not for ever
//! match dose.wait_timeout(Duration::from_secs(10)) {
//!     Some(given) => assert_eq!(given?, 5),
//!     None => eprintln!("the pump does not answer"),
//! }
//! # drop((dose, pump));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! I/O Kit has no way to take a call back. If the driver has a method that cancels, call it; the completion then comes with
//! whatever code the driver chose, mostly `kIOReturnAborted`.
//!
//! # Many completions
//!
//! [`Completions`] is a stream, and an `IntoIterator` that blocks. Items that are errors come from the driver; the stream goes
//! on after them. It ends with the connection, the service or the port, after one error that says which.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use pump::{Alarm, Pump, PumpClient};
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//! # let pump = PumpClient::open_first(&machine.task("client").kernel())?;
//!
//! let mut alarms = pump.alarms()?;
//! assert_eq!(pump.dose(1000).wait()?, 900); // more than there is
//! assert_eq!(alarms.wait(), Some(Ok(Alarm::Empty)));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! A driver does not wait for whoever reads. What comes too fast is kept, 65,534 items of it, and what finds no room is
//! counted: look at [`lost`](crate::Completions::lost).
//!
//! # Devices that come and go
//!
//! [`Service::watch`] begins with the devices that are there already, so there is no gap between looking and
//! watching, and no second list to keep.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::sim::{Machine, Nub, TerminateOptions};
//! use iokit_uc::{Matching, Result, Service, ServiceEvent, ServiceNotification};
//! use pump::{Pump, PumpClient};
//! # use pump::{PumpServer, model::Model};
//!
//! let machine = Machine::new();
//! let kernel = machine.task("client").kernel();
//! let pumps = Matching::class("com_example_Pump");
//! let mut arrivals = Service::watch(&kernel, ServiceNotification::FirstMatch, &pumps)?;
//! let mut departures = Service::watch(&kernel, ServiceNotification::Terminated, &pumps)?;
//!
//! let nub = Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?));
//! let plugged_in = machine.publish(nub);
//!
//! let Some(Ok(ServiceEvent::Service(service))) = arrivals.wait() else { panic!("a pump has come") };
//! let pump = PumpClient::open(&service)?;
//! assert_eq!(pump.status()?.reservoir, 900);
//!
//! machine.terminate(plugged_in, TerminateOptions::default());
//! let Some(Ok(ServiceEvent::Service(gone))) = departures.wait() else { panic!("it is unplugged") };
//! assert_eq!(gone.id()?, service.id()?);
//! assert!(pump.status().is_err());
//! # drop((pump, service, gone, arrivals, departures));
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! - `FirstMatch` is what a program that uses devices wants: the service is there, and its drivers have been started.
//! - **Tell devices apart by their number**, [`id`](crate::RegistryEntry::id), or by a serial number. After a device has
//!   gone, an older handle on it can have another name than the new one, and then the two are unequal (RC-4).
//! - **Expect it to be gone again.** Between an arrival and your [`open`](crate::Service::open) anything can happen. An error
//!   of kind [`Terminated`](crate::ErrorKind::Terminated) there is no failure of your program.
//! - **[`ServiceEvent::MayHaveLost`]** says that the kernel may have dropped some: look for what there is now.
//! - A program that only wants the device to be there, at its start, say, waits for the first arrival with
//!   [`wait_timeout`](crate::Notifications::wait_timeout).
//!
//! What happens to one service while it stays is [`Service::interest`]: it is suspended, its power changes, its family says
//! something of its own.
//!
//! # Which thread
//!
//! Unless you say otherwise, a thread of the library's receives. It does little else than to wake others, so never wait on
//! it: not in a waker, and not in a function that [`watch_with`](crate::Service::watch_with) calls.
//!
//! A [`NotificationPort`] lets your program receive: in a loop of its own, on a run loop, or on a dispatch queue.
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! # mod pump { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/pump/lib.rs")); }
//! use iokit_uc::NotificationPort;
//! use pump::{Pump, PumpClient};
//! use std::time::Duration;
//! # use iokit_uc::sim::{Machine, Nub};
//! # use pump::{PumpServer, model::Model};
//! # let machine = Machine::new();
//! # machine.publish(Nub::new("com_example_Pump").driver(PumpServer::new(Model::new(900)?)));
//! # let kernel = machine.task("client").kernel();
//!
//! let pump = PumpClient::open_first(&kernel)?;
//! let port = NotificationPort::new(&kernel)?;
//! pump.as_ref().notify_on(&port)?; // before the first asynchronous call
//!
//! let mut dose = pump.dose(30);
//! let given = loop {
//!     if let Some(given) = dose.wait_timeout(Duration::ZERO) {
//!         break given?;
//!     }
//!     port.dispatch(None)?; // whatever comes, is received here
//! };
//! assert_eq!(given, 30);
//! # }
//! # Ok::<(), iokit_uc::Error>(())
//! ```
//!
//! # How waiting ends
//!
//! Nothing here waits for ever without a reason. What ends it comes as the last item, an error:
//!
//! | what happened | a completion | a stream of completions, a data queue | notifications |
//! |---|---|---|---|
//! | the device was unplugged | `kIOReturnNoDevice` | the same, then the end | go on: the next device is told of |
//! | the connection was closed | `kIOReturnAborted` | the same, then the end | go on |
//! | the port was dropped | `kIOReturnAborted` | the same, then the end | the same, then the end |
//! | the driver never answers | waits | waits | wait |
//!
//! The last line is why a time-out belongs where a driver is not yours. A driver that ends a connection's user client and
//! leaves the service be is one of these, as a task is told of nothing then.
//!
//! # What takes time, in a test
//!
//! A simulated driver that takes time waits by its machine's clock, [`Machine::sleep`], and the test moves that on. So a test
//! of a minute takes no minute: see [`test`](super::test).
//!
//! [`wait`]: crate::Completion::wait
//! [`Completion`]: crate::Completion
//! [`Completions`]: crate::Completions
//! [`NotificationPort`]: crate::NotificationPort
//! [`Service::interest`]: crate::Service::interest
//! [`Service::watch`]: crate::Service::watch
//! [`ServiceEvent::MayHaveLost`]: crate::ServiceEvent::MayHaveLost
//!
#![cfg_attr(feature = "sim", doc = include_str!("sim_links.md"))]
#![cfg_attr(not(feature = "sim"), doc = include_str!("no_sim_links.md"))]
