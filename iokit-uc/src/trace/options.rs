//! What a recording takes down.

use super::redact::Redaction;
use std::collections::BTreeSet;

/// What is written, and what is not.
///
/// ```
/// use iokit_uc::trace::RecordingOptions;
///
/// // With what lies in memory of type 0 when it is mapped.
/// let options = RecordingOptions::new().contents(0);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct RecordingOptions {
    pub(super) buffer: usize,
    pub(super) contents: BTreeSet<u32>,
    pub(super) redaction: Option<Redaction>,
}

impl Default for RecordingOptions {
    fn default() -> Self {
        Self { buffer: Self::BUFFER, contents: BTreeSet::new(), redaction: None }
    }
}

impl RecordingOptions {
    /// The bytes of a trace that wait for the sink at most, unless [`buffer`](Self::buffer) says otherwise.
    pub const BUFFER: usize = 64 << 20;

    /// Every call, no memory, and all that is secret.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes of the trace may wait for the sink. Calls for which there is no room are lost, and
    /// [counted](super::Trace::lost); what a call that is in the trace returned is never lost.
    #[must_use]
    pub fn buffer(mut self, bytes: usize) -> Self {
        self.buffer = bytes;
        self
    }

    /// Records what lies in the memory that `memory_type` maps, each time when it has been mapped: once, byte by byte, from its
    /// beginning to its end.
    ///
    /// A device may notice: reading a register can do something, and some can only be read in words. It is meant for memory that is
    /// memory. Contents are read of what is mapped through a [`Kernel`](crate::Kernel) into the task itself, and while the
    /// connection is in order.
    #[must_use]
    pub fn contents(mut self, memory_type: u32) -> Self {
        self.contents.insert(memory_type);
        self
    }

    /// Keeps secrets out of what is written. The program sees them all the same; a call takes longer.
    #[must_use]
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = Some(redaction);
        self
    }
}
