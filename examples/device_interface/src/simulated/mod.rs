//! Supplies that are not there: for tests of this library, and of programs that use it.
//!
//! A [`SimulatedSupply`] is driven [without a kernel](SimulatedSupply::bare), or plugged into a [`Bench`], whose
//! [kernel](Bench::kernel) programs use as they use a Mac's.
//!
//! ```
//! use lab_supply::simulated::{Bench, SimulatedSupply};
//! use lab_supply::{Protection, Setting, Supply};
//! use std::time::Duration;
//!
//! let (bench, device) = (Bench::new(), SimulatedSupply::new("LS-0017"));
//! bench.plug(&device);
//!
//! // What a program does.
//! let supply = Supply::open_first(&bench.kernel())?;
//! let mut trips = supply.trips()?;
//! supply.set(Setting { millivolts: 12_000, milliamps: 1_000 })?;
//! supply.switch(true)?;
//!
//! // What happens to it.
//! device.connect_load(1_000);
//! bench.advance(Duration::from_secs(1));
//! let trip = trips.wait().unwrap()?;
//! assert_eq!((trip.protection, trip.milliamps), (Protection::Overcurrent, 1_000));
//! # Ok::<(), lab_supply::Error>(())
//! ```

mod bench;
mod device;
mod output;
mod user_client;

pub use bench::{Bench, Plugged};
pub use device::SimulatedSupply;
pub use user_client::UserClient;
