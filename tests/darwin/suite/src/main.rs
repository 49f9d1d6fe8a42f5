//! `darwin-suite` runs tests, prints a line for each, and fails if one does.

mod alone;
mod imports;
mod process;
mod report;
mod same;
mod test_program;
mod worlds;

use report::Report;
use same::Compared;
use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use test_program::TestProgram;

const USAGE: &str = "\
usage: darwin-suite [--host DARWIN_HOST] COMMAND

  tests PROGRAM...          the tests of programs built with libtest, each test in a process of its own
  worlds NATIVE GUEST       the tests of one program in two worlds, which have to agree
  same STATUS LABEL NATIVE... -- GUEST...
                            two command lines, which have to print the same and exit with STATUS
  alike STATUS LABEL NATIVE... -- GUEST...
                            the same but for words with figures in them
  reordered STATUS LABEL NATIVE... -- GUEST...
                            the same words, in whatever order
  imports LIST PROGRAM...   what programs for macOS import, which the host has to export but for what is listed

With --host, the programs of `tests` are for macOS. The other commands need it.
";

/// What the command line asks for, or why it makes no sense.
fn run(mut arguments: &[String]) -> Result<Report, String> {
    let mut host = None;
    if let [flag, path, rest @ ..] = arguments
        && flag == "--host"
    {
        (host, arguments) = (Some(PathBuf::from(path)), rest);
    }
    let needed = || host.clone().ok_or("there is no --host to run programs for macOS");
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &words[..] {
        ["tests", programs @ ..] if !programs.is_empty() => {
            let programs = programs.iter().map(|path| TestProgram::new(path.into(), host.clone()));
            Ok(alone::run(programs))
        }
        ["worlds", native, guest] => {
            let native = TestProgram::new(native.into(), None);
            Ok(worlds::compare(&native, &TestProgram::new(guest.into(), Some(needed()?))))
        }
        [command @ ("same" | "alike" | "reordered"), status, label, commands @ ..] => {
            let compared = match *command {
                "same" => Compared::All,
                "alike" => Compared::ButForFigures,
                _ => Compared::ButForOrder,
            };
            let status = status.parse().map_err(|_| format!("`{status}` is no exit status"))?;
            let sides: Vec<_> = commands.split(|&word| word == "--").collect();
            match sides[..] {
                [native, guest] if !native.is_empty() && !guest.is_empty() => {
                    Ok(same::compare(compared, status, label, native, &needed()?, guest))
                }
                _ => Err(format!("`{command}` compares two commands, with `--` between them")),
            }
        }
        ["imports", list, programs @ ..] if !programs.is_empty() => {
            Ok(imports::check(&needed()?, list, programs))
        }
        _ => Err("that is no command".into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> =
        env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    match run(&arguments) {
        Ok(report) => report.exit_code(),
        Err(complaint) => {
            eprint!("darwin-suite: {complaint}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}
