//! I/O Kit and the Mach functions that its users need, as C has them, over the simulated kernel.
//!
//! The process is a task of the machine that is running. The functions are `Backend`'s, a few lines each: what is told
//! here is what becomes of C's pointers, which call gave the program what it holds, and where a Mac would crash. The
//! rules by their numbers are those of `docs/kernel-semantics.md`.

#![expect(non_camel_case_types, non_snake_case, non_upper_case_globals, reason = "the names of C")]

pub mod abi;
mod busy;
mod callout;
mod connection;
mod data_queue;
mod external_method;
mod mach_error;
mod mach_message;
mod mach_port;
mod mach_vm;
mod machine;
mod mapping;
mod matching;
mod memory;
mod names;
mod notification_port;
mod notifications;
mod object;
mod ownership;
mod pointers;
mod properties;
mod registry;
#[cfg(test)]
mod releasing;
mod string;

pub use machine::{boot, report};

/// The functions and variables of the headers.
mod c {
    pub(crate) use crate::busy::*;
    pub(crate) use crate::callout::*;
    pub(crate) use crate::connection::*;
    pub(crate) use crate::data_queue::*;
    pub(crate) use crate::external_method::*;
    pub(crate) use crate::mach_error::*;
    pub(crate) use crate::mach_message::*;
    pub(crate) use crate::mach_port::*;
    pub(crate) use crate::mach_vm::*;
    pub(crate) use crate::machine::channel::*;
    pub(crate) use crate::mapping::*;
    pub(crate) use crate::matching::*;
    pub(crate) use crate::notification_port::*;
    pub(crate) use crate::notifications::*;
    pub(crate) use crate::object::*;
    pub(crate) use crate::properties::*;
    pub(crate) use crate::registry::*;
}

include!(concat!(env!("OUT_DIR"), "/exports.rs"));
