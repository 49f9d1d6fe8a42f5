//! Which function of the frameworks runs on a thread, from where in the program it was called, and what to say when the
//! program has misused it.
//!
//! The wrapper of every exported function [`enter`]s first, so that whatever the function finds wrong, at any depth, is
//! reported with the function's name and its caller: [`misuse`] ends the process, [`complain`] goes on.

mod call;
mod report;

pub use call::{Call, Guard, current, enter};
pub use report::{catch, complain, complaints, misuse};
