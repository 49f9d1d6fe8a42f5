//! Property lists, written: through `serde`, so that nothing is built before it is written.

use super::{Archive, ArchivedEntry};
use crate::value::{Number, Value};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use std::io::{self, Write};

pub(super) const NAME: &str = "IORegistryEntryName";
pub(super) const ID: &str = "IORegistryEntryID";
pub(super) const LOCATION: &str = "IORegistryEntryLocation";
pub(super) const CLASS: &str = "IOObjectClass";
pub(super) const INHERITANCE: &str = "IOObjectInheritance";
pub(super) const RETAINS: &str = "IOObjectRetainCount";
pub(super) const STATE: &str = "IOServiceState";
pub(super) const BUSY: &str = "IOServiceBusyState";
pub(super) const BUSY_TIME: &str = "IOServiceBusyTime";
pub(super) const CHILDREN: &str = "IORegistryEntryChildren";

const RESERVED: [&str; 10] =
    [NAME, ID, LOCATION, CLASS, INHERITANCE, RETAINS, STATE, BUSY, BUSY_TIME, CHILDREN];

/// The deepest entry. `ioreg` itself goes to 63.
pub(super) const DEEPEST: u32 = 255;

pub(super) fn xml(archive: &Archive, output: impl Write) -> io::Result<()> {
    let trees = Trees::of(archive)?;
    plist::to_writer_xml(output, &trees).map_err(into_io)
}

pub(super) fn binary(archive: &Archive, output: impl Write) -> io::Result<()> {
    let trees = Trees::of(archive)?;
    plist::to_writer_binary(output, &trees).map_err(into_io)
}

fn into_io(error: plist::Error) -> io::Error {
    error.into_io().unwrap_or_else(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

/// The trees of an archive: one as it is, several in an array.
struct Trees<'a> {
    archive: &'a Archive,
    /// Of each entry, the index of the first one that is not below it.
    ends: Vec<usize>,
}

impl<'a> Trees<'a> {
    fn of(archive: &'a Archive) -> io::Result<Self> {
        let refuse = |flaw: String| io::Error::new(io::ErrorKind::InvalidInput, flaw);
        archive.check().map_err(refuse)?;
        let entries = &archive.entries;
        for (index, entry) in entries.iter().enumerate() {
            let ArchivedEntry { name, depth, .. } = entry;
            if *depth > DEEPEST {
                return Err(refuse(format!(
                    "entry {index}, {name}, is at depth {depth}, more than {DEEPEST}"
                )));
            }
            for (key, value) in entry.properties.iter() {
                if is_deeper_than(value, Value::MAX_NESTING) {
                    let limit = Value::MAX_NESTING;
                    return Err(refuse(format!(
                        "the property {key:?} of entry {index}, {name}, has more than {limit} collections, one within the other"
                    )));
                }
            }
        }
        let mut ends = vec![entries.len(); entries.len()];
        let mut open: Vec<usize> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            for closed in open.drain((entry.depth as usize).min(open.len())..) {
                ends[closed] = index;
            }
            open.push(index);
        }
        Ok(Trees { archive, ends })
    }
}

/// Whether a value has more than so many collections, one within the other.
fn is_deeper_than(value: &Value, limit: usize) -> bool {
    let mut pending = vec![(value, 1)];
    while let Some((value, nesting)) = pending.pop() {
        let elements = value.as_array().or(value.as_set());
        if elements.is_none() && value.as_dictionary().is_none() {
            continue;
        }
        if nesting > limit {
            return true;
        }
        pending.extend(elements.into_iter().flatten().map(|element| (element, nesting + 1)));
        let entries = value.as_dictionary().into_iter().flat_map(|dictionary| dictionary.iter());
        pending.extend(entries.map(|(_, value)| (value, nesting + 1)));
    }
    false
}

impl Serialize for Trees<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = Siblings { trees: self, first: 0, end: self.ends.len() };
        match self.ends.first() {
            Some(&end) if end == self.ends.len() => Tree { trees: self, entry: 0 }.serialize(serializer),
            _ => all.serialize(serializer),
        }
    }
}

struct Siblings<'a> {
    trees: &'a Trees<'a>,
    first: usize,
    /// The first entry that is neither of them, nor below one.
    end: usize,
}

impl Serialize for Siblings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        let mut next = self.first;
        while next < self.end {
            array.serialize_element(&Tree { trees: self.trees, entry: next })?;
            next = self.trees.ends[next];
        }
        array.end()
    }
}

struct Tree<'a> {
    trees: &'a Trees<'a>,
    entry: usize,
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Tree { trees, entry: index } = *self;
        let entry = &trees.archive.entries[index];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(NAME, &*entry.name)?;
        if let Some(location) = &entry.location {
            map.serialize_entry(LOCATION, &**location)?;
        }
        if let Some(id) = entry.id {
            map.serialize_entry(ID, &id.cast_signed())?;
        }
        map.serialize_entry(CLASS, &*entry.class)?;
        if let Some(inheritance) = &entry.inheritance {
            map.serialize_entry(INHERITANCE, &Inheritance(inheritance))?;
        }
        if let Some(retains) = entry.retains {
            map.serialize_entry(RETAINS, &retains)?;
        }
        if let Some(service) = entry.service {
            let time = u64::try_from(service.busy_time.as_nanos());
            map.serialize_entry(STATE, &service.state.cast_signed())?;
            map.serialize_entry(BUSY, &service.busy)?;
            map.serialize_entry(BUSY_TIME, &time.map_err(|_| S::Error::custom("a busy time of centuries"))?)?;
        }
        // As in `ioreg`, what is no property replaces properties of that name.
        for (key, value) in entry.properties.iter().filter(|(key, _)| !RESERVED.contains(key)) {
            map.serialize_entry(key, &Property(value))?;
        }
        if trees.archive.has_children(index) {
            map.serialize_entry(CHILDREN, &Siblings { trees, first: index + 1, end: trees.ends[index] })?;
        }
        map.end()
    }
}

struct Inheritance<'a>(&'a [std::sync::Arc<str>]);

impl Serialize for Inheritance<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().rev().map(|class| &**class))
    }
}

struct Property<'a>(&'a Value);

impl Serialize for Property<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.0;
        if let Some(boolean) = value.as_bool() {
            serializer.serialize_bool(boolean)
        } else if let Some(text) = value.as_str() {
            serializer.serialize_str(text)
        } else if let Some(bytes) = value.as_data() {
            serializer.serialize_bytes(bytes)
        } else if let Some(number) = value.as_number() {
            match (number.as_f64(), signed(number)) {
                (None, Some(integer)) => serializer.serialize_i64(integer),
                (float, _) => serializer.serialize_f64(float.unwrap_or_default()),
            }
        } else if let Some(elements) = value.as_array().or(value.as_set()) {
            serializer.collect_seq(elements.iter().map(Property))
        } else {
            let entries = value.as_dictionary().into_iter().flat_map(|dictionary| dictionary.iter());
            serializer.collect_map(entries.map(|(key, value)| (key, Property(value))))
        }
    }
}

/// An integer as a program reads it: one of 8 or 16 bits as an unsigned one (PR-5).
pub(super) fn signed(number: Number) -> Option<i64> {
    match number.bits() {
        8 | 16 => number.as_u64()?.try_into().ok(),
        _ => number.as_i64(),
    }
}
