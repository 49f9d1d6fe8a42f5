//! Reads the System Management Controller: temperatures, fans, power, battery.
//!
//! ```text
//! cargo run --example smc -- list                  all keys of a simulated Intel notebook
//! cargo run --example smc -- read TC0P F0Ac        some of them
//! cargo run --example smc -- --host list           all keys of this Mac
//! ```
//!
//! `protocol.rs` has the trait and its 80-byte structure, `client.rs` reads keys through it, and `value.rs` makes
//! numbers of their bytes. `simulated.rs` is the driver's side, with the keys of `keys.rs`.

#[path = "../cli.rs"]
pub(crate) mod cli;
pub(crate) mod client;
pub(crate) mod keys;
pub(crate) mod protocol;
pub(crate) mod simulated;
pub(crate) mod value;

use cli::{Failure, Place, Program};
use client::Smc;
use iokit_uc::Kernel;
use protocol::{FourCc, NotAKey};
use std::io::Write;
use std::process::ExitCode;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: smc [--machine | --host] list
       smc [--machine | --host] read KEY...

  --machine  read the keys of a simulated Intel notebook (default)
  --host     read the keys of this Mac
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

/// What the command line asks for.
enum Command {
    List,
    Read(Vec<FourCc>),
}

impl Command {
    fn parse(words: &[&str]) -> Result<Self, Failure> {
        let usage = |complaint: String| Err(Failure::Usage(complaint));
        match *words {
            ["list"] => Ok(Self::List),
            ["list", word, ..] => usage(format!("unexpected argument `{word}`")),
            ["read"] => usage("`read` wants a key".into()),
            ["read", ref keys @ ..] => {
                let keys: Result<_, _> = keys.iter().map(|key| key.parse()).collect();
                keys.map(Self::Read).or_else(|error: NotAKey| usage(error.to_string()))
            }
            [word, ..] => usage(format!("unknown command `{word}`")),
            [] => usage("no command".into()),
        }
    }
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let command = Command::parse(words)?;
    match place {
        Place::Host => execute(&command, &Kernel::host()?, out),
        Place::Machine => {
            let machine = simulated::machine();
            execute(&command, &machine.task("smc").kernel(), out)?;
            machine.assert_clean();
            Ok(())
        }
    }
}

fn execute(command: &Command, kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    let smc = Smc::open(kernel)?;
    match command {
        Command::List => list(&smc, out),
        Command::Read(keys) => {
            for &key in keys {
                writeln!(out, "{}", smc.read(key)?)?;
            }
            Ok(())
        }
    }
}

/// Lists what can be read, says of every other key why not, and fails in the end if there was one.
pub(crate) fn list(smc: &Smc, out: &mut dyn Write) -> Result<(), Failure> {
    let count = smc.key_count()?;
    let mut unreadable = 0;
    for index in 0..count {
        match smc.key_at(index).and_then(|key| smc.read(key)) {
            Ok(reading) => writeln!(out, "{reading}")?,
            Err(error) => {
                unreadable += 1;
                writeln!(out, "{error}")?;
            }
        }
    }
    if unreadable == 0 {
        Ok(())
    } else {
        Err(format!("{unreadable} of {count} keys could not be read").into())
    }
}
