//! What is wrong with a header, and where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A line of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The header, as it was named to the reader.
    pub header: Arc<Path>,
    /// From 1.
    pub line: usize,
}

impl Location {
    pub(crate) fn problem(&self, message: impl fmt::Display) -> Problem {
        Problem { location: self.clone(), message: message.to_string() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.header.display(), self.line)
    }
}

/// A declaration that the table cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub location: Location,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}
