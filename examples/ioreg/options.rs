//! The command line, read as `getopt` does: `-rd1 -c IOMedia` is `-r -d 1 -c IOMedia`.

use super::cli::Failure;
use super::criteria::Criteria;

#[derive(Default)]
pub(crate) struct Options<'a> {
    pub(super) archive: bool,
    pub(super) inheritance: bool,
    pub(super) all_properties: bool,
    pub(super) begin_at_matches: bool,
    pub(super) show_way: bool,
    pub(super) hexadecimal: bool,
    pub(super) criteria: Criteria<'a>,
    pub(super) depth: Option<usize>,
    pub(super) plane: Option<&'a str>,
    pub(super) width: Option<usize>,
    pub(super) file: Option<&'a str>,
}

impl<'a> Options<'a> {
    pub(crate) fn parse(words: &[&'a str]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let Some(mut letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                if let Some(file) = options.file.replace(word) {
                    return usage(format!("`{file}` and `{word}`: one file can be shown"));
                }
                continue;
            };
            while let Some(letter) = letters.chars().next() {
                letters = &letters[letter.len_utf8()..];
                if options.switch(letter) {
                    continue;
                }
                if !"cdknpw".contains(letter) {
                    return usage(format!("unknown flag `-{letter}`"));
                }
                // What follows in the word, or else the next one.
                let rest = std::mem::take(&mut letters);
                let value = if rest.is_empty() { words.next().copied() } else { Some(rest) };
                match value {
                    Some(value) => options.set(letter, value)?,
                    None => return usage(format!("`-{letter}` wants a value")),
                }
            }
        }
        if options.begin_at_matches && !options.criteria.are_given() {
            return usage("`-r` wants `-c`, `-k` or `-n`");
        }
        Ok(options)
    }

    /// Whether there is such a letter that stands alone.
    fn switch(&mut self, letter: char) -> bool {
        let switch = match letter {
            'a' => &mut self.archive,
            'i' => &mut self.inheritance,
            'l' => &mut self.all_properties,
            'r' => &mut self.begin_at_matches,
            't' => &mut self.show_way,
            'x' => &mut self.hexadecimal,
            _ => return false,
        };
        *switch = true;
        true
    }

    fn set(&mut self, letter: char, value: &'a str) -> Result<(), Failure> {
        match letter {
            'c' => self.criteria.class = Some(value),
            'k' => self.criteria.key = Some(value),
            'n' => self.criteria.name = Some(value),
            'p' => self.plane = Some(value),
            'd' => self.depth = limit(letter, value)?,
            _ => self.width = limit(letter, value)?,
        }
        Ok(())
    }
}

/// A number, of which 0 is no limit.
fn limit(letter: char, value: &str) -> Result<Option<usize>, Failure> {
    match value.parse() {
        Ok(0) => Ok(None),
        Ok(limit) => Ok(Some(limit)),
        Err(_) => usage(format!("`-{letter}` wants a number, and `{value}` is none")),
    }
}

fn usage<T>(complaint: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Usage(complaint.into()))
}
