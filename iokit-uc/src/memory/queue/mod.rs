//! Data queues: how entries lie in memory that two sides share, and how each side moves its index (DQ-1 … DQ-6).
//!
//! Nothing that the other side can write is believed: every word of it is loaded once, and what was loaded is compared with
//! a private copy of the queue's size before it becomes an offset.

mod algorithm;
mod layout;
pub mod raw;
mod shared;
#[cfg(test)]
mod tests;
mod waiter;

pub use algorithm::{Corrupt, Entry, Index, Indices, Queue, QueueMemory, Refused};
pub use layout::{APPENDIX, DATA, ENTRY_HEADER, HEAD, QUEUE_SIZE, TAIL};
pub(crate) use shared::{SharedMemory, attach, create};
pub(crate) use waiter::Waiter;
