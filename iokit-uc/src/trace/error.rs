//! What is wrong with a trace.

use std::{error, fmt, io};

/// Why a trace could not be read: at which line, and what is wrong there.
///
/// ```
/// # use iokit_uc::trace::Trace;
/// let text = "iokit-uc trace 1\n0.000000000 t1 IOServiceClosed(connect=@0x903) = kIOReturnSuccess(0x0) in 7ns\n";
/// let error = Trace::read(text.as_bytes()).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 16: there is no function `IOServiceClosed`");
/// assert_eq!(error.line(), Some(2));
/// ```
#[derive(Debug)]
pub struct TraceError {
    line: Option<usize>,
    reason: String,
    source: Option<io::Error>,
}

impl TraceError {
    pub(super) fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line: Some(line), reason: reason.into(), source: None }
    }

    pub(super) fn at(line: usize, Wrong { column, reason }: Wrong) -> Self {
        Self { line: Some(line), reason: format!("column {column}: {reason}"), source: None }
    }

    pub(super) fn io(error: io::Error) -> Self {
        Self { line: None, reason: format!("it cannot be read: {error}"), source: Some(error) }
    }

    /// The line, from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong, and in which column.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) if self.reason.starts_with("column") => write!(f, "line {line}, {}", self.reason),
            Some(line) => write!(f, "line {line}: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl error::Error for TraceError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// Why a line makes no sense.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The byte of the line, from 1.
    pub(super) column: usize,
    pub(super) reason: String,
}
