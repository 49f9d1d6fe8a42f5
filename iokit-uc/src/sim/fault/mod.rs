//! Faults: what a test wants to go wrong, and to which calls. What comes of it is the business of whatever it comes to.

mod completion;
mod filter;
mod functions;
mod point;
mod queue;
mod spec;
mod store;

pub(super) use completion::CompletionFaults;
pub(super) use filter::FilteredTask;
pub(super) use functions::{can_fail, gives_up, reaches_driver, tells_busy_count, usual_failures};
pub(super) use point::{Passed, Point};
pub use queue::QueueDamage;
pub(super) use queue::is_queue;
pub(super) use spec::Kind;
pub use spec::{Fault, When};
pub(super) use store::{Armed, Faults};
