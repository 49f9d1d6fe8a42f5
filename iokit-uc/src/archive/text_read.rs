//! Text as `ioreg` draws it, read line by line.

use super::error::{self, ArchiveError, Place};
use super::intern::Interner;
use super::text_value::{parse, shown};
use super::{Archive, ArchivedEntry, ArchivedService, Gap, Missing};
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::Duration;

pub(super) fn read(input: impl BufRead) -> Result<Archive, ArchiveError> {
    let mut reading = Reading {
        lines: Lines::new(input),
        archive: Archive::default(),
        interner: Interner::default(),
        inheritance: false,
    };
    while let Some(number) = reading.lines.advance()? {
        if !is_empty(&reading.lines.line) {
            reading.entry(number)?;
        }
    }
    let Reading { mut archive, mut interner, inheritance, .. } = reading;
    if archive.entries.is_empty() {
        let reason = "there is no entry in it; if nothing matches, `ioreg` prints nothing";
        return Err(ArchiveError::new(Place::Nowhere, None, reason));
    }
    if inheritance {
        // `-i`, where a class without a superclass stands alone.
        for entry in archive.entries.iter_mut().filter(|entry| entry.inheritance.is_none()) {
            entry.inheritance = Some(interner.inheritance([&*entry.class].into_iter()));
        }
    }
    Ok(archive)
}

struct Reading<R> {
    lines: Lines<R>,
    archive: Archive,
    interner: Interner,
    /// Whether some class is shown with its superclasses.
    inheritance: bool,
}

const ENTRY: &[u8] = b"+-o ";
const CLASS: &str = "  <class ";

impl<R: BufRead> Reading<R> {
    fn fail(&self, line: u64, reason: impl Into<String>) -> ArchiveError {
        let entry = self.archive.entries.len().checked_sub(1).map(|last| error::path(&self.archive, last));
        ArchiveError::new(Place::Line(line), entry, reason)
    }

    /// Reads the entry that begins with this line.
    fn entry(&mut self, number: u64) -> Result<(), ArchiveError> {
        let line = &*self.lines.line;
        let indent = indent(line);
        let Some(text) = line[indent..].strip_prefix(ENTRY) else {
            return Err(
                self.fail(number, format!("an entry was expected (`+-o`), not {}", shown(&line[indent..])))
            );
        };
        let Ok(text) = str::from_utf8(text) else {
            return Err(self.fail(number, "the entry's line is not UTF-8"));
        };
        let depth = indent / 2;
        let deepest = self.archive.entries.last().map_or(0, |last| last.depth as usize + 1);
        if !indent.is_multiple_of(2) || depth > deepest {
            let reason = format!("the entry is indented by {indent}; here it can be {} at most", deepest * 2);
            return Err(self.fail(number, reason));
        }
        let mut gaps = Vec::new();
        let mut gap =
            |reason| gaps.push(Gap { line: number, entry: self.archive.entries.len(), key: None, reason });
        let parsed = parse_entry(text, &mut self.interner, &mut self.inheritance, &mut gap);
        match parsed {
            Ok(entry) => self.archive.entries.push(ArchivedEntry { depth: depth as u32, ..entry }),
            Err(reason) => return Err(self.fail(number, reason)),
        }
        self.archive.gaps.append(&mut gaps);
        self.properties()
    }

    /// Reads the block of properties, if one follows.
    fn properties(&mut self) -> Result<(), ArchiveError> {
        while self.lines.peek()?.is_some_and(is_empty) {
            self.lines.advance()?;
        }
        let Some(next) = self.lines.peek()? else { return Ok(()) };
        let prefix = next[..indent(next)].to_vec();
        if next[prefix.len()..] != *b"{" {
            return Ok(());
        }
        let begun = self.lines.advance()?.unwrap_or_default();
        let mut properties = Vec::new();
        loop {
            let Some(number) = self.lines.advance()? else {
                let reason = "the file ends within the properties that begin here";
                return Err(self.fail(begun, reason));
            };
            let line = &*self.lines.line;
            match line.strip_prefix(&*prefix) {
                Some(b"}") => break,
                _ if is_empty(line) => continue,
                Some(line) if begins_property(line) => {}
                _ => {
                    let found = shown(&line[indent(line)..]);
                    return Err(self.fail(
                        number,
                        format!("a property or the end of them (`}}`) was expected, not {found}"),
                    ));
                }
            }
            let mut text = line[prefix.len()..].to_vec();
            // A string may have lines of its own, which are not indented.
            while let Some(line) = self.lines.peek()? {
                if continues(line, &prefix) {
                    text.push(b'\n');
                    text.extend_from_slice(line);
                    self.lines.advance()?;
                } else {
                    break;
                }
            }
            if let Some(property) = self.property(number, text.trim_ascii())? {
                properties.push(property);
            }
        }
        let last = self.archive.entries.len() - 1;
        for (key, value) in properties {
            if self.archive.entries[last].properties.insert_shared(&key, value).is_some() {
                return Err(self.fail(begun, format!("the key {key:?} is there twice")));
            }
        }
        Ok(())
    }

    fn property(
        &mut self,
        line: u64,
        text: &[u8],
    ) -> Result<Option<(Arc<str>, crate::value::Value)>, ArchiveError> {
        let entry = self.archive.entries.len() - 1;
        let gap = |key: Option<&str>, reason| Gap { line, entry, key: key.map(str::to_string), reason };
        let Some(key) = text.strip_prefix(b"\"") else {
            // A key that was not printed.
            self.archive.gaps.push(gap(None, Missing::NotPrinted));
            return Ok(None);
        };
        let cut_off = text.last() == Some(&b'$');
        let end = key.windows(3).position(|window| window == b"\" =");
        let Some(end) = end else {
            if cut_off {
                self.archive.gaps.push(gap(None, Missing::CutOff));
                return Ok(None);
            }
            return Err(self.fail(line, "a property without ` = `"));
        };
        let value = &key[end + 3..];
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let Ok(key) = str::from_utf8(&key[..end]) else {
            return Err(self.fail(line, "the key is not UTF-8"));
        };
        let key = self.interner.name(key);
        match parse(value, &mut self.interner) {
            Ok(parsed) => {
                if parsed.incomplete {
                    self.archive.gaps.push(gap(Some(&key), Missing::NotPrinted));
                }
                Ok(parsed.value.map(|value| (key, value)))
            }
            Err(_) if cut_off => {
                self.archive.gaps.push(gap(Some(&key), Missing::CutOff));
                Ok(None)
            }
            Err(reason) => Err(self.fail(line, format!("the value of {key:?}: {reason}"))),
        }
    }
}

/// How far the line is drawn, rather than written.
fn indent(line: &[u8]) -> usize {
    line.iter().position(|byte| !b"| ".contains(byte)).unwrap_or(line.len())
}

fn is_empty(line: &[u8]) -> bool {
    indent(line) == line.len()
}

/// Of a line within a block of properties, without what is drawn before it.
fn begins_property(line: &[u8]) -> bool {
    // A key that is not ASCII is not printed.
    line.starts_with(b"   = ") || line.starts_with(b"  \"")
}

/// Whether a value goes on in this line, rather than the next property, the end of them, or an entry being there.
fn continues(line: &[u8], prefix: &[u8]) -> bool {
    let has = |line: &[u8], text: &[u8]| line.windows(text.len()).any(|window| window == text);
    let property = |line: &[u8]| {
        begins_property(line) && (has(line, b" = ") || line.ends_with(b"\" =") || line.ends_with(b"$"))
    };
    let entry = &line[indent(line)..];
    let entry = entry.starts_with(ENTRY) && has(entry, CLASS.as_bytes());
    !entry && line.strip_prefix(prefix).is_none_or(|line| line != b"}" && !property(line))
}

/// What follows `+-o `.
fn parse_entry(
    text: &str,
    interner: &mut Interner,
    inheritance: &mut bool,
    gap: &mut impl FnMut(Missing),
) -> Result<ArchivedEntry, String> {
    let mut entry = ArchivedEntry::default();
    let cut_off = text.ends_with('$');
    let Some((name, rest)) = text.rsplit_once(CLASS) else {
        return Err(match cut_off {
            true => "the line is cut off within the entry's name; `ioreg -w0` cuts nothing".into(),
            false => "an entry without `<class`".to_string(),
        });
    };
    // A name may have an `@` itself.
    let (name, location) = match name.rsplit_once('@') {
        Some((name, location)) if !location.is_empty() && !location.contains(' ') => (name, Some(location)),
        _ => (name, None),
    };
    entry.name = interner.name(name);
    entry.location = location.map(|location| interner.name(location));
    let mut facts: Vec<&str> = match rest.strip_suffix('>') {
        Some(rest) => rest.split(", ").collect(),
        None if cut_off => {
            gap(Missing::CutOff);
            let mut facts: Vec<&str> = rest.split(", ").collect();
            facts.pop();
            facts
        }
        None => return Err("the entry's line does not end with `>`".into()),
    };
    // If it is cut off, no more is known than what every entry is.
    let class = if facts.is_empty() { "IORegistryEntry" } else { facts.remove(0) };
    match class.rsplit_once(':') {
        Some((_, class_itself)) => {
            *inheritance = true;
            entry.class = interner.name(class_itself);
            entry.inheritance = Some(interner.inheritance(class.split(':')));
        }
        None => entry.class = interner.name(class),
    }
    if class.split(':').any(str::is_empty) {
        return Err("an entry without the name of its class, or of a superclass".into());
    }
    for fact in facts {
        parse_fact(fact, &mut entry, gap)?;
    }
    Ok(entry)
}

fn parse_fact(fact: &str, entry: &mut ArchivedEntry, gap: &mut impl FnMut(Missing)) -> Result<(), String> {
    let wrong = |what: &str| format!("{what} was expected in `{fact}`");
    let mut set = |bits| entry.service.get_or_insert_default().state |= bits;
    match fact.split(' ').collect::<Vec<_>>()[..] {
        ["registered"] => set(ArchivedService::REGISTERED),
        ["matched"] => set(ArchivedService::MATCHED),
        ["inactive"] => set(ArchivedService::INACTIVE),
        ["!registered" | "!matched" | "active"] => set(0),
        ["id", id] => {
            let digits = id.strip_prefix("0x").ok_or_else(|| wrong("a number in hexadecimal"))?;
            entry.id = Some(u64::from_str_radix(digits, 16).map_err(|_| wrong("a number in hexadecimal"))?);
        }
        ["retain", count] | ["retain", "count", count] => {
            entry.retains = Some(count.parse().map_err(|_| wrong("a number"))?);
        }
        ["busy", count, ref time @ ..] => {
            let service = entry.service.get_or_insert_default();
            service.busy = count.parse().map_err(|_| wrong("a number"))?;
            match time {
                [] => {}
                [time, "ms)"] => {
                    let milliseconds = time.strip_prefix('(').and_then(|time| time.parse().ok());
                    service.busy_time = Duration::from_millis(milliseconds.ok_or_else(|| wrong("a time"))?);
                }
                _ => return Err(wrong("a time")),
            }
        }
        _ => gap(Missing::Unknown(fact.into())),
    }
    Ok(())
}

/// The lines of a file, with a look at the next one.
struct Lines<R> {
    input: R,
    /// The line at which it is.
    line: Vec<u8>,
    next: Vec<u8>,
    /// The number of the next line, if it has been read.
    has_next: bool,
    number: u64,
    /// Whether lines end with CR and LF: whether the first one does.
    crlf: bool,
}

impl<R: BufRead> Lines<R> {
    fn new(input: R) -> Self {
        Lines { input, line: Vec::new(), next: Vec::new(), has_next: false, number: 0, crlf: false }
    }

    /// Goes on to the next line, and gives its number.
    fn advance(&mut self) -> Result<Option<u64>, ArchiveError> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        std::mem::swap(&mut self.line, &mut self.next);
        self.has_next = false;
        self.number += 1;
        Ok(Some(self.number))
    }

    fn peek(&mut self) -> Result<Option<&[u8]>, ArchiveError> {
        if !self.has_next {
            self.has_next = self.read_next().map_err(ArchiveError::io)?;
            if self.next.contains(&0) {
                return Err(ArchiveError::new(
                    Place::Line(self.number + 1),
                    None,
                    "a NUL, which no text has",
                ));
            }
        }
        Ok(self.has_next.then_some(&*self.next))
    }

    fn read_next(&mut self) -> io::Result<bool> {
        self.next.clear();
        if self.input.read_until(b'\n', &mut self.next)? == 0 {
            return Ok(false);
        }
        if self.number == 0 {
            self.crlf = self.next.ends_with(b"\r\n");
            if self.next.starts_with(b"\xef\xbb\xbf") {
                self.next.drain(..3);
            }
        }
        if self.next.last() == Some(&b'\n') {
            self.next.pop();
            if self.crlf && self.next.last() == Some(&b'\r') {
                self.next.pop();
            }
        }
        if self.next.contains(&0x1b) {
            remove_bold(&mut self.next);
        }
        Ok(true)
    }
}

/// Removes what `-b` makes names bold with: `ESC [ 1 m`, `ESC ( B ESC [ m`, and SI.
fn remove_bold(line: &mut Vec<u8>) {
    let mut kept = Vec::with_capacity(line.len());
    let mut rest = &line[..];
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (0x1b, [b'[', parameters @ ..]) => {
                let end = parameters.iter().position(|byte| !b"0123456789;".contains(byte));
                &parameters[end.map_or(parameters.len(), |end| end + 1)..]
            }
            (0x1b, [b'(', _, after @ ..]) => after,
            (0x0f, after) => after,
            _ => {
                kept.push(byte);
                after
            }
        };
    }
    *line = kept;
}
