//! What was written is read again.

use super::{open, plain_all, read, text};
use iokit_uc::archive::{Archive, ArchivedEntry, ArchivedService, TextOptions};
use iokit_uc::{Dictionary, Value};
use std::sync::Arc;
use std::time::Duration;

/// Numbers that are the same on every run (xorshift).
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn string(&mut self, pieces: &[&str]) -> String {
        (0..self.below(5)).map(|_| self.pick(pieces)).collect()
    }

    fn number(&mut self) -> Value {
        match self.below(5) {
            0 => i32::from_ne_bytes((self.next() as u32).to_ne_bytes()).into(),
            1 => self.pick(&[0, -1, i32::MIN, i32::MAX]).into(),
            2 => self.pick(&[i64::MIN, i64::MAX, 1 << 31, -(1 << 31) - 1]).into(),
            3 => (self.next() | 1 << 40).cast_signed().into(),
            _ => self.pick(&[0.5, -0.0, 1e300, f64::INFINITY, f64::MIN_POSITIVE, 123456789.125]).into(),
        }
    }

    fn data(&mut self) -> Value {
        let strings = [&b"ab\0"[..], b"J413AP\0", b"\0", b"\xff\x00", b"abc", b"\"\0", b" \0", b"a\0\0"];
        Value::data((0..self.below(4)).flat_map(|_| self.pick(&strings).iter().copied()).collect::<Vec<u8>>())
    }

    fn value(&mut self, depth: usize, kind: &Kind) -> Value {
        match self.below(if depth == 0 { 5 } else { 8 }) {
            0 => (self.below(2) == 0).into(),
            1 => self.number(),
            2 | 3 => self.string(kind.strings).into(),
            4 => self.data(),
            5 => Value::array((0..self.below(4)).map(|_| self.value(depth - 1, kind)).collect::<Vec<_>>()),
            6 if kind.sets => {
                Value::set((0..self.below(4)).map(|_| self.value(depth - 1, kind)).collect::<Vec<_>>())
            }
            _ => self.dictionary(depth - 1, kind).into(),
        }
    }

    fn dictionary(&mut self, depth: usize, kind: &Kind) -> Dictionary {
        let entries = self.below(5);
        (0..entries)
            .map(|_| (format!("{}{}", self.string(kind.keys), self.below(99)), self.value(depth, kind)))
            .collect()
    }

    fn archive(&mut self, kind: &Kind) -> Archive {
        let mut entries: Vec<ArchivedEntry> = Vec::new();
        for _ in 0..self.below(12) + 1 {
            let deepest = entries.last().map_or(0, |last: &ArchivedEntry| last.depth as usize + 1);
            let service = ArchivedService {
                state: self.next() % 8,
                busy: self.below(1024) as u32,
                busy_time: Duration::from_millis(self.next() % 100_000),
            };
            let class: Arc<str> = self.pick(&["IOService", "AppleSMC", "com_example_Driver"]).into();
            let inheritance = [class.clone(), "IOService".into(), "IORegistryEntry".into()];
            entries.push(ArchivedEntry {
                depth: self.below(deepest + 1) as u32,
                name: format!("n{}", self.string(kind.names)).into(),
                location: [Some("1F,3".into()), None][self.below(2)].clone(),
                class,
                inheritance: kind.inheritance.then(|| inheritance.into()),
                id: [Some(self.next() >> 1), None][self.below(2)],
                retains: [Some(self.next() as u32), None][self.below(2)],
                service: [Some(service), None][self.below(2)],
                properties: self.dictionary(4, kind),
            });
        }
        Archive { entries, ..Archive::default() }
    }
}

/// What a form can represent.
struct Kind<'a> {
    names: &'a [&'a str],
    keys: &'a [&'a str],
    strings: &'a [&'a str],
    sets: bool,
    inheritance: bool,
}

const CASES: usize = if cfg!(miri) { 10 } else { 300 };

#[test]
fn a_property_list_is_read_as_it_was_written() {
    let any = ["a", "", " ", "\n", "<&>\"'", "]]>", "é", "日本", "🦀", "\t", "@", "&amp;"];
    let mut generator = Generator(0x9e37_79b9_7f4a_7c15);
    for case in 0..CASES {
        let kind = Kind { names: &any, keys: &any, strings: &any, sets: false, inheritance: case % 2 == 0 };
        let archive = generator.archive(&kind);
        let (mut xml, mut binary) = (Vec::new(), Vec::new());
        archive.write_xml(&mut xml).unwrap();
        archive.write_binary(&mut binary).unwrap();
        assert_eq!(Archive::from_plist(&binary).unwrap(), archive);
        assert_eq!(Archive::from_plist(&xml).unwrap(), archive, "{}", String::from_utf8_lossy(&xml));
    }
}

#[test]
fn a_text_is_read_as_it_was_written() {
    let names = ["a", " ", "<class>", "é", "+-o ", "日本", "{"];
    let keys = ["a", " ", "é", "=", "日本", "{"];
    let strings = ["a", " ", "\n", "é", "日本", "x\" y", "|", "=", "$", "+-o ", "a\nb", "(", "<00>"];
    let mut generator = Generator(0x2545_f491_4f6c_dd1d);
    for case in 0..CASES {
        let kind =
            Kind { names: &names, keys: &keys, strings: &strings, sets: true, inheritance: case % 2 == 0 };
        let archive = generator.archive(&kind);
        let mut written = Vec::new();
        archive.write_text(&mut written).unwrap();
        let shown = String::from_utf8_lossy(&written);
        assert_eq!(Archive::from_text(&*written).unwrap(), archive, "{shown}");
        let mut hexadecimal = Vec::new();
        let options = TextOptions { hexadecimal: true, bold: true, ..TextOptions::default() };
        archive.write_text_with(&mut hexadecimal, &options, |_| true).unwrap();
        assert_eq!(
            Archive::read(&*hexadecimal).unwrap(),
            archive,
            "{}",
            String::from_utf8_lossy(&hexadecimal)
        );
    }
}

#[test]
fn a_registry_is_drawn_as_ioreg_draws_it() {
    for name in ["intel.txt", "apple_silicon.txt", "apple_silicon.dt.txt"] {
        let file = read(name);
        let mut drawn = Vec::new();
        open(name).write_text(&mut drawn).unwrap();
        let drawn = String::from_utf8(drawn).unwrap();
        // What was not printed is left out, and of a busy time under a millisecond nothing is left. Data are drawn as text only if
        // all of their bytes are.
        let mut lines = drawn.lines().peekable();
        for line in file.lines() {
            let line = line.replace(" (0 ms)", "");
            let next = lines.next_if(|next| {
                let key = line.split_inclusive(" = ").next();
                *next == line
                    || (next.contains("=<") || next.contains("= <"))
                        && next.split_inclusive(" = ").next() == key
            });
            assert!(next.is_some() || line.ends_with("= "), "{line}\n{:?}", lines.peek());
        }
        assert_eq!(lines.next(), None);
        assert!(drawn.lines().filter(|line| !file.contains(line)).count() < 30);
    }
}

#[test]
fn a_width_cuts_as_ioreg_does() {
    let options = TextOptions { width: 80, inheritance: false, ..TextOptions::default() };
    let mut drawn = Vec::new();
    open("intel.txt").write_text_with(&mut drawn, &options, |_| true).unwrap();
    let (drawn, file) = (String::from_utf8(drawn).unwrap(), read("intel.80.txt"));
    assert!(drawn.lines().all(|line| line.len() <= 80));
    let printed: Vec<&str> = file.lines().filter(|line| !line.ends_with("= ")).collect();
    assert_eq!(drawn.lines().count(), printed.len());
    // Data that are not all ASCII are not drawn as text.
    let differ: Vec<_> = drawn.lines().zip(printed).filter(|(a, b)| a != b).collect();
    assert!(
        differ.len() < 20 && differ.iter().all(|(a, _)| a.contains("=<") || a.contains("= <")),
        "{differ:#?}"
    );
    let bold = TextOptions { bold: true, width: 12, ..TextOptions::default() };
    let mut drawn = Vec::new();
    text("+-o é  <class A>\n+-o long name of many  <class B>\n")
        .write_text_with(&mut drawn, &bold, |_| false)
        .unwrap();
    assert_eq!(String::from_utf8(drawn).unwrap(), "+-o \x1b[1mé\x1b[m  <cl$\n\n+-o long na$\n\n");
}

#[test]
fn properties_are_listed_of_those_that_are_asked_for() {
    let archive = open("intel.txt");
    let mut drawn = Vec::new();
    archive.write_text_with(&mut drawn, &TextOptions::default(), |entry| *entry.class == *"IOMedia").unwrap();
    let again = Archive::from_text(&*drawn).unwrap();
    for (entry, before) in again.entries.iter().zip(&archive.entries) {
        let expected =
            if *entry.class == *"IOMedia" { plain_all(&before.properties) } else { Dictionary::default() };
        assert_eq!(plain_all(&entry.properties), expected);
    }
    assert_eq!(again.entries.len(), archive.entries.len());
}

#[test]
fn what_ioreg_puts_beside_properties_replaces_those_of_its_names() {
    let mut archive = text("+-o a  <class A, id 0x5>\n");
    archive.entries[0].properties.insert("IOObjectClass", "B");
    let mut written = Vec::new();
    archive.write_xml(&mut written).unwrap();
    let again = Archive::from_plist(&written).unwrap();
    assert_eq!(&*again.entries[0].class, "A");
    assert!(again.entries[0].properties.is_empty());
}
