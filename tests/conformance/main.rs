//! The rules of `docs/kernel-semantics.md`, one or more tests each, named by number.
//!
//! Tests see a machine as a task does: through IOKitLib, and through [`World::command`](world::World::command), which
//! carries numbers alone. What cannot be stated so runs natively alone and says so.

#![allow(unreachable_pub, reason = "a test program exports nothing")]

mod raw;
mod steps;
mod world;

mod dispatch;
mod external_methods;
mod handles;
mod legacy;
mod locking;
mod machine;
mod matching;
mod opening;
mod ports;
mod reentry;
mod registry;
mod termination;
mod traps;
mod untrusted_driver;
mod untyped;
