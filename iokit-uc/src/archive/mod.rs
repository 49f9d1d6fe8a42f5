//! Registries as `ioreg` writes them: property lists (`ioreg -a`) and text (`ioreg -l`), read and written.
//!
//! ```
//! use iokit_uc::archive::Archive;
//!
//! let text = r#"+-o Root  <class IORegistryEntry, id 0x100000100, retain 11>
//!   | {
//!   |   "IOKitBuildVersion" = "Darwin Kernel Version 24.0.0"
//!   | }
//!   |
//!   +-o battery@6B  <class AppleSmartBattery, id 0x100000234, registered, matched, active, busy 0 (3 ms), retain 7>
//!       {
//!         "CurrentCapacity" = 87
//!         "Manufacturer" = <"SMP">
//!       }
//! "#;
//! let archive = Archive::from_text(text.as_bytes())?;
//! let battery = &archive.entries[1];
//! assert_eq!((&*battery.class, battery.depth), ("AppleSmartBattery", 1));
//! assert_eq!(battery.properties.get("CurrentCapacity"), Some(&87.into()));
//!
//! let mut list = Vec::new();
//! archive.write_xml(&mut list)?;
//! assert_eq!(Archive::from_plist(&list)?, archive);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the formats keep
//!
//! Both show what a program in user space reads, so that of some values not everything is there:
//!
//! - A number is a signed one of 64 bits. It is read as one of 32 bits if it fits (PR-5), else of 64.
//! - The text shows numbers unsigned, so that 18446744073709551615 is read as -1. It shows no float at all, unless
//!   [`write_text`](Archive::write_text) wrote it.
//! - The text does not tell how many NULs end data that it shows as strings; one is assumed for each.
//!   [`write_text`](Archive::write_text) shows data as strings only where that is right.
//! - Property lists have no sets: `ioreg -a` makes arrays of them, and so does [`write_xml`](Archive::write_xml).
//! - A date is read as a string; no driver can publish one.
//! - The text escapes nothing. A string's end is found by what has to follow it, which no file of a real registry has yet made
//!   ambiguous; where no reading makes sense the line is told.
//! - `ioreg` does not print a string that is not ASCII, and cuts lines off at the width of the terminal (`-w0` does not). What is
//!   missing in a file for these reasons is an [`Archive::gaps`].
//! - Neither tells the plane (`ioreg -p`): [`in_plane`](Archive::in_plane) does.

mod drawing;
mod error;
mod intern;
mod plist_read;
mod plist_write;
mod text_read;
mod text_value;

pub use drawing::{Drawing, TextOptions};
pub use error::ArchiveError;

use crate::value::Dictionary;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A registry, or parts of it, as one plane shows it.
///
/// An entry with several parents is there once under each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The plane that the tree is of: "IOService" unless [told](Self::in_plane) otherwise.
    pub plane: String,
    /// The entries, each before its children. [`depth`](ArchivedEntry::depth) makes a tree of them, or several: with
    /// `ioreg -r` there is one for each entry that was asked for.
    pub entries: Vec<ArchivedEntry>,
    /// What the file does not tell.
    pub gaps: Vec<Gap>,
}

/// An entry of an [`Archive`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchivedEntry {
    /// 0 for the root of a tree, and for all others one more than their parent's.
    pub depth: u32,
    /// The name in the plane.
    pub name: Arc<str>,
    /// The location in the plane.
    pub location: Option<Arc<str>>,
    /// The class.
    pub class: Arc<str>,
    /// The class, its superclass, and so on; without OSObject, which is the last. Only `ioreg -i` tells.
    pub inheritance: Option<Arc<[Arc<str>]>>,
    /// The registry entry ID.
    pub id: Option<u64>,
    /// The kernel's retain count.
    pub retains: Option<u32>,
    /// The states, if it is a service.
    pub service: Option<ArchivedService>,
    /// The properties, if the file has them.
    pub properties: Dictionary,
}

/// The states of an archived service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchivedService {
    /// The state bits (NT-2), of which the text has only [`INACTIVE`](Self::INACTIVE), [`REGISTERED`](Self::REGISTERED) and
    /// [`MATCHED`](Self::MATCHED).
    pub state: u64,
    /// The busy count.
    pub busy: u32,
    /// How long it has been busy, in all. The text has milliseconds.
    pub busy_time: Duration,
}

impl ArchivedService {
    /// The service has been terminated.
    pub const INACTIVE: u64 = 1;
    /// The service has been registered.
    pub const REGISTERED: u64 = 2;
    /// Drivers have been looked for.
    pub const MATCHED: u64 = 4;
    /// It has been told to those who wait for what is registered for the first time.
    pub const FIRST_PUBLISHED: u64 = 8;
    /// It has been told to those who wait for what is matched for the first time.
    pub const FIRST_MATCHED: u64 = 0x10;

    /// Whether all of these bits are set.
    pub fn is(&self, bits: u64) -> bool {
        self.state & bits == bits
    }
}

/// Something that a file does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The line, counted from 1; 0 if it is not a file that was read.
    pub line: u64,
    /// Which entry it is about: an index into [`Archive::entries`].
    pub entry: usize,
    /// The property, if it is one and the file has its name.
    pub key: Option<String>,
    /// Why it is missing.
    pub reason: Missing,
}

/// Why something is [missing](Gap) in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The line is cut off at the width of the terminal. The property is left out, and of an entry what the line would
    /// have told after the cut; if that is the class, the entry is an "IORegistryEntry".
    CutOff,
    /// `ioreg` prints nothing for strings and keys that are not ASCII, for floats and for unknown objects. The property is left
    /// out; if it is a collection, its other elements are there.
    NotPrinted,
    /// An entry's line tells something that no known `ioreg` prints.
    Unknown(String),
    /// The properties of a live entry could not be read, for this reason.
    Unreadable(String),
}

impl Default for Archive {
    /// Nothing, of the plane IOService.
    fn default() -> Self {
        Archive { plane: "IOService".into(), entries: Vec::new(), gaps: Vec::new() }
    }
}

impl Archive {
    /// [Reads](Self::read) a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ArchiveError> {
        let file = File::open(path).map_err(ArchiveError::io)?;
        Self::read(file)
    }

    /// Reads whatever it is: an XML or binary property list, or text.
    pub fn read(input: impl Read) -> Result<Self, ArchiveError> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let start = input.fill_buf().map_err(ArchiveError::io)?;
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        if start.starts_with(b"bplist") {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).map_err(ArchiveError::io)?;
            plist_read::binary(&bytes)
        } else if text.starts_with(b"<") {
            plist_read::xml(input)
        } else {
            text_read::read(input)
        }
    }

    /// Reads a property list, XML or binary, as `ioreg -a` writes it: an entry, or an array of them.
    pub fn from_plist(bytes: &[u8]) -> Result<Self, ArchiveError> {
        if bytes.starts_with(b"bplist") { plist_read::binary(bytes) } else { plist_read::xml(bytes) }
    }

    /// Reads text as `ioreg` writes it, with any options but `-f`.
    pub fn from_text(input: impl BufRead) -> Result<Self, ArchiveError> {
        text_read::read(input)
    }

    /// The same of another plane, for what was written with `ioreg -p`.
    #[must_use]
    pub fn in_plane(self, plane: impl Into<String>) -> Self {
        Archive { plane: plane.into(), ..self }
    }

    /// Writes an XML property list.
    ///
    /// A tree that is deeper than 256 entries, and a value that is [deeper than the kernel takes](crate::Value::MAX_NESTING),
    /// are refused: no property list of such depth would be read again.
    pub fn write_xml(&self, output: impl Write) -> io::Result<()> {
        plist_write::xml(self, output)
    }

    /// Writes a binary property list; refuses what [`write_xml`](Self::write_xml) refuses.
    pub fn write_binary(&self, output: impl Write) -> io::Result<()> {
        plist_write::binary(self, output)
    }

    /// Writes text like `ioreg -l -w0`, and with the inheritance of classes if it is known.
    pub fn write_text(&self, output: impl Write) -> io::Result<()> {
        self.write_text_with(output, &TextOptions::default(), |_| true)
    }

    /// Writes text, with the properties of those entries that are to be `listed`.
    pub fn write_text_with(
        &self,
        output: impl Write,
        options: &TextOptions,
        mut listed: impl FnMut(&ArchivedEntry) -> bool,
    ) -> io::Result<()> {
        self.check().map_err(|flaw| io::Error::new(io::ErrorKind::InvalidInput, flaw))?;
        let mut drawing = Drawing::new(output, options.clone());
        let siblings = self.with_more_siblings();
        let trees = self.entries.iter().filter(|entry| entry.depth == 0).count();
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 && entry.depth == 0 {
                drawing.end_tree()?;
            }
            // Trees of their own are no siblings.
            let more = siblings[index] && entry.depth > 0;
            drawing.entry(entry, more, self.has_children(index), listed(entry))?;
        }
        if trees > 1 {
            drawing.end_tree()?;
        }
        drawing.flush()
    }

    /// The entry and all below it.
    ///
    /// # Panics
    ///
    /// If there is no such entry.
    pub fn subtree(&self, entry: usize) -> Range<usize> {
        let below = self.entries[entry + 1..].iter();
        entry..entry + 1 + below.take_while(|other| other.depth > self.entries[entry].depth).count()
    }

    /// Whether the entry has children; an entry that is not there has none.
    pub fn has_children(&self, entry: usize) -> bool {
        let from_it = self.entries.get(entry..).unwrap_or_default();
        matches!(from_it, [entry, next, ..] if next.depth > entry.depth)
    }

    /// The indices of the entries above one, its parent last.
    ///
    /// # Panics
    ///
    /// If there is no such entry.
    pub fn ancestors(&self, entry: usize) -> Vec<usize> {
        let mut depth = self.entries[entry].depth;
        let mut found = Vec::new();
        for index in (0..entry).rev() {
            if depth == 0 {
                break;
            }
            if self.entries[index].depth < depth {
                depth = self.entries[index].depth;
                found.push(index);
            }
        }
        found.reverse();
        found
    }

    /// Of each entry, whether another child of its parent follows it.
    fn with_more_siblings(&self) -> Vec<bool> {
        // At each depth, whether there is an entry further down, under the same parent.
        let mut seen: Vec<bool> = Vec::new();
        let mut more = vec![false; self.entries.len()];
        for (index, entry) in self.entries.iter().enumerate().rev() {
            let depth = entry.depth as usize;
            seen.resize(depth + 1, false);
            more[index] = std::mem::replace(&mut seen[depth], true);
        }
        more
    }

    /// What is wrong with the depths, if anything is.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut limit = 0;
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.depth > limit {
                let ArchivedEntry { depth, name, .. } = entry;
                return Err(format!(
                    "entry {index}, {name}, is at depth {depth}, where {limit} is the deepest possible"
                ));
            }
            limit = entry.depth + 1;
        }
        Ok(())
    }
}

impl ArchivedEntry {
    /// The name, with the location if there is one: `IOUSBHostDevice@14100000`.
    pub fn name_and_location(&self) -> String {
        match &self.location {
            Some(location) => format!("{}@{location}", self.name),
            None => self.name.to_string(),
        }
    }

    /// Whether the class is `class` or a subclass of it, as far as the [inheritance](Self::inheritance) is known.
    pub fn conforms_to(&self, class: &str) -> bool {
        *self.class == *class
            || self.inheritance.iter().flat_map(|list| list.iter()).any(|above| **above == *class)
    }
}
