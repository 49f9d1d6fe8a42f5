//! The machine of the example `framebuffer`: without the example itself, which draws with other libraries.

#[path = "../../../../examples/framebuffer/display.rs"]
mod display;
#[path = "../../../../examples/framebuffer/driver.rs"]
mod driver;

use iokit_uc::sim::Machine;

pub(crate) fn machine() -> Machine {
    driver::machine().expect("memory for a display")
}
