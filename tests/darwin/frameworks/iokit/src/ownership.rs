//! What the wrappers of the exported functions tell: who owns what a function has returned or taken.

use crate::machine::running;
use iokit_uc::backend::PortName;

pub(crate) use darwin_core_foundation::ownership::{consumed, returned};

/// The running call has given a reference of `name` to the program.
pub(crate) fn returned_right(name: PortName) {
    let running = running();
    running.names.given(running.task(), name);
}

/// The running call has taken a reference of `name` from the program.
pub(crate) fn consumed_right(name: PortName) {
    running().names.taken(name);
}

/// The running call is about to change the references of `name`. Says so if the program has no such name.
pub(crate) fn expect(name: PortName) {
    let running = running();
    running.names.expect(running.task(), name);
}
