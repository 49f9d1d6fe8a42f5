//! What a line is made of, read from its beginning to its end.

use super::error::Wrong;

/// A line, and how far it has been read.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// What is wrong here.
    pub(super) fn wrong<T>(&self, reason: impl Into<String>) -> Result<T, Wrong> {
        self.wrong_at(self.at, reason)
    }

    /// What was wrong at a place that has been read since.
    pub(super) fn wrong_at<T>(&self, place: usize, reason: impl Into<String>) -> Result<T, Wrong> {
        Err(Wrong { column: place + 1, reason: reason.into() })
    }

    /// Something else was expected here.
    pub(super) fn expected<T>(&self, what: &str) -> Result<T, Wrong> {
        self.wrong(format!("{what} was expected before {}", self.rest()))
    }

    /// The beginning of what has not been read, to show.
    fn rest(&self) -> String {
        const SHOWN: usize = 24;
        let rest = &self.text[self.at..];
        match rest.len() {
            0 => "the end of the line".into(),
            1..=SHOWN => format!("`{}`", rest.escape_ascii()),
            _ => format!("`{}...`", rest[..SHOWN].escape_ascii()),
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn is_at(&self, text: &str) -> bool {
        self.text[self.at..].starts_with(text.as_bytes())
    }

    /// Goes past `text`, if it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let is_next = self.is_at(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    pub(super) fn expect(&mut self, text: &str) -> Result<(), Wrong> {
        if self.eat(text) { Ok(()) } else { self.expected(&format!("`{text}`")) }
    }

    pub(super) fn end(&self) -> Result<(), Wrong> {
        if self.at == self.text.len() { Ok(()) } else { self.expected("the end of the line") }
    }

    /// As many of the next bytes as are so.
    fn take(&mut self, is_so: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|&byte| !byte.is_ascii() || !is_so(byte)).unwrap_or(rest.len());
        self.at += length;
        // They are ASCII.
        str::from_utf8(&rest[..length]).unwrap_or_default()
    }

    /// A name, which may be empty.
    pub(super) fn name(&mut self) -> &'a str {
        self.take(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// What a number can be made of, as far as that goes.
    pub(super) fn word(&mut self) -> &'a str {
        self.take(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    }

    /// An integer, in decimal or, after `0x`, in hexadecimal.
    pub(super) fn integer<T: TryFrom<i128>>(&mut self) -> Result<T, Wrong> {
        let place = self.at;
        let is_negative = self.eat("-");
        let (text, radix) = match self.eat("0x") {
            true => (self.take(|byte| byte.is_ascii_hexdigit()), 16),
            false => (self.take(|byte| byte.is_ascii_digit()), 10),
        };
        if text.is_empty() {
            self.at = place;
            return self.expected("an integer");
        }
        let number = i128::from_str_radix(text, radix).ok().map(|it| if is_negative { -it } else { it });
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(number) => Ok(number),
            None => self.wrong_at(place, "the number is too large or too small for what it is"),
        }
    }

    /// Seconds, and nine digits of a fraction.
    pub(super) fn time(&mut self) -> Result<std::time::Duration, Wrong> {
        let seconds = self.integer()?;
        self.expect(".")?;
        let place = self.at;
        let fraction = self.take(|byte| byte.is_ascii_digit());
        match fraction.parse() {
            Ok(nanoseconds) if fraction.len() == 9 => Ok(std::time::Duration::new(seconds, nanoseconds)),
            _ => self.wrong_at(place, "nine digits are expected after the point"),
        }
    }

    /// A string in quotes.
    pub(super) fn quoted(&mut self) -> Result<Vec<u8>, Wrong> {
        let begin = self.at;
        if !self.eat("\"") {
            return self.expected("a string");
        }
        let mut bytes = Vec::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
                return self.wrong_at(begin, "the string has no end");
            };
            bytes.extend_from_slice(&rest[..length]);
            self.at += length;
            if self.eat("\"") {
                return Ok(bytes);
            }
            let escaped = match rest.get(length + 1) {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(&byte @ (b'"' | b'\\')) => byte,
                Some(b'x') => {
                    self.at += 2;
                    bytes.push(self.hexadecimal_byte()?);
                    continue;
                }
                _ => return self.wrong("no character is escaped so"),
            };
            bytes.push(escaped);
            self.at += 2;
        }
    }

    /// A string in quotes that is text.
    pub(super) fn quoted_text(&mut self) -> Result<String, Wrong> {
        let place = self.at;
        match String::from_utf8(self.quoted()?) {
            Ok(text) => Ok(text),
            Err(_) => self.wrong_at(place, "the string is not UTF-8"),
        }
    }

    fn hexadecimal_byte(&mut self) -> Result<u8, Wrong> {
        match self.text[self.at..].first_chunk().and_then(hexadecimal) {
            Some(byte) => {
                self.at += 2;
                Ok(byte)
            }
            None => self.expected("a byte in hexadecimal"),
        }
    }

    /// Bytes in hexadecimal between `<` and `>`.
    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Wrong> {
        self.expect("<")?;
        let pairs = self.text[self.at..].as_chunks().0.iter();
        let bytes: Vec<u8> = pairs.map_while(hexadecimal).collect();
        self.at += 2 * bytes.len();
        if self.eat(">") { Ok(bytes) } else { self.expected("a byte in hexadecimal or `>`") }
    }

    /// What is between `open` and `close`, with `, ` between two.
    pub(super) fn list(
        &mut self,
        open: &str,
        close: &str,
        mut element: impl FnMut(&mut Self) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        self.expect(open)?;
        if self.eat(close) {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.eat(close) {
                return Ok(());
            }
            if !self.eat(", ") {
                return self.expected(&format!("`, ` or `{close}`"));
            }
        }
    }
}

fn hexadecimal(&[high, low]: &[u8; 2]) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    Some((digit(high)? << 4 | digit(low)?) as u8)
}
