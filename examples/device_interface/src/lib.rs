//! Laboratory power supplies of Example Instruments.
//!
//! ```no_run
//! use lab_supply::{Kernel, Setting, Supply};
//! use std::time::Duration;
//!
//! let supply = Supply::open_first(&Kernel::host()?)?;
//! supply.set(Setting { millivolts: 0, milliamps: 500 })?;
//! supply.switch(true)?;
//! supply.ramp(5_000, 1_000).wait_timeout(Duration::from_secs(10))?;
//! println!("{:?}", supply.meter()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`supplies`] tells which supplies there are, and [`Hotplug`] which come and go.
//! - [`Supply`] is one that the program uses: what it is set to, what it [measures](Meter) now, a [`Ramp`] to another voltage,
//!   its [`Trips`], and [`Samples`] over time.
//! - [`Error`] says with which supply what did not work, and why.
//! - [`Kernel`] is the system that the supplies are at: [this Mac](Kernel::host), one that is simulated (`simulated`, with the
//!   feature of that name), or a recording of either.
//! - [`wire`] is what goes between this library and the driver.
//!
//! What takes time can be waited for by any executor, or by a thread with `wait` and `wait_timeout`; but not in a waker, which
//! runs where the system is listened to.

#![forbid(unsafe_code)]

mod discovery;
mod error;
mod hotplug;
mod meter;
mod ramp;
mod samples;
#[cfg(feature = "simulated")]
pub mod simulated;
mod supply;
mod trips;
mod wait;
pub mod wire;

pub use discovery::{Information, Limits, Listed, Supplies, supplies};
pub use error::{Error, ErrorKind, Result};
pub use hotplug::{Event, Hotplug};
pub use iokit_uc::Kernel;
pub use meter::Meter;
pub use ramp::Ramp;
pub use samples::Samples;
pub use supply::Supply;
pub use trips::{Trip, Trips};
pub use wire::{Mode, Protection, Sample, Setting};

/// The code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
