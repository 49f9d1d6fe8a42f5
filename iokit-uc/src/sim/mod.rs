//! A simulated kernel: tasks, ports, the registry, and drivers written in Rust, on any machine.
//!
//! [`Machine`] is where a test begins: publish a driver there, take a [`Task`], and hand its
//! [`kernel`](Task::kernel) to the code under test. The rules that it keeps are numbered in
//! `docs/kernel-semantics.md`; what is not modelled yet fails or is recorded as a [`Misuse`], and is never silently
//! wrong.

mod audit;
mod backend;
mod class;
mod client;
mod external;
mod keys;
mod lifecycle;
mod lock;
mod machine;
mod matching;
mod message;
mod names;
mod nub;
mod open;
mod policy;
mod queue;
mod registry;
mod report;
mod shared;
mod state;
mod task;
mod terminate;
mod thread;

pub use crate::interface::{Caller, EntryId, OpenRequest, TerminateOptions};
pub use machine::{Machine, MatchingRound, WeakMachine};
#[doc(hidden)]
pub use message::{Disposition, Message};
pub use nub::Nub;
pub use policy::{Filter, FilteredCall, Policy};
pub use report::{Leak, Misuse, Report};
pub use task::Task;
