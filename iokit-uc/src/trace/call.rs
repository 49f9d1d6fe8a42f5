//! A trace in memory.

use super::field::Field;
use crate::backend::Function;
use std::time::Duration;

/// A trace, read.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub(super) calls: Vec<TracedCall>,
    pub(super) lost: Vec<Lost>,
    pub(super) is_cut: bool,
    pub(super) is_finished: bool,
}

/// One call of a trace: one line, or two if it was to wait for a driver.
///
/// The fields are those of the [function's](Self::function) parameters, by its parameters' names in
/// [`Backend`](crate::backend::Backend) and in their order. A trace that is read has no others.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TracedCall {
    /// The line that it begins at, from 1.
    pub line: usize,
    /// The line with its end; none if the trace ends first, as it does where the program crashed in the call.
    pub ended: Option<usize>,
    /// Since the recording began.
    pub at: Duration,
    /// How long it took.
    pub took: Option<Duration>,
    /// Which of the program's threads called, from 1 by the order of their first calls.
    pub thread: u32,
    /// What was called.
    pub function: Function,
    /// What was passed. For an output: its capacity, if it has one.
    pub inputs: Vec<(&'static str, Field)>,
    /// What came back: `""` for what was returned, if anything is, then the outputs that were written. Empty if it did not end.
    ///
    /// An output is one that was written if the call succeeded, or the output is another than before. Beside `output` and
    /// `output_structure` there is `output_count` and `output_structure_size`, if the driver says that there is more than fitted;
    /// beside the `address` of what was mapped `contents`, if they were
    /// [recorded](super::RecordingOptions::contents).
    pub outputs: Vec<(&'static str, Field)>,
}

/// Calls that were not written, because the sink was too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// The line that stands for them.
    pub line: usize,
    /// How many there were.
    pub calls: u64,
}

impl Trace {
    /// Its calls, in the order of the lines that they begin at.
    pub fn calls(&self) -> &[TracedCall] {
        &self.calls
    }

    /// Where calls are missing, because the sink was too slow for the program.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// Whether its last line is not whole, as a crash leaves it. What there was of that line is left out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the recording came to its end: it did not if the program crashed, or still runs.
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }
}

impl TracedCall {
    /// What was passed as the parameter `name`.
    pub fn input(&self, name: &str) -> Option<&Field> {
        find(&self.inputs, name)
    }

    /// What came back in the output `name`, if that was written.
    pub fn output(&self, name: &str) -> Option<&Field> {
        find(&self.outputs, name)
    }

    /// What was returned, if the call ended and returns anything.
    pub fn returned(&self) -> Option<&Field> {
        self.output("")
    }
}

fn find<'a>(fields: &'a [(&'static str, Field)], name: &str) -> Option<&'a Field> {
    fields.iter().find(|(other, _)| *other == name).map(|(_, field)| field)
}
