//! Tells how the battery is: what the I/O Registry knows of it, read into a struct.
//!
//! ```text
//! cargo run --example power                      a simulated notebook
//! cargo run --example power -- battery.plist     a file that `ioreg -a` or `ioreg -l` has written
//! cargo run --example power -- --host            this Mac
//! ```
//!
//! `battery.rs` has the struct, one line for each key. No key is on every Mac; what is missing is not shown.

mod battery;
#[path = "../cli.rs"]
pub(crate) mod cli;
#[path = "../demo/mod.rs"]
pub(crate) mod demo;
#[path = "../source.rs"]
mod source;

use battery::{Battery, Sleep};
use cli::{Failure, Place, Program};
use iokit_uc::{Kernel, Matching, Service};
use std::io::Write;
use std::process::ExitCode;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: power [--machine | --host] [FILE]

  --machine  tell of a simulated notebook (default)
  --host     tell of this Mac
  FILE       tell of what `ioreg -a` or `ioreg -l` has written there
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let file = match *words {
        [] => None,
        [file] => Some(file),
        [_, word, ..] => return Err(Failure::Usage(format!("unexpected argument `{word}`"))),
    };
    source::with_kernel(place, file, "power", |kernel| tell(kernel, out))
}

pub(crate) fn tell(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    // A file does not tell from what a class is derived, unless `ioreg -i` has written it.
    let batteries = |class| Service::all(kernel, &Matching::class(class)).map(Iterator::collect::<Vec<_>>);
    let mut found = batteries("IOPMPowerSource")?;
    if found.is_empty() {
        found = batteries("AppleSmartBattery")?;
    }
    if found.is_empty() {
        return Err("there is no battery: no service of class `IOPMPowerSource`".into());
    }
    for source in found {
        let battery: Battery = source.properties()?;
        writeln!(out, "{}\n{battery}", source.name()?)?;
    }
    if let Some(power) = Service::first(kernel, &Matching::class("IOPMrootDomain"))? {
        let sleep: Sleep = power.properties()?;
        write!(out, "{}\n{sleep}", power.name()?)?;
    }
    Ok(())
}
