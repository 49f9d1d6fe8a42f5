//! What the examples' command lines have in common: which kernel a program talks to, and how it ends.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// A program with a command line.
pub(crate) struct Program {
    /// What `--help` prints, and what follows a complaint about the command line.
    pub(crate) usage: &'static str,
    /// Flags of the program's own, which it gets with its arguments; `-` are all there may be.
    pub(crate) flags: &'static [&'static str],
    /// Runs the program with its arguments.
    pub(crate) run: fn(Place, &[&str], &mut dyn Write) -> Result<(), Failure>,
}

/// Which kernel the program talks to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `--machine`: a simulated one, which the program brings along.
    Machine,
    /// `--host`: this Mac's.
    Host,
}

/// Why a program ends early.
pub(crate) enum Failure {
    /// The command line makes no sense: exit code 2.
    Usage(String),
    /// Something went wrong: exit code 1.
    Error(Box<dyn Error>),
}

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl Program {
    /// The body of `main`.
    pub(crate) fn main(&self) -> ExitCode {
        let arguments: Vec<String> =
            std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        ExitCode::from(self.execute(&arguments, &mut io::stdout(), &mut io::stderr()))
    }

    /// Runs the program and returns its exit code.
    pub(crate) fn execute(&self, arguments: &[&str], out: &mut dyn Write, complaints: &mut dyn Write) -> u8 {
        let (code, text) = match self.attempt(arguments, out) {
            Ok(()) => return 0,
            Err(Failure::Usage(complaint)) => (2, format!("error: {complaint}\n\n{}", self.usage)),
            // Whoever reads the output, `head` for one, has seen enough.
            Err(Failure::Error(error)) if is_broken_pipe(&*error) => return 0,
            Err(Failure::Error(error)) => (1, format!("error: {error}\n")),
        };
        // Nobody is left to tell if this fails; the code still tells it.
        let _ = complaints.write_all(text.as_bytes());
        code
    }

    fn attempt(&self, arguments: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
        let mut place = None;
        let mut words = Vec::new();
        for &argument in arguments {
            let named = match argument {
                "--help" | "-h" => return Ok(out.write_all(self.usage.as_bytes())?),
                "--machine" => Place::Machine,
                "--host" => Place::Host,
                flag if flag.starts_with('-')
                    && !(self.flags.contains(&flag) || self.flags.contains(&"-")) =>
                {
                    return Err(Failure::Usage(format!("unknown flag `{flag}`")));
                }
                word => {
                    words.push(word);
                    continue;
                }
            };
            if place.replace(named).is_some_and(|before| before != named) {
                return Err(Failure::Usage("`--machine` and `--host` exclude each other".into()));
            }
        }
        (self.run)(place.unwrap_or(Place::Machine), &words, out)
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
