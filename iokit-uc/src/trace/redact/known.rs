//! The secrets that are known, and how they are found.

use std::collections::{HashMap, HashSet};

/// What is looked for begins with so many bytes, in small letters.
const PREFIX: usize = 3;

/// From so many bytes a secret is one wherever it is; a shorter one if it is a word by itself.
const LONG: usize = 6;

/// What is no text and not longer is a secret also when it is written in hexadecimal.
const SHORT: usize = 16;

/// Texts and bytes that are secret wherever they are.
#[derive(Default)]
pub(super) struct Known {
    /// By what they begin with, longer ones first.
    secrets: HashMap<[u8; PREFIX], Vec<Secret>>,
    numbers: HashSet<u64>,
}

struct Secret {
    bytes: Vec<u8>,
    /// Whether all of it is seen. Then its letters may be large or small.
    is_text: bool,
}

impl Secret {
    fn begins(&self, bytes: &[u8]) -> bool {
        match bytes.get(..self.bytes.len()) {
            Some(beginning) if self.is_text => beginning.eq_ignore_ascii_case(&self.bytes),
            beginning => beginning == Some(&*self.bytes),
        }
    }
}

/// The key to secrets that begin as `bytes` do.
fn prefix(bytes: &[u8]) -> Option<[u8; PREFIX]> {
    bytes.first_chunk().map(|prefix: &[u8; PREFIX]| prefix.map(|byte| byte.to_ascii_lowercase()))
}

impl Known {
    /// Adds a secret, if it is one that can be told from other things.
    pub(super) fn add(&mut self, secret: &[u8]) {
        let secret = without_end(secret);
        let Some(prefix) = prefix(secret) else { return };
        let is_one_byte = secret.iter().all(|byte| *byte == secret[0]);
        let is_short_number = secret.len() < LONG && secret.iter().all(u8::is_ascii_digit);
        let secrets = self.secrets.entry(prefix).or_default();
        if is_one_byte
            || is_short_number
            || is_common(secret)
            || secrets.iter().any(|other| other.bytes == secret)
        {
            return;
        }
        let place = secrets.partition_point(|other| other.bytes.len() >= secret.len());
        let is_text = printable(secret).is_some();
        secrets.insert(place, Secret { bytes: secret.to_vec(), is_text });
        if !is_text && (LONG..=SHORT).contains(&secret.len()) {
            let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            self.add(digits.as_bytes());
        }
    }

    /// Adds a number, if it is one that can be told from others.
    pub(super) fn add_number(&mut self, secret: u64) {
        if secret > u64::from(u32::MAX) && self.numbers.insert(secret) {
            self.add(&secret.to_ne_bytes());
            self.add(format!("{secret:x}").as_bytes());
            self.add(secret.to_string().as_bytes());
        }
    }

    pub(super) fn is_secret(&self, number: u64) -> bool {
        self.numbers.contains(&number)
    }

    /// How long the secret is that is in a text there; 0 if there is none.
    pub(super) fn in_text(&self, text: &[u8], at: usize, addresses: bool) -> usize {
        let is_word = |from: usize, to: usize| {
            let is_letter =
                |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
            !is_letter(from.checked_sub(1).and_then(|before| text.get(before))) && !is_letter(text.get(to))
        };
        let known = self.at(text, at, |secret| {
            // What is no text has no pseudonym that is one.
            secret.is_text && (secret.bytes.len() >= LONG || is_word(at, at + secret.bytes.len()))
        });
        if known > 0 || !addresses {
            return known;
        }
        let length = hardware_address(&text[at..]).max(kernel_address(&text[at..]));
        if length > 0 && is_word(at, at + length) { length } else { 0 }
    }

    pub(super) fn in_bytes(&self, bytes: &[u8], at: usize) -> usize {
        self.at(bytes, at, |secret| secret.bytes.len() >= LONG)
    }

    fn at(&self, bytes: &[u8], at: usize, counts: impl Fn(&Secret) -> bool) -> usize {
        let rest = &bytes[at..];
        let Some(secrets) = prefix(rest).and_then(|prefix| self.secrets.get(&prefix)) else { return 0 };
        let found = secrets.iter().find(|secret| secret.begins(rest) && counts(secret));
        found.map_or(0, |secret| secret.bytes.len())
    }
}

/// Without the NULs with which C ends strings.
pub(super) fn without_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match bytes[..end].iter().all(|byte| (b' '..=b'~').contains(byte)) {
        true => &bytes[..end],
        // NULs at the end of what is no text belong to it.
        false => bytes,
    }
}

/// The text that bytes are, if they are nothing else but the NULs with which C ends it.
pub(super) fn as_text(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    printable(&bytes[..end]).map(str::as_bytes)
}

/// Whether it is what many have.
pub(super) fn is_common(secret: &[u8]) -> bool {
    const COMMON: &[&[u8]] = &[
        b"root",
        b"user",
        b"admin",
        b"none",
        b"null",
        b"unknown",
        b"default",
        b"localhost",
        b"system",
        b"runner",
    ];
    COMMON.iter().any(|common| common.eq_ignore_ascii_case(secret))
}

/// How long the hardware address is that a text begins with: six bytes in hexadecimal, between them colons or hyphens.
fn hardware_address(text: &[u8]) -> usize {
    const LENGTH: usize = 17;
    let Some(text) = text.get(..LENGTH) else { return 0 };
    let is_so = text.iter().enumerate().all(|(index, byte)| match index % 3 {
        2 => matches!(byte, b':' | b'-') && *byte == text[2],
        _ => byte.is_ascii_hexdigit(),
    });
    if is_so { LENGTH } else { 0 }
}

/// How long the address in the kernel is that a text begins with.
fn kernel_address(text: &[u8]) -> usize {
    let Some(digits) = text.strip_prefix(b"0x") else { return 0 };
    let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let address =
        str::from_utf8(&digits[..length]).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
    if address.is_some_and(is_kernel_address) { length + 2 } else { 0 }
}

/// A text of which all is seen.
pub(super) fn printable(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

/// Whether it is where XNU has its memory. What is higher are small numbers below zero.
pub(super) fn is_kernel_address(word: u64) -> bool {
    (0xffff_fe00_0000_0000..0xffff_ffff_0000_0000).contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(known: &Known, text: &str) -> Vec<String> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let length = known.in_text(text.as_bytes(), at, true);
            found.extend((length > 0).then(|| text[at..at + length].to_owned()));
            at += length.max(1);
        }
        found
    }

    #[test]
    fn a_long_secret_is_found_anywhere_and_a_short_one_as_a_word() {
        let mut known = Known::default();
        for secret in ["bob", "A50285BI\0\0", "A50285BI-long", "ab", "123", "000000000", "Unknown"] {
            known.add(secret.as_bytes());
        }
        let text = "/Users/bob/kabob usbserialA50285BIx A50285BI-long ab 123 000000000 Unknown bobü";
        assert_eq!(found(&known, text), ["bob", "A50285BI", "A50285BI-long"]);
        let in_bytes = |bytes: &[u8]| (0..bytes.len()).map(|at| known.in_bytes(bytes, at)).max();
        assert_eq!((in_bytes(b"\0bob\0"), in_bytes(b"\0A50285BI\0")), (Some(0), Some(8)));
    }

    #[test]
    fn a_secret_is_found_in_large_and_small_letters_and_in_digits() {
        let mut known = Known::default();
        known.add(b"Melusines-Mac");
        known.add(&[0x00, 0x1b, 0x63, 0x84, 0x45, 0xe6]);
        known.add_number(0x11_2233_4455_6677);
        let text = "melusines-mac.local 001B638445E6 0x0011223344556677 4822678189205111";
        let expected = ["melusines-mac", "001B638445E6", "11223344556677", "4822678189205111"];
        assert_eq!(found(&known, text), expected);
        assert_eq!(known.in_bytes(&0x11_2233_4455_6677u64.to_ne_bytes(), 0), 8);
        assert_eq!(known.in_bytes(&[0x00, 0x1b, 0x43, 0x84, 0x45, 0xe6], 0), 0);
    }

    #[test]
    fn addresses_are_found_by_their_form() {
        let known = Known::default();
        let text = "en0 00:1b:63:84:45:e6, 00-1B-63-84-45-E6; 00:1b-63:84:45:e6 1:00:1b:63:84:45:e6 \
                    0xffffff8012345678 0x12345678 0xffffffffffffffff";
        let expected = ["00:1b:63:84:45:e6", "00-1B-63-84-45-E6", "00:1b:63:84:45:e6", "0xffffff8012345678"];
        assert_eq!(found(&known, text), expected);
    }
}
