//! Property lists, read.
//!
//! The crate `plist` reads them through `serde`, so that nothing of a file is kept but what becomes of it. Its
//! [`Value`](plist::Value) takes several times the memory, does not know lines, and drops deep ones by recursion; its stream of
//! events is not stable. `serde` recurses as well: depth is limited here.

use super::error::{self, ArchiveError, Place};
use super::intern::Interner;
use super::plist_write::{BUSY, BUSY_TIME, DEEPEST, STATE};
use super::plist_write::{CHILDREN, CLASS, ID, INHERITANCE, LOCATION, NAME, RETAINS};
use super::{Archive, ArchivedEntry, ArchivedService};
use crate::value::{Dictionary, Number, Value};
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn xml(input: impl BufRead) -> Result<Archive, ArchiveError> {
    let mut lines =
        Lines { input, line: 1, ended: false, cdata: 0, reference: None, in_tag: false, flaw: None };
    let reading = Reading::new(usize::MAX, usize::MAX);
    let (reading, result) = drive(reading, || plist::from_reader_xml::<_, File>(&mut lines));
    if let Some(flaw) = lines.flaw {
        return Err(ArchiveError::new(Place::Line(lines.line), reading.path(), flaw));
    }
    finish(reading, result, Place::Line(lines.line))
}

pub(super) fn binary(bytes: &[u8]) -> Result<Archive, ArchiveError> {
    let place = Cell::new(0);
    let input = Places { bytes: Cursor::new(bytes), place: &place };
    // An object may be in several collections, each of which takes at least a byte to name it. Only collections that are in
    // several others have more elements than the file has bytes: no registry has them, and a few can unfold without end.
    let reading = Reading::new(bytes.len(), bytes.len().saturating_mul(256));
    let (reading, result) = drive(reading, || plist::from_reader::<_, File>(input));
    finish(reading, result, Place::Byte(place.get()))
}

fn finish(
    reading: Box<Reading>,
    result: Result<File, plist::Error>,
    place: Place,
) -> Result<Archive, ArchiveError> {
    match result {
        Ok(File) if reading.archive.entries.is_empty() => {
            Err(ArchiveError::new(Place::Nowhere, None, "there is no entry in it"))
        }
        Ok(File) => Ok(reading.archive),
        Err(error) => {
            let entry = reading.path();
            let reason = reading.failure.unwrap_or_else(|| in_words(&error));
            Err(ArchiveError::new(place, entry, reason))
        }
    }
}

/// What the crate `plist` finds wrong, of which it prints the name of a variant.
fn in_words(error: &plist::Error) -> String {
    let printed = error.to_string();
    let name = printed.split([' ', '(', '{']).next().unwrap_or_default();
    let words = match name {
        "UnexpectedEof" | "UnexpectedEndOfEventStream" | "UnclosedXmlElement" => "the file ends too early",
        "ExpectedEndOfEventStream" => "something follows the end of the property list",
        "UnexpectedXmlCharactersExpectedElement" => "text where there has to be an element",
        "UnexpectedXmlOpeningTag" => "an element within a value",
        "UnknownXmlElement" => "an element that no property list has",
        "InvalidXmlSyntax" => "this is not XML: tags do not match, or the syntax is wrong",
        "InvalidXmlUtf8" => "this is not UTF-8, or an unknown character reference",
        "InvalidDataString" => "data that are not base64",
        "InvalidDateString" => "this is not a date",
        "InvalidIntegerString" => "this is not an integer of 64 bits",
        "InvalidRealString" => "this is not a number",
        "UnexpectedEventType" if printed.contains("found: EndCollection") => "a key without a value",
        "UnexpectedEventType" => "a key was expected",
        "Io" => "the file ends too early, or cannot be read",
        "InvalidMagic" => "this is not a binary property list of version 00",
        "InvalidTrailerObjectOffsetSize" | "InvalidTrailerObjectReferenceSize" => "the trailer is damaged",
        "ObjectReferenceTooLarge" => "a reference to an object that is not there",
        "ObjectOffsetTooLarge" | "ObjectTooLarge" => "an object that reaches beyond the end",
        "RecursiveObject" => "a collection that contains itself",
        "InvalidUtf8String" | "InvalidUtf16String" => "a string that is not Unicode",
        "IntegerOutOfRange" => "an integer of more than 64 bits",
        _ => return format!("not a property list: {printed}"),
    };
    words.into()
}

// ---- where ----

/// Gives out one line a time, so that whoever reads on is at the line that was given last.
struct Lines<R> {
    input: R,
    line: u64,
    /// Whether the line that was given last is whole.
    ended: bool,
    /// How much of [`CDATA`] has come last: the rest of it may be in what is given next.
    cdata: usize,
    /// What has come of a reference to a character since its `&`.
    reference: Option<Vec<u8>>,
    in_tag: bool,
    flaw: Option<&'static str>,
}

impl<R> Lines<R> {
    /// What the crate would skip, if that is so from this byte on.
    fn skipped(&mut self, byte: u8) -> Option<&'static str> {
        self.cdata = if byte == CDATA[self.cdata] { self.cdata + 1 } else { usize::from(byte == CDATA[0]) };
        if self.cdata == CDATA.len() {
            self.cdata = 0;
            return Some("a CDATA section, which no property list of `ioreg` has");
        }
        self.in_tag = byte == b'<' || (self.in_tag && byte != b'>');
        if let Some(name) = &mut self.reference {
            match byte {
                b';' => {
                    let known = name.starts_with(b"#") || REFERENCES.contains(&&**name);
                    self.reference = None;
                    return (!known).then_some(UNKNOWN_REFERENCE);
                }
                // Longer than any.
                _ if name.len() == 16 => return Some(UNKNOWN_REFERENCE),
                _ => name.push(byte),
            }
        } else if byte == b'&' && !self.in_tag {
            self.reference = Some(Vec::new());
        }
        None
    }
}

const CDATA: &[u8] = b"<![CDATA[";
const REFERENCES: [&[u8]; 5] = [b"amp", b"lt", b"gt", b"quot", b"apos"];
const UNKNOWN_REFERENCE: &str = "a reference to a character (`&`) that XML does not know";

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.input.fill_buf()?;
        let most = available.len().min(buffer.len());
        let end = available[..most].iter().position(|&byte| byte == b'\n');
        let given = end.map_or(most, |end| end + 1);
        buffer[..given].copy_from_slice(&available[..given]);
        self.input.consume(given);
        self.line += u64::from(std::mem::replace(&mut self.ended, end.is_some()) && given > 0);
        for &byte in &buffer[..given] {
            self.flaw = self.skipped(byte);
            if self.flaw.is_some() {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(given)
    }
}

/// Keeps where the last object is that was looked for.
struct Places<'a> {
    bytes: Cursor<&'a [u8]>,
    place: &'a Cell<u64>,
}

impl Read for Places<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

impl Seek for Places<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = self.bytes.seek(to)?;
        self.place.set(place);
        Ok(place)
    }
}

// ---- what ----

struct Reading {
    archive: Archive,
    /// The entries that are not complete yet, each within the one before.
    open: Vec<usize>,
    interner: Interner,
    /// How many elements and how many bytes of strings and data may follow.
    elements: usize,
    bytes: usize,
    failure: Option<String>,
}

impl Reading {
    fn new(elements: usize, bytes: usize) -> Box<Self> {
        let (archive, interner) = Default::default();
        Box::new(Reading { archive, open: Vec::new(), interner, elements, bytes, failure: None })
    }

    fn path(&self) -> Option<String> {
        self.open.last().map(|&entry| error::path(&self.archive, entry))
    }

    fn fail<E: de::Error>(&mut self, reason: impl Into<String>) -> E {
        self.failure = Some(reason.into());
        E::custom("")
    }

    /// Counts an element with so many bytes.
    fn count<E: de::Error>(&mut self, bytes: usize) -> Result<(), E> {
        match (self.elements.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(elements), Some(bytes)) => (self.elements, self.bytes) = (elements, bytes),
            _ => return Err(self.fail("what is in several collections unfolds to far more than the file")),
        }
        Ok(())
    }
}

impl Reading {
    /// Counts a string or a key, in which the kernel has no NUL.
    fn text<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        self.count(text.len())?;
        if text.contains('\0') {
            return Err(self.fail(format!("a NUL in the text {text:?}")));
        }
        Ok(())
    }
}

thread_local! {
    /// What [`File`] is read into: the functions of the crate `plist` make a value from nothing, and take no seed.
    static READING: RefCell<Option<Box<Reading>>> = const { RefCell::new(None) };
}

fn drive<T>(reading: Box<Reading>, read: impl FnOnce() -> T) -> (Box<Reading>, T) {
    READING.set(Some(reading));
    let result = read();
    let reading = READING.take().unwrap_or_else(|| Reading::new(0, 0));
    (reading, result)
}

/// A property list that is an archive.
struct File;

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut reading = READING.take().unwrap_or_else(|| Reading::new(0, 0));
        let result = deserializer.deserialize_any(Entries { reading: &mut reading, depth: 0 });
        READING.set(Some(reading));
        result.map(|()| File)
    }
}

macro_rules! not_an_entry {
    ($($visit:ident $type:ty),*) => {$(
        fn $visit<E: de::Error>(self, _: $type) -> Result<(), E> {
            Err(self.reading.fail("an entry was expected, which is a dictionary"))
        }
    )*};
}

/// An entry, or an array of them.
struct Entries<'a> {
    reading: &'a mut Reading,
    depth: u32,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entries")
    }

    not_an_entry! { visit_bool bool, visit_u64 u64, visit_i64 i64, visit_f64 f64, visit_str &str, visit_bytes &[u8] }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let Entries { reading, depth } = self;
        reading.count(0)?;
        while elements.next_element_seed(Entry { reading, depth })?.is_some() {}
        Ok(())
    }

    /// With `-r -t` an entry that was not asked for has not an array with one child, but the child.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Entries { reading, depth } = self;
        Entry { reading, depth }.visit_map(map)
    }
}

struct Entry<'a> {
    reading: &'a mut Reading,
    depth: u32,
}

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    not_an_entry! { visit_bool bool, visit_u64 u64, visit_i64 i64, visit_f64 f64, visit_str &str, visit_bytes &[u8] }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.reading.fail("an entry was expected, which is a dictionary"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Entry { reading, depth } = self;
        reading.count(0)?;
        if depth > DEEPEST {
            return Err(reading.fail(format!("entries nested more than {DEEPEST} deep")));
        }
        let index = reading.archive.entries.len();
        reading.archive.entries.push(ArchivedEntry { depth, ..ArchivedEntry::default() });
        reading.open.push(index);
        let mut properties = Dictionary::default();
        let mut fields: Vec<Arc<str>> = Vec::new();
        while let Some(key) = map.next_key_seed(Key { reading })? {
            if fields.contains(&key) {
                return Err(reading.fail(format!("the key {key:?} is there twice")));
            }
            if *key == *CHILDREN {
                fields.push(key);
                map.next_value_seed(Entries { reading, depth: depth + 1 })?;
                continue;
            }
            let value = map.next_value_seed(Property { reading, nesting: 0 })?;
            let entry = &mut reading.archive.entries[index];
            match set_field(entry, &key, &value, &mut reading.interner) {
                Ok(true) => fields.push(key),
                Ok(false) => {
                    if properties.insert_shared(&key, value).is_some() {
                        return Err(reading.fail(format!("the key {key:?} is there twice")));
                    }
                }
                Err(expected) => {
                    let found = value.type_name();
                    return Err(
                        reading.fail(format!("{key} cannot be this {found}; {expected} was expected"))
                    );
                }
            }
        }
        let entry = &mut reading.archive.entries[index];
        entry.properties = properties;
        let flaw = match &entry.inheritance {
            _ if entry.name.is_empty() => Some(format!("an entry without {NAME}")),
            _ if entry.class.is_empty() => Some(format!("an entry without {CLASS}")),
            Some(list) if list.first() != Some(&entry.class) => {
                Some(format!("the last of {INHERITANCE} has to be the class, {}", entry.class))
            }
            _ => None,
        };
        if let Some(flaw) = flaw {
            return Err(reading.fail(flaw));
        }
        reading.open.pop();
        Ok(())
    }
}

/// Takes what is no property. Tells whether it was such, or what it has to be.
fn set_field(
    entry: &mut ArchivedEntry,
    key: &str,
    value: &Value,
    interner: &mut Interner,
) -> Result<bool, &'static str> {
    let number = || value.as_number().and_then(Number::as_i64).ok_or("an integer");
    let small = || u32::try_from(number()?).map_err(|_| "an integer of 32 bits");
    let text = || value.as_str().filter(|text| !text.is_empty()).ok_or("a string that is not empty");
    let service = |entry: &mut ArchivedEntry| *entry.service.get_or_insert_default();
    match key {
        NAME => entry.name = interner.name(text()?),
        CLASS => entry.class = interner.name(text()?),
        LOCATION => entry.location = Some(interner.name(value.as_str().ok_or("a string")?)),
        // `ioreg` writes -1 if it could not find out.
        ID => entry.id = Some(number()?.cast_unsigned()).filter(|&id| id != u64::MAX),
        RETAINS => entry.retains = Some(small()?),
        STATE => entry.service = Some(ArchivedService { state: number()?.cast_unsigned(), ..service(entry) }),
        BUSY => entry.service = Some(ArchivedService { busy: small()?, ..service(entry) }),
        BUSY_TIME => {
            let nanoseconds = u64::try_from(number()?).map_err(|_| "an integer that is not negative")?;
            let busy_time = Duration::from_nanos(nanoseconds);
            entry.service = Some(ArchivedService { busy_time, ..service(entry) });
        }
        INHERITANCE => {
            let expected = "an array of strings";
            let classes = value.as_array().ok_or(expected)?;
            let classes: Option<Vec<&str>> = classes.iter().map(Value::as_str).collect();
            entry.inheritance = Some(interner.inheritance(classes.ok_or(expected)?.into_iter()));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

struct Key<'a> {
    reading: &'a mut Reading,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Arc<str>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! not_a_key {
    ($($visit:ident $type:ty),*) => {$(
        fn $visit<E: de::Error>(self, _: $type) -> Result<Arc<str>, E> {
            Err(self.reading.fail("a key was expected"))
        }
    )*};
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    not_a_key! { visit_bool bool, visit_u64 u64, visit_i64 i64, visit_f64 f64, visit_bytes &[u8] }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Arc<str>, E> {
        self.reading.text(text)?;
        Ok(self.reading.interner.name(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Arc<str>, A::Error> {
        Err(self.reading.fail("a key was expected"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Arc<str>, A::Error> {
        Err(self.reading.fail("a key was expected"))
    }
}

struct Property<'a> {
    reading: &'a mut Reading,
    /// How many collections it is in.
    nesting: usize,
}

impl Property<'_> {
    /// One collection more.
    fn enter<E: de::Error>(&mut self) -> Result<(), E> {
        self.reading.count(0)?;
        if self.nesting == Value::MAX_NESTING {
            let limit = Value::MAX_NESTING;
            return Err(self
                .reading
                .fail(format!("a value of more than {limit} collections, one within the other")));
        }
        self.nesting += 1;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Property<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Property<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        self.reading.count(0)?;
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        self.reading.count(0)?;
        Ok(integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        self.reading.count(0)?;
        Ok(i64::try_from(value).map_or(value.into(), integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        self.reading.count(0)?;
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.reading.text(value)?;
        Ok(self.reading.interner.string(value))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<Value, E> {
        self.reading.count(value.len())?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<Value, A::Error> {
        self.enter()?;
        let Property { reading, nesting } = self;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(Property { reading, nesting })? {
            array.push(element);
        }
        Ok(Value::array(array))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        self.enter()?;
        let Property { reading, nesting } = self;
        let mut dictionary = Dictionary::default();
        while let Some(key) = map.next_key_seed(Key { reading })? {
            let value = map.next_value_seed(Property { reading, nesting })?;
            if dictionary.insert_shared(&key, value).is_some() {
                return Err(reading.fail(format!("the key {key:?} is there twice")));
            }
        }
        Ok(dictionary.into())
    }
}

/// As a program reads a number of the kernel's: of 32 bits if it fits (PR-5).
pub(super) fn integer(value: i64) -> Value {
    i32::try_from(value).map_or(value.into(), Value::from)
}
