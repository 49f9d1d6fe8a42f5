//! Records what a program and its kernel say to each other, and looks at it.
//!
//! ```text
//! cargo run --example trace -- record smc.trace          reads the SMC of a simulated notebook, recorded
//! cargo run --example trace -- --host record smc.trace   that of this Mac
//! cargo run --example trace -- show smc.trace            with the names of the SMC's methods and fields
//! cargo run --example trace -- redact smc.trace          without serial numbers, addresses and names of users
//! cargo run --example trace -- diff smc.trace other.trace
//! ```

#[path = "../cli.rs"]
pub(crate) mod cli;
#[allow(dead_code, reason = "the SMC's program has more of it")]
#[path = "../smc/client.rs"]
pub(crate) mod client;
pub(crate) mod diff;
#[path = "../smc/keys.rs"]
pub(crate) mod keys;
#[path = "../smc/protocol.rs"]
pub(crate) mod protocol;
#[path = "../smc/simulated.rs"]
pub(crate) mod simulated;
#[path = "../smc/value.rs"]
pub(crate) mod value;

use cli::{Failure, Place, Program};
use client::Smc;
use iokit_uc::Kernel;
use iokit_uc::trace::{Redaction, Trace};
use protocol::AppleSmcClient;
use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: trace [--machine | --host] record FILE
       trace show FILE
       trace redact FILE
       trace diff FILE FILE

  --machine  record a simulated Intel notebook's SMC (default)
  --host     record this Mac's
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    match *words {
        ["record", file] => match place {
            Place::Host => record(&Kernel::host()?, file, out),
            Place::Machine => {
                let machine = simulated::machine();
                record(&machine.task("trace").kernel(), file, out)?;
                machine.assert_clean();
                Ok(())
            }
        },
        ["show", file] => Ok(write!(out, "{}", open(file)?.decode(&[AppleSmcClient::INTERFACE]))?),
        ["redact", file] => {
            let mut trace = open(file)?;
            trace.redact(&Redaction::new());
            Ok(trace.write(out)?)
        }
        ["diff", before, after] => diff::show(&open(before)?, &open(after)?, out),
        [command @ ("record" | "show" | "redact" | "diff"), ..] => Err(Failure::Usage(format!(
            "`{command}` wants {}",
            if command == "diff" { "two files" } else { "a file" }
        ))),
        [word, ..] => Err(Failure::Usage(format!("unknown command `{word}`"))),
        [] => Err(Failure::Usage("no command".into())),
    }
}

fn open(file: &str) -> Result<Trace, Failure> {
    Trace::open(file).map_err(|error| format!("{file}: {error}").into())
}

/// Reads every key of the SMC, and tells how many calls that took.
fn record(kernel: &Kernel, file: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let kernel =
        Kernel::recording(kernel.clone(), File::create(file).map_err(|error| format!("{file}: {error}"))?);
    let smc = Smc::open(&kernel)?;
    let count = smc.key_count()?;
    // Of a key that cannot be read the trace says why.
    let readable =
        (0..count).filter(|&index| smc.key_at(index).and_then(|key| smc.read(key)).is_ok()).count();
    drop(smc);
    if let Some(recording) = kernel.as_recording() {
        recording.flush().map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(writeln!(out, "{readable} of {count} keys read: {} calls in {file}", open(file)?.calls().len())?)
}
