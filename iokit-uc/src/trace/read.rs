//! A trace read from its text.

use super::call::{Lost, Trace, TracedCall};
use super::error::TraceError;
use super::line::{self, HEADER, Line};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

impl Trace {
    /// Reads a trace.
    ///
    /// A last line that is not whole, as a crash leaves it, is left out, and [told](Self::is_cut).
    ///
    /// # Errors
    ///
    /// The first line that makes no sense, and why; or what reading from `source` failed with.
    pub fn read(mut source: impl BufRead) -> Result<Self, TraceError> {
        let mut reader = Reader { trace: Self::default(), line: 0, open: HashMap::new() };
        let mut text = Vec::new();
        loop {
            text.clear();
            if source.read_until(b'\n', &mut text).map_err(TraceError::io)? == 0 {
                if reader.line == 0 {
                    return Err(TraceError::new(
                        1,
                        format!("a trace begins with `{HEADER}`, and this is empty"),
                    ));
                }
                return Ok(reader.trace);
            }
            reader.line += 1;
            let is_whole = text.pop_if(|byte| *byte == b'\n').is_some();
            text.pop_if(|byte| is_whole && *byte == b'\r');
            if !is_whole && (reader.line > 1 || HEADER.as_bytes().starts_with(&text)) {
                reader.trace.is_cut = true;
                return Ok(reader.trace);
            }
            reader.read(&text)?;
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        Self::read(BufReader::new(File::open(path).map_err(TraceError::io)?))
    }
}

struct Reader {
    trace: Trace,
    /// The number of the line that is read.
    line: usize,
    /// The calls that have begun, by their numbers.
    open: HashMap<u64, usize>,
}

impl Reader {
    fn read(&mut self, text: &[u8]) -> Result<(), TraceError> {
        let wrong = |reason: String| Err(TraceError::new(self.line, reason));
        if self.line == 1 {
            return match text.strip_prefix(b"iokit-uc trace ") {
                Some(b"1") => Ok(()),
                Some(version) => {
                    let version = version.escape_ascii();
                    wrong(format!("the trace is of version {version}, and this library reads version 1"))
                }
                None => wrong(format!("a trace begins with `{HEADER}`")),
            };
        }
        if text.is_empty() || text.starts_with(b"#") {
            return Ok(());
        }
        if self.trace.is_finished {
            return wrong("there is more after the line that finishes the trace".into());
        }
        let line = self.line;
        match line::read(text).map_err(|wrong| TraceError::at(line, wrong))? {
            Line::Whole { at, thread, function, inputs, outputs, took } => {
                self.trace.calls.push(TracedCall {
                    line,
                    ended: Some(line),
                    at,
                    took: Some(took),
                    thread,
                    function,
                    inputs,
                    outputs,
                })
            }
            Line::Begun { at, thread, function, inputs, number } => {
                if self.open.insert(number, self.trace.calls.len()).is_some() {
                    return wrong(format!("call {number} has begun before, and has not ended"));
                }
                let outputs = Vec::new();
                self.trace.calls.push(TracedCall {
                    line,
                    ended: None,
                    at,
                    took: None,
                    thread,
                    function,
                    inputs,
                    outputs,
                });
            }
            Line::Ended { at, thread, function, outputs, number } => {
                let call = self.open.remove(&number).and_then(|index| self.trace.calls.get_mut(index));
                let Some(call) = call else { return wrong(format!("no call {number} has begun")) };
                if (call.thread, call.function) != (thread, function) {
                    let (thread, function) = (call.thread, call.function);
                    return wrong(format!("call {number} is one of `{function}` by thread {thread}"));
                }
                call.ended = Some(line);
                call.took = Some(at.saturating_sub(call.at));
                call.outputs = outputs;
            }
            Line::Lost(calls) => self.trace.lost.push(Lost { line, calls }),
            Line::Finished => self.trace.is_finished = true,
        }
        Ok(())
    }
}
