//! A simulated kernel: tasks, ports, the registry, and drivers written in Rust, on any machine.
//!
//! [`Machine`] is where a test begins: publish a driver there, take a [`Task`], and hand its
//! [`kernel`](Task::kernel) to the code under test. The rules that it keeps are numbered in
//! `docs/kernel-semantics.md`; what is not modelled yet fails or is recorded as a [`Misuse`], and is never silently
//! wrong.
//!
//! What is modelled: names, rights and their counts in each task; messages between ports with the rights that they
//! carry, laid out as a 64-bit task receives them; the registry, its iterators and what can be asked of entries;
//! matching, which finds services and starts drivers; opening, closing, and the lock of a connection; external methods
//! and traps; asynchronous ones, of which each machine has a work loop to run them, and the ports that tasks give to
//! drivers; properties; matching and interest notifications; busy states; termination; memory that drivers map into tasks.
//!
//! What goes wrong on a Mac once in a while goes wrong here when a test wants it to: a [`Fault`] is
//! [injected](Machine::inject) into a machine, and comes to the calls that it is meant for. [`Machine::for_each_fault`] runs
//! a test under every single one in turn.

mod announce;
mod audit;
mod backend;
mod busy_time;
mod catalogue;
mod chain;
mod class;
mod client;
mod clock;
mod driver_work;
mod failure;
mod fault;
mod hooks;
mod keys;
mod lifecycle;
mod lock;
mod machine;
mod mapping;
mod matching;
mod memory_map;
mod names;
mod notification;
mod notifier;
mod nub;
mod personality;
mod place;
mod policy;
mod port_right;
mod property_lock;
mod query;
mod queue;
mod registry;
mod report;
mod round;
mod shared;
mod state;
mod state_bits;
mod subscriber;
mod task;
mod terminate;
mod termination;
mod thread;
mod wake_right;
mod work_loop;

pub use crate::interface::{Caller, EntryId, OpenRequest, TerminateOptions};
pub use fault::{Fault, QueueDamage, When};
pub use hooks::DriverInstance;
pub use machine::register::{MatchingRound, RegisterOptions};
pub use machine::{
    FaultFailure, FaultOutcome, FaultRun, FaultSummary, InjectedFault, Injection, Machine, RunOutcome,
    WeakMachine,
};
pub use mapping::MappedMemory;
pub use notifier::InterestKind;
pub use nub::Nub;
pub use personality::Personality;
pub use policy::{Filter, FilteredCall, Policy};
pub use report::{Leak, Misuse, Report};
pub use task::Task;
pub(crate) use task::faulted::Faulted;
#[doc(hidden)]
pub use task::message::{Disposition, Message};
