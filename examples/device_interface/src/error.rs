//! What can go wrong, as a user of a supply sees it.

use iokit_uc::ErrorKind as Cause;
use std::fmt;

/// What an operation on a supply returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something did not work, for `match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such supply.
    NotFound,
    /// The supply has been unplugged. It is another one when it is plugged in again.
    Unplugged,
    /// Another program uses the supply.
    InUse,
    /// The system does not let this program use the supply.
    NotPermitted,
    /// The supply cannot do that much.
    OutOfRange,
    /// The output is off.
    OutputOff,
    /// The supply is doing the same thing already.
    Busy,
    /// It did not happen in time.
    TimedOut,
    /// Something else has ended it: another command, a trip, or that the supply was closed.
    Interrupted,
    /// The driver says what this version of the library does not understand.
    Incompatible,
    /// The supply, or its driver, does not work.
    Faulty,
    /// Everything else; [`source`](std::error::Error::source) tells more.
    Other,
}

impl ErrorKind {
    /// What a failed call says of a supply.
    fn of(cause: Cause) -> Self {
        match cause {
            Cause::Terminated | Cause::NoDevice => Self::Unplugged,
            Cause::ExclusiveAccess => Self::InUse,
            Cause::NotPermitted => Self::NotPermitted,
            Cause::NotReady => Self::OutputOff,
            Cause::Busy => Self::Busy,
            Cause::TimedOut => Self::TimedOut,
            Cause::Aborted => Self::Interrupted,
            // A property that the driver should have, or a method, or one of this shape: what a supply cannot do is refused
            // before the driver is asked.
            Cause::InvalidReply | Cause::NotFound | Cause::Unsupported | Cause::BadArgument => {
                Self::Incompatible
            }
            Cause::DeviceFailure => Self::Faulty,
            _ => Self::Other,
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::NotFound => "there is none",
            Self::Unplugged => "it has been unplugged",
            Self::InUse => "another program uses it",
            Self::NotPermitted => {
                "the system does not permit it; the program needs the entitlement `com.example.lab-supply`, \
                 and a sandboxed one needs the user client in its profile"
            }
            Self::OutOfRange => "it cannot do that much",
            Self::OutputOff => "its output is off",
            Self::Busy => "it is doing so already",
            Self::TimedOut => "it did not happen in time",
            Self::Interrupted => "something else has ended it",
            Self::Incompatible => "its driver is of another version than this library",
            Self::Faulty => "it does not work",
            Self::Other => "the system refuses",
        }
    }
}

/// Why something did not work: with which supply, what was to be done, and what the system said, which is the
/// [`source`](std::error::Error::source).
///
/// ```
/// use lab_supply::{ErrorKind, Supply, simulated::Bench};
///
/// let error = Supply::open_first(&Bench::new().kernel()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// assert_eq!(error.to_string(), "lab supply: cannot find it: there is none");
/// ```
#[derive(Clone, Debug)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ErrorKind,
    /// Its serial number.
    supply: Option<String>,
    /// What was to be done: "set the output".
    action: &'static str,
    /// What the kind does not tell.
    problem: Option<String>,
    source: Option<iokit_uc::Error>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, action: &'static str) -> Self {
        Self(Box::new(Inner { kind, supply: None, action, problem: None, source: None }))
    }

    /// Of a call that failed, as `map_err` takes it.
    pub(crate) fn of(action: &'static str) -> impl Fn(iokit_uc::Error) -> Self + Copy {
        move |source| {
            let mut error = Self::new(ErrorKind::of(source.kind()), action);
            error.0.source = Some(source);
            error
        }
    }

    pub(crate) fn with_problem(mut self, problem: String) -> Self {
        self.0.problem = Some(problem);
        self
    }

    pub(crate) fn with_supply(mut self, serial: &str) -> Self {
        self.0.supply = Some(serial.into());
        self
    }

    /// What to match on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The supply's serial number, if it is about one.
    pub fn supply(&self) -> Option<&str> {
        self.0.supply.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, supply, action, problem, .. } = &*self.0;
        f.write_str("lab supply")?;
        if let Some(serial) = supply {
            write!(f, " {serial}")?;
        }
        write!(f, ": cannot {action}: {}", problem.as_deref().unwrap_or(kind.meaning()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}
