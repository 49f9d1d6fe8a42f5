//! How text and bytes are written, wherever they are.

use std::fmt::Write;

/// Writes what cannot fail to be written.
pub(super) fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = text.write_fmt(arguments);
}

/// In quotes. What is no text, or is not seen, is escaped byte by byte.
pub(super) fn write_text(text: &mut String, bytes: &[u8]) {
    text.push('"');
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        loop {
            // What most of it is made of, all at once.
            let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
            let plain = rest.bytes().position(|byte| !is_plain(&byte)).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            let mut after = rest[plain..].chars();
            match after.next() {
                Some('\n') => text.push_str("\\n"),
                Some('\r') => text.push_str("\\r"),
                Some('\t') => text.push_str("\\t"),
                Some(it @ ('"' | '\\')) => text.extend(['\\', it]),
                Some(it) if is_unseen(it) => write_escaped(text, it.encode_utf8(&mut [0; 4]).as_bytes()),
                Some(it) => text.push(it),
                None => break,
            }
            rest = after.as_str();
        }
        write_escaped(text, chunk.invalid());
    }
    text.push('"');
}

/// Controls, and what makes text run another way, joins it, or is nothing.
fn is_unseen(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn write_escaped(text: &mut String, bytes: &[u8]) {
    bytes.iter().for_each(|byte| put(text, format_args!("\\x{byte:02x}")));
}

pub(super) fn write_bytes(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.reserve(2 * bytes.len() + 2);
    text.push('<');
    let mut digits = [0; 128];
    for chunk in bytes.chunks(digits.len() / 2) {
        for (pair, byte) in digits.chunks_exact_mut(2).zip(chunk) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        // They are ASCII.
        text.push_str(str::from_utf8(&digits[..2 * chunk.len()]).unwrap_or_default());
    }
    text.push('>');
}
