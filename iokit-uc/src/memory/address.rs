//! Where memory begins.

use std::ptr::NonNull;

/// An address in memory that is foreign to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) NonNull<u8>);

// SAFETY: an address alone does nothing. Who accesses what is there does so through `arch`, which any number of threads
// may do at the same time.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}
