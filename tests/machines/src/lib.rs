//! The simulated machines that tests run on, each by its name.
//!
//! A test sees a machine through IOKitLib, and through commands, which carry numbers alone: so the same test can run
//! where the machine is on the other side of a C interface.

mod contract;
#[cfg(feature = "drivers")]
mod drivers;
#[cfg(feature = "drivers")]
mod scene;

pub use contract::{
    clients, completions, data_queues, interest, locking, memory, methods, notification_ports, registry,
    traps,
};
#[cfg(feature = "drivers")]
pub use drivers::{boot, boot_on};
#[cfg(feature = "drivers")]
pub use scene::Scene;
