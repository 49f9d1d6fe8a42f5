//! The machines that the examples bring along.

#![allow(dead_code, reason = "of each example, the driver is wanted")]
#![allow(clippy::duplicate_mod, reason = "each example brings its own `cli`, as a program of its own")]

#[path = "../../../../examples/demo/mod.rs"]
pub(crate) mod demo;
#[path = "../../../../examples/events/main.rs"]
mod events_example;
#[path = "../../../../examples/hotplug/script.rs"]
mod hotplug;
#[path = "../../../../examples/null_driver/main.rs"]
mod null_driver_example;
#[path = "../../../../examples/registers/main.rs"]
pub(crate) mod registers;
#[path = "../../../../examples/simple_user_client/main.rs"]
mod simple_user_client_example;
#[path = "../../../../examples/smc/main.rs"]
mod smc_example;

use iokit_uc::sim::Machine;

pub(crate) use events_example::driver as events;
pub(crate) use null_driver_example::driver as null_driver;
pub(crate) use simple_user_client_example::driver as simple_user_client;
pub(crate) use smc_example::simulated as smc;

/// The notebook of `hotplug`, on which somebody is busy as the host's time passes.
pub(crate) fn busy_notebook() -> Machine {
    let machine = Machine::new();
    hotplug::begin(&machine).expect("the notebook has what the script needs");
    machine
}
