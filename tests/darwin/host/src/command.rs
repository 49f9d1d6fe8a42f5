//! The command line.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: darwin-host [--machine NAME] [--strict] PROGRAM [ARGUMENT…]
       darwin-host --imports PROGRAM
       darwin-host --exports

Runs a macOS program (x86_64) on Linux, on a simulated machine.

  --machine NAME  the machine to boot before the program starts
  --strict        exit with status 70 instead of 0 if the program leaves anything behind
  --imports       list what the program imports, and what of it is missing
  --exports       list what programs can import";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Exports,
    Imports {
        program: PathBuf,
    },
    Run {
        machine: Option<String>,
        strict: bool,
        program: PathBuf,
        /// The first one is the program's name.
        arguments: Vec<CString>,
    },
}

impl Command {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut machine = None;
        let mut strict = false;
        let program = loop {
            let argument = arguments.next().ok_or("which program?")?;
            match argument.to_str() {
                Some("--help") => return Ok(Self::Help),
                Some("--exports") => return Ok(Self::Exports),
                Some("--imports") => {
                    let program = arguments.next().ok_or("--imports of which program?")?;
                    return Ok(Self::Imports { program: program.into() });
                }
                Some("--machine") => {
                    let name = arguments.next().ok_or("--machine is followed by a name")?;
                    machine =
                        Some(name.into_string().map_err(|name| format!("there is no machine {name:?}"))?);
                }
                Some("--strict") => strict = true,
                Some(option) if option.starts_with('-') => return Err(format!("unknown option {option}")),
                _ => break argument,
            }
        };
        let c_string =
            |argument: OsString| CString::new(argument.into_vec()).map_err(|error| error.to_string());
        let arguments =
            [program.clone()].into_iter().chain(arguments).map(c_string).collect::<Result<_, _>>()?;
        Ok(Self::Run { machine, strict, program: program.into(), arguments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Command, String> {
        Command::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn options_after_the_program_are_its_own() {
        let arguments = [c"tool", c"--strict"].map(CString::from).to_vec();
        let expected = Command::Run { machine: None, strict: false, program: "tool".into(), arguments };
        assert_eq!(parse(&["tool", "--strict"]), Ok(expected));
    }

    #[test]
    fn options_before_the_program_are_the_hosts() {
        let arguments = vec![CString::from(c"tool")];
        let machine = Some("smc".into());
        let expected = Command::Run { machine, strict: true, program: "tool".into(), arguments };
        assert_eq!(parse(&["--machine", "smc", "--strict", "tool"]), Ok(expected));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(parse(&[]), Err("which program?".into()));
        assert_eq!(parse(&["--machine"]), Err("--machine is followed by a name".into()));
        assert_eq!(parse(&["--imports"]), Err("--imports of which program?".into()));
        assert_eq!(parse(&["--fast", "tool"]), Err("unknown option --fast".into()));
    }
}
