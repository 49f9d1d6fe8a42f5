//! The machines that the examples bring along.

#![allow(dead_code, reason = "of each example, the driver is wanted")]
#![allow(clippy::duplicate_mod, reason = "each example brings its own `cli`, as a program of its own")]

#[path = "../../../../examples/events/main.rs"]
mod events_example;
#[path = "../../../../examples/null_driver/main.rs"]
mod null_driver_example;
#[path = "../../../../examples/registers/main.rs"]
pub(crate) mod registers;
#[path = "../../../../examples/simple_user_client/main.rs"]
mod simple_user_client_example;
#[path = "../../../../examples/smc/main.rs"]
mod smc_example;

pub(crate) use events_example::driver as events;
pub(crate) use null_driver_example::driver as null_driver;
pub(crate) use simple_user_client_example::driver as simple_user_client;
pub(crate) use smc_example::simulated as smc;
