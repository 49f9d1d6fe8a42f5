//! `darwin-host` runs a macOS program on Linux, on a simulated machine.

mod command;
mod end;

use std::env;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use command::Command;
use darwin_loader::{Export, Result};

/// What shells say of a program that cannot be executed.
const CANNOT_EXECUTE: u8 = 126;
/// What command-line programs say of arguments that they cannot understand.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let_closed_pipes_end_the_process();
    let command = match Command::parse(env::args_os().skip(1)) {
        Ok(command) => command,
        Err(message) => {
            eprintln!("darwin-host: {message}\n{}", command::USAGE);
            return ExitCode::from(USAGE);
        }
    };
    match execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("darwin-host: {message}");
            ExitCode::from(CANNOT_EXECUTE)
        }
    }
}

fn execute(command: Command) -> Result<()> {
    match command {
        Command::Help => print(command::USAGE)?,
        Command::Exports => all_exports().iter().try_for_each(|export| print(export.name))?,
        Command::Imports { program } => print_imports(&program)?,
        Command::Run { machine, strict, program, arguments } => {
            darwin_core_foundation::init();
            machine.as_deref().map_or(Ok(()), darwin_iokit::boot)?;
            darwin_libsystem::watch_faults();
            end::report_at_exit(strict)?;
            // SAFETY: the program is the one that the user asks to run, and the exports have the signatures of
            // Apple's headers.
            unsafe { darwin_loader::run(&program, arguments, exports()) }.map_err(in_program(&program))?;
        }
    }
    Ok(())
}

/// Takes back what Rust's runtime has done for the host: programs start with the default, and those in Rust change it again.
fn let_closed_pipes_end_the_process() {
    // SAFETY: the default action is no function.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Everything that programs can import, in the order of the names.
fn all_exports() -> Vec<Export> {
    let mut exports = [exports(), darwin_loader::dyld_exports()].concat();
    exports.sort_by_key(|export| export.name);
    exports
}

/// The libraries that programs are bound to.
fn exports() -> Vec<Export> {
    [darwin_libsystem::exports(), darwin_core_foundation::exports(), darwin_iokit::exports()].concat()
}

/// A line for each import: its name, its kind, whether the program can do without it, whether it has to.
fn print_imports(program: &Path) -> Result<()> {
    let exports = all_exports();
    for import in darwin_loader::imports(program).map_err(in_program(program))? {
        let kind = if import.is_function { "function" } else { "variable" };
        let weak = if import.weak { " weak" } else { "" };
        let is_missing = exports.binary_search_by_key(&import.name.as_str(), |export| export.name).is_err();
        let missing = if is_missing { " missing" } else { "" };
        print(format_args!("{} {kind}{weak}{missing}", import.name))?;
    }
    Ok(())
}

/// Prints a line.
fn print(line: impl Display) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

type Error = Box<dyn std::error::Error + Send + Sync>;

fn in_program(program: &Path) -> impl Fn(Error) -> Error {
    move |error| format!("{}: {error}", program.display()).into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_is_exported_twice() {
        let names: Vec<_> = super::all_exports().iter().map(|export| export.name).collect();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
