//! Text as `ioreg` draws it.

use super::plist_write::signed;
use super::{ArchivedEntry, ArchivedService};
use crate::value::{Dictionary, Value};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

/// How [`Drawing`] shows entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// `-i`: the inheritance of classes, where it is known.
    pub inheritance: bool,
    /// `-x`: numbers and data in hexadecimal.
    pub hexadecimal: bool,
    /// `-b`: names in bold.
    pub bold: bool,
    /// `-w`: the width to which lines are cut; 0 for none, so that strings of several lines stay whole.
    pub width: usize,
}

impl Default for TextOptions {
    /// Everything, in decimal.
    fn default() -> Self {
        TextOptions { inheritance: true, hexadecimal: false, bold: false, width: 0 }
    }
}

/// Draws a tree entry by entry, as `ioreg` does.
///
/// ```
/// # use iokit_uc::archive::{ArchivedEntry, Drawing, TextOptions};
/// let entry = |depth, name: &str| ArchivedEntry {
///     depth,
///     name: name.into(),
///     class: "IORegistryEntry".into(),
///     ..ArchivedEntry::default()
/// };
/// let mut text = Vec::new();
/// let mut drawing = Drawing::new(&mut text, TextOptions::default());
/// drawing.entry(&entry(0, "Root"), false, true, false)?;
/// drawing.entry(&entry(1, "a"), true, false, true)?;
/// drawing.entry(&entry(1, "b"), false, false, false)?;
/// drawing.flush()?;
/// drop(drawing);
/// let expected = [
///     "+-o Root  <class IORegistryEntry>",
///     "  +-o a  <class IORegistryEntry>",
///     "  |   {",
///     "  |   }",
///     "  |   ",
///     "  +-o b  <class IORegistryEntry>",
/// ];
/// assert!(String::from_utf8(text)?.lines().eq(expected));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Drawing<W: Write> {
    output: io::BufWriter<W>,
    options: TextOptions,
    /// Of each depth, whether a line goes down there: to more siblings, or to children.
    bars: Vec<bool>,
    line: String,
}

impl<W: Write> Drawing<W> {
    /// Draws to `output`, which is buffered here.
    pub fn new(output: W, options: TextOptions) -> Self {
        let output = io::BufWriter::with_capacity(1 << 16, output);
        Drawing { output, options, bars: Vec::new(), line: String::new() }
    }

    /// The line of an entry, and its properties if they are to be `listed`. The entries come each before its children, and know
    /// whether more children of their parent follow them and whether there are `children` of their own.
    pub fn entry(
        &mut self,
        entry: &ArchivedEntry,
        more_siblings: bool,
        children: bool,
        listed: bool,
    ) -> io::Result<()> {
        let depth = entry.depth as usize;
        self.bars.resize(depth + 2, false);
        (self.bars[depth], self.bars[depth + 1]) = (more_siblings, children);
        self.indent(depth);
        self.line.push_str("+-o ");
        let start = self.line.len();
        self.line.push_str(&entry.name);
        let bold = start..self.line.len();
        let inheritance = self.options.inheritance;
        entry_line(&mut self.line, entry, inheritance);
        self.end_line(Some(bold))?;
        if listed {
            self.properties(depth, &entry.properties)?;
        }
        Ok(())
    }

    /// The empty line between trees.
    pub fn end_tree(&mut self) -> io::Result<()> {
        self.end_line(None)
    }

    /// Hands everything to the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn properties(&mut self, depth: usize, properties: &Dictionary) -> io::Result<()> {
        self.indent(depth + 2);
        self.line.push('{');
        self.end_line(None)?;
        for (key, value) in properties.iter() {
            self.indent(depth + 2);
            self.line.push_str("  \"");
            self.line.push_str(key);
            self.line.push_str("\" = ");
            push_value(&mut self.line, value, self.options.hexadecimal);
            self.end_line(None)?;
        }
        self.indent(depth + 2);
        self.line.push('}');
        self.end_line(None)?;
        self.indent(depth + 2);
        self.end_line(None)
    }

    fn indent(&mut self, width: usize) {
        for &bar in &self.bars[..width] {
            self.line.push_str(if bar { "| " } else { "  " });
        }
    }

    fn end_line(&mut self, bold: Option<Range<usize>>) -> io::Result<()> {
        let mut cut = self.line.len();
        if let Some(most) = self.options.width.checked_sub(1) {
            if cut > most {
                cut = most;
                while !self.line.is_char_boundary(cut) {
                    cut -= 1;
                }
            }
            self.line = std::mem::take(&mut self.line).replace('\n', " ");
        }
        match bold.filter(|bold| self.options.bold && bold.end <= cut) {
            Some(Range { start, end }) => {
                let (before, name, after) =
                    (&self.line[..start], &self.line[start..end], &self.line[end..cut]);
                write!(self.output, "{before}\x1b[1m{name}\x1b[m{after}")?;
            }
            None => self.output.write_all(&self.line.as_bytes()[..cut])?,
        }
        self.output.write_all(if cut < self.line.len() { b"$\n" } else { b"\n" })?;
        self.line.clear();
        Ok(())
    }
}

/// What comes after the name.
fn entry_line(line: &mut String, entry: &ArchivedEntry, inheritance: bool) {
    if let Some(location) = &entry.location {
        push(line, format_args!("@{location}"));
    }
    line.push_str("  <class ");
    match &entry.inheritance {
        Some(list) if inheritance => {
            let classes: Vec<&str> = list.iter().rev().map(|class| &**class).collect();
            line.push_str(&classes.join(":"));
        }
        _ => line.push_str(&entry.class),
    }
    if let Some(id) = entry.id {
        push(line, format_args!(", id {id:#x}"));
    }
    if let Some(service) = entry.service {
        let not = |bit| if service.is(bit) { "" } else { "!" };
        let (registered, matched) = (not(ArchivedService::REGISTERED), not(ArchivedService::MATCHED));
        let inactive = if service.is(ArchivedService::INACTIVE) { "in" } else { "" };
        let busy = service.busy;
        push(line, format_args!(", {registered}registered, {matched}matched, {inactive}active, busy {busy}"));
        if !service.busy_time.is_zero() {
            push(line, format_args!(" ({} ms)", service.busy_time.as_millis()));
        }
    }
    if let Some(retains) = entry.retains {
        push(line, format_args!(", retain {retains}"));
    }
    line.push('>');
}

/// Writing to a string does not fail.
fn push(line: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = line.write_fmt(text);
}

/// A value as `ioreg` shows it, and floats, which it does not show.
pub(super) fn push_value(line: &mut String, value: &Value, hexadecimal: bool) {
    enum Step<'a> {
        Value(&'a Value),
        Key(&'a str),
        Text(&'static str),
    }
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        let value = match step {
            Step::Value(value) => value,
            Step::Key(key) => {
                push(line, format_args!("\"{key}\"="));
                continue;
            }
            Step::Text(text) => {
                line.push_str(text);
                continue;
            }
        };
        let elements = value.as_array().map(|array| (array, "(", ")"));
        let elements = elements.or_else(|| value.as_set().map(|set| (set, "[", "]")));
        if let Some((elements, open, close)) = elements {
            line.push_str(open);
            steps.push(Step::Text(close));
            for (index, element) in elements.iter().enumerate().rev() {
                steps.push(Step::Value(element));
                steps.extend((index > 0).then_some(Step::Text(",")));
            }
        } else if let Some(dictionary) = value.as_dictionary() {
            line.push('{');
            steps.push(Step::Text("}"));
            for (index, (key, value)) in dictionary.iter().enumerate().rev() {
                steps.extend([Step::Value(value), Step::Key(key)]);
                steps.extend((index > 0).then_some(Step::Text(",")));
            }
        } else if let Some(boolean) = value.as_bool() {
            line.push_str(if boolean { "Yes" } else { "No" });
        } else if let Some(text) = value.as_str() {
            push(line, format_args!("\"{text}\""));
        } else if let Some(number) = value.as_number() {
            match (number.as_f64(), signed(number).map(i64::cast_unsigned)) {
                (None, Some(integer)) if hexadecimal => push(line, format_args!("{integer:#x}")),
                (None, Some(integer)) => push(line, format_args!("{integer}")),
                (float, _) => push(line, format_args!("{:?}", float.unwrap_or_default())),
            }
        } else {
            push_data(line, value.as_data().unwrap_or_default(), hexadecimal);
        }
    }
}

/// Data: as strings if each of them is ended by one NUL.
fn push_data(line: &mut String, bytes: &[u8], hexadecimal: bool) {
    line.push('<');
    match bytes.split_last() {
        Some((0, strings)) if !hexadecimal && strings.split(|&byte| byte == 0).all(is_shown_as_text) => {
            for (index, string) in strings.split(|&byte| byte == 0).enumerate() {
                line.push_str(if index > 0 { ",\"" } else { "\"" });
                line.extend(string.iter().map(|&byte| char::from(byte)));
                line.push('"');
            }
        }
        _ => bytes.iter().for_each(|byte| push(line, format_args!("{byte:02x}"))),
    }
    line.push('>');
}

fn is_shown_as_text(string: &[u8]) -> bool {
    !string.is_empty() && string.iter().all(|&byte| (byte.is_ascii_graphic() && byte != b'"') || byte == b' ')
}
