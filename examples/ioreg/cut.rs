//! Lines of a limited width.

use std::io::{self, Write};
use unicode_width::UnicodeWidthChar;

/// Cuts lines, and says so by a `$` in the last column.
pub(super) struct Cut<'a> {
    out: &'a mut dyn Write,
    width: Option<usize>,
    line: Vec<u8>,
}

impl<'a> Cut<'a> {
    /// To so many columns, of which a letter may take two or none.
    pub(super) fn new(out: &'a mut dyn Write, width: Option<usize>) -> Self {
        Self { out, width, line: Vec::new() }
    }

    fn write_line(&mut self, width: usize) -> io::Result<()> {
        let line = String::from_utf8_lossy(&self.line);
        let text = line.trim_end_matches('\n');
        let columns = |letter: char| letter.width().unwrap_or(0);
        if text.chars().map(columns).sum::<usize>() > width {
            let mut room = width - 1;
            let fits = |&letter: &char| match room.checked_sub(columns(letter)) {
                Some(left) => {
                    room = left;
                    true
                }
                None => false,
            };
            let cut: String = text.chars().take_while(fits).collect();
            writeln!(self.out, "{cut}$")?;
        } else {
            self.out.write_all(line.as_bytes())?;
        }
        self.line.clear();
        Ok(())
    }
}

impl Write for Cut<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else { return self.out.write(bytes) };
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend(part);
            if part.ends_with(b"\n") {
                self.write_line(width)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(width) = self.width
            && !self.line.is_empty()
        {
            self.write_line(width)?;
        }
        self.out.flush()
    }
}
