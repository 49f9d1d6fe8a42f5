//! A tool for supplies: what one asks somebody to run whose supply does not work.
//!
//! ```text
//! cargo run --example supply                             checks a simulated supply
//! cargo run --example supply -- --host check             those at this Mac
//! cargo run --example supply -- --record check.trace     writes down what the driver was asked and answered
//! cargo run --example supply -- --replay check.trace     the same, from that, on any machine
//! cargo run --example supply -- show check.trace         that, in the words of the interface
//! ```

mod check;

use iokit_uc::sim::Machine;
use iokit_uc::trace::{RecordingOptions, Redaction, Replay, ReplayMode, Trace};
use lab_supply::simulated::{Bench, SimulatedSupply};
use lab_supply::wire::LabSupplyClient;
use lab_supply::{Event, Hotplug, Kernel};
use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;

const USAGE: &str = "\
usage: supply [--machine | --host | --replay FILE] [--record FILE] [list | check | watch]
       supply show FILE

  --machine  a simulated supply (default)
  --host     the supplies at this Mac
  --replay   those that a recording is of
  --record   write a recording, in which serial numbers are others
  list       tell which supplies there are
  check      have each do what it can, with its output open (default)
  watch      tell which come and go
  show       tell what is in a recording
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(command) = Command::parse(&words) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match command.run(&mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            // What the system said is worth a line of its own.
            if let Some(cause) = error.source() {
                eprintln!("  {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

type Run = fn(&Kernel, &mut dyn Write) -> Result<(), Box<dyn Error>>;

struct Command<'a> {
    place: Place<'a>,
    record: Option<&'a str>,
    run: Run,
}

enum Place<'a> {
    Machine,
    Host,
    Replay(&'a str),
    /// None: a recording is looked at.
    Recording(&'a str),
}

impl<'a> Command<'a> {
    fn parse(words: &[&'a str]) -> Option<Self> {
        let mut command = Self { place: Place::Machine, record: None, run: check::check };
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            match word {
                "--machine" => command.place = Place::Machine,
                "--host" => command.place = Place::Host,
                "--replay" => command.place = Place::Replay(words.next()?),
                "--record" => command.record = Some(words.next()?),
                "list" => command.run = list,
                "check" => command.run = check::check,
                "watch" => command.run = watch,
                "show" => command.place = Place::Recording(words.next()?),
                _ => return None,
            }
        }
        Some(command)
    }

    fn run(&self, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
        match self.place {
            Place::Host => self.run_with(Kernel::host()?, out),
            Place::Machine => {
                let bench = Bench::in_real_time(&Machine::new());
                bench.plug(&SimulatedSupply::new("LS-0017"));
                self.run_with(bench.kernel(), out)?;
                bench.assert_clean();
                Ok(())
            }
            Place::Recording(file) => {
                for call in Trace::open(file)?.decode(&[LabSupplyClient::INTERFACE]).calls() {
                    writeln!(out, "{call}")?;
                }
                Ok(())
            }
            Place::Replay(file) => {
                let replay = Replay::new(Trace::open(file)?, ReplayMode::Strict);
                let run = self.run_with(Kernel::replay(replay.clone()), out);
                match (run, replay.finish()) {
                    (run, Ok(())) => run,
                    (Ok(()), Err(divergence)) => Err(divergence.into()),
                    (Err(error), Err(divergence)) => Err(format!("{error}\n  {divergence}").into()),
                }
            }
        }
    }

    fn run_with(&self, kernel: Kernel, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
        match self.record {
            None => (self.run)(&kernel, out),
            Some(file) => (self.run)(&record(kernel, File::create(file)?), out),
        }
    }
}

/// A kernel whose calls are recorded, with what its supplies measure when they are opened, and without their serial numbers: a
/// recording is something that people send to others.
fn record(kernel: Kernel, sink: impl Write + Send + 'static) -> Kernel {
    let options = RecordingOptions::new().contents(0).redaction(Redaction::new());
    Kernel::recording_with(kernel, sink, options)
}

fn list(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    for supply in lab_supply::supplies(kernel)? {
        match supply {
            Ok(supply) => writeln!(out, "{}", check::describe(supply.information()))?,
            Err(error) => writeln!(out, "{error}")?,
        }
    }
    Ok(())
}

fn watch(kernel: &Kernel, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut hotplug = Hotplug::watch(kernel)?;
    while let Some(event) = hotplug.wait() {
        match event {
            Ok(Event::Arrived(supply)) => {
                writeln!(out, "arrived  {}", check::describe(supply.information()))?;
            }
            Ok(Event::Departed(information)) => writeln!(out, "departed {}", check::describe(&information))?,
            Ok(_) => {}
            Err(error) => writeln!(out, "{error}")?,
        }
    }
    Ok(())
}
