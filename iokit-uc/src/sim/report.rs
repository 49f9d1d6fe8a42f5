//! What a test wants to know at its end: what leaked, and what a real Mac would not have forgiven.

use super::mapping::MappedMemory;
use crate::backend::PortName;
use std::fmt;

/// What is left on a machine, and what was done wrong on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Names that living tasks hold.
    pub leaks: Vec<Leak>,
    /// What living tasks have mapped, each with the task's name.
    pub mappings: Vec<(String, MappedMemory)>,
    /// User clients that are still attached.
    pub user_clients: Vec<String>,
    /// Uses that end in undefined behaviour, a deadlock or a guard exception on a real Mac, and questions that the
    /// simulated kernel cannot answer.
    pub misuses: Vec<Misuse>,
}

/// A name that a task holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The task's name.
    pub task: String,
    /// The port's name in the task.
    pub name: PortName,
    /// What it denotes: a class, "dead name", "receive right".
    pub what: String,
    /// User references.
    pub references: u32,
}

/// Something that must not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// A name that the task does not have was released or retained: a guard exception, which can be fatal (RC-1, RC-2).
    InvalidName {
        /// The task's name.
        task: String,
        /// The C function.
        function: &'static str,
        /// The name.
        name: PortName,
    },
    /// A driver raised an output count past the kernel's buffers (EM-9a).
    KernelOverrun {
        /// The selector called.
        selector: u32,
        /// Scalars that the driver claims to have returned.
        scalars: u32,
        /// Bytes of structure that the driver claims to have returned.
        structure: usize,
    },
    /// A driver returned scalars to a caller that passed no count for them (EM-9b).
    UncountedScalars {
        /// The selector called.
        selector: u32,
        /// How many.
        scalars: u32,
    },
    /// From inside one of a connection's external methods, a thread asked for the connection's exclusive lock: to close
    /// it, to add a client to it, or to call a method of a connection that runs one at a time. A deadlock (EM-15).
    SelfDeadlock,
    /// A task unmapped memory that its driver says is mapped with `kIOMapUnique`: the kernel swaps pages that are not there,
    /// and panics (MEM-8a).
    UniqueUnmap {
        /// The memory type.
        memory_type: u32,
    },
    /// A driver sent a message over a send right that was its own no more, as what had brought it had failed: the port
    /// may be somebody else's by then, or freed memory (AS-2, P-7b).
    DeadRight,
    /// A driver completed an asynchronous call by the reference that a legacy method is given, in which the wake port is
    /// cut to 32 bits (EM-29).
    CutReference,
    /// A driver panicked in this function, or in `drop`. On a Mac so does the kernel; here the caller gets
    /// `kIOReturnInternalError`, where there is one.
    Panic(&'static str),
    /// A driver changed a busy count past its end, which overwrites other states of the service (BQ-2a).
    BusyCount {
        /// The count before.
        count: u32,
        /// By how much it was to change.
        delta: i32,
    },
    /// A family's `matchPropertyTable` had the kernel ask it again: a stack that overflows (MT-16).
    FamilyAskedItself,
    /// A driver was added whose personality the kernel cannot decode: it nests too deep, or has a string that is too long
    /// (PR-7).
    Personality {
        /// The driver's class.
        class: String,
    },
    /// Something that the simulated kernel does not model yet, in words.
    NotModelled(String),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidName { task, function, name } => {
                write!(f, "task {task} passed {function} the name {name:#x}, which it does not have")
            }
            Self::KernelOverrun { selector, scalars, structure } => write!(
                f,
                "the driver claims to have returned {scalars} scalars and {structure} bytes of structure from \
                 selector {selector}: more than the kernel's buffers hold"
            ),
            Self::UncountedScalars { selector, scalars } => write!(
                f,
                "the driver returned {scalars} scalars from selector {selector} to a caller that passed no count"
            ),
            Self::SelfDeadlock => f.write_str(
                "a thread in an external method of a connection asked for that connection's exclusive lock",
            ),
            Self::UniqueUnmap { memory_type } => write!(
                f,
                "memory type {memory_type} was unmapped, which its driver says is mapped with kIOMapUnique"
            ),
            Self::DeadRight => f.write_str(
                "a driver used a send right after the function that had been given the right had failed",
            ),
            Self::CutReference => f.write_str(
                "a driver completed a legacy asynchronous call, whose reference has lost the wake port",
            ),
            Self::Panic(function) => write!(f, "a driver panicked in {function}"),
            Self::BusyCount { count, delta } => {
                write!(f, "a driver changed a busy count of {count} by {delta}, past its end")
            }
            Self::FamilyAskedItself => {
                f.write_str("a family's matchPropertyTable looked for services that it is asked about itself")
            }
            Self::Personality { class } => {
                write!(f, "the kernel cannot decode the personality of the driver {class}")
            }
            Self::NotModelled(what) => write!(f, "not simulated yet: {what}"),
        }
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, name, what, references } = self;
        write!(f, "task {task} holds {name:#x} ({what}, {references} references)")
    }
}

impl Report {
    /// Nothing leaked, nothing misused.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Nothing leaked, whatever was done wrong.
    pub(super) fn leaves_nothing(&self) -> bool {
        self.leaks.is_empty() && self.mappings.is_empty() && self.user_clients.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.leaks.iter().try_for_each(|leak| writeln!(f, "{leak}"))?;
        self.mappings
            .iter()
            .try_for_each(|(task, mapping)| writeln!(f, "task {task} has mapped {mapping}"))?;
        self.user_clients.iter().try_for_each(|class| writeln!(f, "a user client is attached: {class}"))?;
        self.misuses.iter().try_for_each(|misuse| writeln!(f, "{misuse}"))
    }
}
