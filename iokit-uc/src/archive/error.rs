//! What is wrong with a file.

use super::{Archive, ArchivedEntry};
use std::{error, fmt, io};

/// Why an archive could not be read: where, and what is wrong there.
///
/// ```
/// # use iokit_uc::archive::Archive;
/// let text = "+-o Root  <class IORegistryEntry, id 0x100000100, retain 11>\n    {\n      \"Size\" = 12e\n    }\n";
/// let error = Archive::from_text(text.as_bytes()).unwrap_err();
/// assert_eq!(error.to_string(), "line 3, in /Root: the value of \"Size\": 12e is no number");
/// assert_eq!(error.line(), Some(3));
/// ```
#[derive(Debug)]
pub struct ArchiveError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    /// The path of the entry that was being read.
    entry: Option<String>,
    reason: String,
    source: Option<io::Error>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Nowhere,
    Line(u64),
    Byte(u64),
}

impl ArchiveError {
    pub(super) fn new(place: Place, entry: Option<String>, reason: impl Into<String>) -> Self {
        ArchiveError(Box::new(Inner { place, entry, reason: reason.into(), source: None }))
    }

    pub(super) fn io(error: io::Error) -> Self {
        let mut new = Self::new(Place::Nowhere, None, format!("it cannot be read: {error}"));
        new.0.source = Some(error);
        new
    }

    /// The line, counted from 1. `None` for a binary property list.
    pub fn line(&self) -> Option<u64> {
        let Place::Line(line) = self.0.place else { return None };
        Some(line)
    }

    /// Of a binary property list: where the object is that could not be read.
    pub fn byte(&self) -> Option<u64> {
        let Place::Byte(byte) = self.0.place else { return None };
        Some(byte)
    }

    /// The path of the entry that was being read.
    pub fn entry(&self) -> Option<&str> {
        self.0.entry.as_deref()
    }

    /// What is wrong.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { place, entry, reason, .. } = &*self.0;
        let in_entry = entry.iter().map(|entry| format!("in {entry}"));
        let place = match place {
            Place::Nowhere => None,
            Place::Line(line) => Some(format!("line {line}")),
            Place::Byte(byte) => Some(format!("byte {byte}")),
        };
        let place: Vec<String> = place.into_iter().chain(in_entry).collect();
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(reason)
    }
}

impl error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

/// The path of an entry of a file that is half read: of an entry whose name has not come yet the place is "?".
pub(super) fn path(archive: &Archive, entry: usize) -> String {
    let name = |entry: &ArchivedEntry| match entry.name.is_empty() {
        true => "/?".to_string(),
        false => format!("/{}", entry.name_and_location()),
    };
    let entries = archive.ancestors(entry).into_iter().chain([entry]);
    entries.map(|entry| name(&archive.entries[entry])).collect()
}
