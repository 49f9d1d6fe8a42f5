//! Bytes in hexadecimal.

use std::io::{self, Write};

/// Sixteen bytes a line, with their place and their ASCII; lines that are like the one before them are an asterisk.
pub(crate) fn dump(begin: usize, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut before: Option<&[u8]> = None;
    let mut repeated = false;
    let lines = bytes.chunks(LINE);
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.enumerate() {
        let repeats = before == Some(line) && index != last;
        match (repeats, repeated) {
            (true, false) => writeln!(out, "*")?,
            (true, true) => {}
            (false, _) => write_line(begin + index * LINE, line, out)?,
        }
        (before, repeated) = (Some(line), repeats);
    }
    Ok(())
}

const LINE: usize = 16;

fn write_line(place: usize, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let half = |half: &[u8]| half.iter().map(|byte| format!(" {byte:02x}")).collect::<String>();
    let (first, second) = line.split_at(line.len().min(LINE / 2));
    let text: String =
        line.iter().map(|&byte| if (b' '..=b'~').contains(&byte) { byte.into() } else { '.' }).collect();
    writeln!(out, "{place:08x} {:<24} {:<24}  |{text}|", half(first), half(second))
}

/// The bytes that pairs of hexadecimal digits stand for. Blanks, colons and commas between them do not count.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<char> = text.chars().filter(|letter| !matches!(letter, ' ' | ':' | ',')).collect();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(format!("`{text}` has an odd number of digits"));
    }
    let digit = |letter: char| {
        letter.to_digit(16).ok_or_else(|| format!("`{letter}` in `{text}` is no hexadecimal digit"))
    };
    pairs.map(|pair| Ok((digit(pair[0])? * 16 + digit(pair[1])?) as u8)).collect()
}
