//! A simulated kernel: tasks, ports, the registry, and drivers written in Rust, on any machine.
//!
//! [`Machine`] is where a test begins: publish a driver there, take a [`Task`], and hand its
//! [`kernel`](Task::kernel) to the code under test. The rules that it keeps are numbered in
//! `docs/kernel-semantics.md`; what is not modelled yet fails or is recorded as a [`Misuse`], and is never silently
//! wrong.

mod backend;
mod class;
mod client;
mod external;
mod machine;
mod matching;
mod names;
mod open;
mod registry;
mod report;
mod state;
mod terminate;
mod thread;

pub use crate::interface::{Caller, EntryId, OpenRequest, TerminateOptions};
pub use machine::{Filter, FilteredCall, Machine, MatchingRound, Nub, Policy, Task, WeakMachine};
pub use report::{Leak, Misuse, Report};
