//! Memory of drivers: plain data that is shared, and registers of a device that does something meanwhile.
//!
//! ```text
//! cargo run --example registers                       on a simulated kernel
//! cargo run --example registers -- uart               one of its drivers: sample_pci or uart
//! cargo run --example registers -- --host sample_pci  on this Mac, with the sample's kernel extension loaded
//! ```
//!
//! `sample_pci.rs` is Apple's sample of a driver whose memory can be mapped. `uart.rs` is a serial port: its registers are
//! a struct that says what reading and writing each of them does, and what may only be done by whoever has it alone. Their
//! other sides are `simulated_pci.rs` and `simulated_uart.rs`.

#[path = "../cli.rs"]
mod cli;
#[path = "../refused.rs"]
mod refused;
pub(crate) mod sample_pci;
mod simulated_pci;
pub(crate) mod simulated_uart;
pub(crate) mod uart;

use cli::{Failure, Place, Program};
use iokit_uc::sim::Machine;
use iokit_uc::{Kernel, Result};
use std::io::Write;
use std::process::ExitCode;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: registers [--machine | --host] [sample_pci | uart]

  --machine   talk to simulated drivers (default)
  --host      talk to the drivers on this Mac
  sample_pci  Apple's sample alone
  uart        the serial port alone
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

/// Talks to a driver and tells what comes of it.
type Part = fn(&Kernel, &mut dyn Write) -> Result<(), Failure>;

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let parts: &[Part] = match *words {
        [] => &[sample_pci::run, uart::run],
        ["sample_pci"] => &[sample_pci::run],
        ["uart"] => &[uart::run],
        ["sample_pci" | "uart", word, ..] | [word, ..] => {
            return Err(Failure::Usage(format!("unexpected argument `{word}`")));
        }
    };
    match place {
        Place::Host => run_parts(parts, &Kernel::host()?, out)?,
        Place::Machine => {
            let machine = machine()?;
            run_parts(parts, &machine.task("registers").kernel(), out)?;
            machine.assert_clean();
        }
    }
    Ok(())
}

fn run_parts(parts: &[Part], kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    parts.iter().try_for_each(|part| part(kernel, out))
}

/// A machine with both drivers.
pub(crate) fn machine() -> Result<Machine> {
    let machine = Machine::new();
    simulated_pci::publish(&machine)?;
    simulated_uart::publish(&machine);
    Ok(machine)
}
