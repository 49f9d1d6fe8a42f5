//! Tells what is plugged in and pulled out, as it happens.
//!
//! ```text
//! cargo run --example hotplug                            on a simulated notebook, on which somebody is busy
//! cargo run --example hotplug -- --class IOMedia         disks, of which one comes and goes with its device
//! cargo run --example hotplug -- --host                  on this Mac, until it is interrupted
//! cargo run --example hotplug -- --host --events 1       until something happens
//! ```
//!
//! `watch.rs` has what a program does for it, `script.rs` what happens to the notebook.

#[path = "../cli.rs"]
pub(crate) mod cli;
#[path = "../demo/mod.rs"]
pub(crate) mod demo;
pub(crate) mod script;
pub(crate) mod watch;

use cli::{Failure, Place, Program};
use iokit_uc::Kernel;
use iokit_uc::sim::Machine;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;
use watch::Watch;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: hotplug [--machine | --host] [--class CLASS] [--events COUNT]

  --machine  watch a simulated notebook, to which things happen for some seconds (default)
  --host     watch this Mac
  --class    what to look for (default: IOUSBHostDevice)
  --events   how many events to wait for (default: all there are)
",
    flags: &["--class", "--events"],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

/// What the command line asks for.
struct Command<'a> {
    class: &'a str,
    events: Option<usize>,
}

impl<'a> Command<'a> {
    fn parse(words: &[&'a str]) -> Result<Self, Failure> {
        let mut command = Self { class: "IOUSBHostDevice", events: None };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = |what| match words.next() {
                Some(&value) => Ok(value),
                None => Err(Failure::Usage(format!("`{word}` wants {what}"))),
            };
            match word {
                "--class" => command.class = value("a class")?,
                "--events" => command.events = Some(count(value("a number of events")?)?),
                _ => return Err(Failure::Usage(format!("unexpected argument `{word}`"))),
            }
        }
        Ok(command)
    }
}

fn count(word: &str) -> Result<usize, Failure> {
    match word.parse() {
        Ok(count @ 1..) => Ok(count),
        _ => Err(Failure::Usage(format!("`{word}` is no number of events from 1 up"))),
    }
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let command = Command::parse(words)?;
    match place {
        Place::Host => {
            let mut watch = Watch::new(&Kernel::host()?, command.class, command.events)?;
            watch.tell(Some(Duration::ZERO), out)?;
            while watch.goes_on() {
                watch.tell(None, out)?;
            }
        }
        Place::Machine => {
            let machine = Machine::new();
            machine.freeze_clock();
            script::begin(&machine)?;
            let mut watch = Watch::new(&machine.task("hotplug").kernel(), command.class, command.events)?;
            watch.tell(Some(Duration::ZERO), out)?;
            for _ in 0..script::SECONDS {
                if !watch.goes_on() {
                    break;
                }
                pass_a_second(&machine)?;
                watch.tell(Some(Duration::ZERO), out)?;
            }
            drop(watch);
            machine.assert_clean();
        }
    }
    Ok(())
}

/// The notebook's clock stands still: its time passes here.
fn pass_a_second(machine: &Machine) -> Result<(), Failure> {
    let comes_to_rest = || machine.wait_until_idle(PATIENCE);
    // What happens a second later has to wait for that first.
    if !comes_to_rest() {
        return Err("the notebook does not come to rest".into());
    }
    machine.advance(Duration::from_secs(1));
    if comes_to_rest() { Ok(()) } else { Err("the notebook does not come to rest".into()) }
}

/// How long the notebook may take for what happens in a second of its time.
const PATIENCE: Duration = Duration::from_secs(60);
