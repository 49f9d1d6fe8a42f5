//! A simulated kernel: tasks, ports, the registry, and drivers written in Rust, on any machine.
//!
//! [`Machine`] is where a test begins: publish a driver there, take a [`Task`], and hand its
//! [`kernel`](Task::kernel) to the code under test. The rules that it keeps are numbered in
//! `docs/kernel-semantics.md`; what is not modelled yet fails or is recorded as a [`Misuse`], and is never silently
//! wrong.
//!
//! What is modelled: names, rights and their counts in each task; messages between ports with the rights that they
//! carry, laid out as a 64-bit task receives them; the registry, its iterators and what can be asked of entries;
//! matching that finds services, but starts no drivers; opening, closing, and the lock of a connection; external methods
//! and traps; asynchronous ones, of which each machine has a work loop to run them, and the ports that tasks give to
//! drivers; interest notifications; termination; memory that drivers map into tasks. What is not: matching notifications, and
//! setting properties.

mod audit;
mod backend;
mod class;
mod client;
mod clock;
mod driver_work;
mod external;
mod interest;
mod keys;
mod lifecycle;
mod lock;
mod machine;
mod map_memory;
mod mapping;
mod matching;
mod memory_map;
mod message;
mod message_clients;
mod names;
mod notification;
mod notification_port;
mod notifier;
mod nub;
mod open;
mod owner;
mod policy;
mod port_right;
mod queue;
mod registry;
mod report;
mod shared;
mod state;
mod task;
mod terminate;
mod thread;
mod wake_right;
mod work_loop;

pub use crate::interface::{Caller, EntryId, OpenRequest, TerminateOptions};
pub use machine::{Machine, MatchingRound, WeakMachine};
pub use mapping::MappedMemory;
#[doc(hidden)]
pub use message::{Disposition, Message};
pub use nub::Nub;
pub use policy::{Filter, FilteredCall, Policy};
pub use report::{Leak, Misuse, Report};
pub use task::Task;
