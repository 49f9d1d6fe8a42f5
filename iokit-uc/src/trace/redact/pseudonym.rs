//! What stands for a secret.

use super::known::{is_kernel_address, printable};
use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// How often another pseudonym is tried for, if one is taken. Of one digit there are no more than ten.
const ATTEMPTS: u64 = 64;

/// Pseudonyms: one for each secret, and as far as there are so many, no one for two.
pub(super) struct Pseudonyms {
    key: RandomState,
    texts: Of<String>,
    bytes: Of<Vec<u8>>,
    numbers: Of<u64>,
}

/// Those for secrets of one type, and the ones that are taken.
struct Of<T> {
    by_secret: HashMap<T, T>,
    taken: HashSet<T>,
}

impl<T: Clone + Eq + Hash> Of<T> {
    fn new() -> Self {
        Self { by_secret: HashMap::new(), taken: HashSet::new() }
    }

    /// The pseudonym, which `make` tries to make of the number of the attempt.
    fn get<S: ?Sized + Eq + Hash + ToOwned<Owned = T>>(&mut self, secret: &S, make: impl Fn(u64) -> T) -> T
    where
        T: Borrow<S>,
    {
        if let Some(pseudonym) = self.by_secret.get(secret) {
            return pseudonym.clone();
        }
        let is_free = |other: &T| other.borrow() != secret && !self.taken.contains::<T>(other);
        let pseudonym = (0..ATTEMPTS).map(&make).find(is_free).unwrap_or_else(|| make(0));
        self.taken.insert(pseudonym.clone());
        self.by_secret.insert(secret.to_owned(), pseudonym.clone());
        pseudonym
    }
}

impl Pseudonyms {
    pub(super) fn new() -> Self {
        Self { key: RandomState::new(), texts: Of::new(), bytes: Of::new(), numbers: Of::new() }
    }

    /// For a text: one as long, of the same kinds of characters. What is neither a letter nor a digit stays.
    pub(super) fn text(&mut self, secret: &str) -> String {
        let digits = secret.strip_prefix("0x").unwrap_or(secret);
        let prefix = secret.len() - digits.len();
        // Hexadecimal stays hexadecimal.
        let is_hexadecimal = digits.chars().all(|it| it.is_ascii_hexdigit() || !it.is_alphanumeric());
        let letters = if is_hexadecimal { 6 } else { 26 };
        // In other letters it is the same in those.
        let (key, small) = (&self.key, secret.to_ascii_lowercase());
        self.texts.get(secret, |attempt| {
            let other = |(index, it): (usize, char)| {
                let random = key.hash_one((&small, attempt, index));
                let one_of = |first: char, count: u64| {
                    char::from_u32(u32::from(first) + (random % count) as u32).unwrap_or(first)
                };
                match (it, it.len_utf8()) {
                    ('0'..='9', _) => one_of('0', 10),
                    ('a'..='z', _) => one_of('a', letters),
                    ('A'..='Z', _) => one_of('A', letters),
                    (_, 1) => it,
                    (_, 2) => one_of('\u{e0}', 23),
                    (_, 3) => one_of('\u{3042}', 64),
                    (_, _) => one_of('\u{1f600}', 64),
                }
            };
            let others = digits.char_indices().map(other);
            secret[..prefix].chars().chain(others).collect()
        })
    }

    /// For bytes: for a text one of text, and any others for others. Nothing but one and the same byte is no secret.
    pub(super) fn bytes(&mut self, secret: &[u8]) -> Vec<u8> {
        if let Some(text) = printable(secret) {
            return self.text(text).into_bytes();
        }
        if secret.iter().all(|byte| *byte == secret[0]) {
            return secret.to_vec();
        }
        let key = &self.key;
        self.bytes.get(secret, |attempt| {
            (0..secret.len()).map(|index| key.hash_one((secret, attempt, index)) as u8).collect()
        })
    }

    /// For a number: one that takes as many bits.
    pub(super) fn number(&mut self, secret: u64) -> u64 {
        let top = 1 << (63 - (secret | 1).leading_zeros());
        let key = &self.key;
        self.numbers.get(&secret, |attempt| top | key.hash_one((secret, attempt)) & (top - 1))
    }

    /// For an address in the kernel: another one there, as far into 16 bytes.
    pub(super) fn address(&mut self, secret: u64) -> u64 {
        const CHANGED: u64 = 0xf_ffff_fff0;
        let key = &self.key;
        self.numbers.get(&secret, |attempt| {
            let random = key.hash_one((secret, attempt));
            let other = |changed: u64| secret & !changed | random & changed;
            Some(other(CHANGED))
                .filter(|other| is_kernel_address(*other))
                .unwrap_or(other(CHANGED >> 4 & !0xf))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_has_the_length_and_the_kinds_of_what_it_stands_for() {
        let mut pseudonyms = Pseudonyms::new();
        for secret in
            ["C02XK0AAJG5H", "de:ad:BE:EF", "0xffffff8012345678", "Zoë Müller-日本 🦀 7", "", "--", "x\n\0"]
        {
            let other = pseudonyms.text(secret);
            assert_eq!(other.len(), secret.len());
            assert_eq!(pseudonyms.text(secret), other);
            assert_eq!(other == secret, !secret.contains(char::is_alphanumeric), "{secret}");
            for (a, b) in secret.chars().zip(other.chars()) {
                assert_eq!(a.is_ascii_digit(), b.is_ascii_digit());
                assert_eq!(
                    (a.is_ascii_uppercase(), a.is_ascii_lowercase()),
                    (b.is_ascii_uppercase(), b.is_ascii_lowercase())
                );
                assert!(a.is_alphanumeric() || a.len_utf8() > 1 || a == b);
            }
        }
        assert_eq!(pseudonyms.text("C02xk0").to_lowercase(), pseudonyms.text("c02XK0").to_lowercase());
        assert!(pseudonyms.text("de:ad:BE:EF").chars().all(|it| it.is_ascii_hexdigit() || it == ':'));
        assert!(pseudonyms.text("0xffffff8012345678").starts_with("0x"));
        assert_eq!(pseudonyms.bytes(&[0; 6]), [0; 6]);
        let mac = pseudonyms.bytes(&[0, 0x1b, 0x63, 0x84, 0x45, 0xe6]);
        assert_eq!(mac.len(), 6);
        assert_ne!(mac, [0, 0x1b, 0x63, 0x84, 0x45, 0xe6]);
        assert_ne!(Pseudonyms::new().text("C02XK0AAJG5H"), pseudonyms.text("C02XK0AAJG5H"));
    }

    #[test]
    fn numbers_keep_their_size_and_addresses_stay_in_the_kernel() {
        let mut pseudonyms = Pseudonyms::new();
        for number in [256, 300, 70_000, u64::from(u32::MAX), u64::MAX] {
            let other = pseudonyms.number(number);
            assert_eq!(other.leading_zeros(), number.leading_zeros());
            assert_ne!(other, number);
            assert_eq!(pseudonyms.number(number), other);
        }
        for address in [0xffff_ff80_1234_5678, 0xffff_fe00_0000_0008, 0xffff_fffe_ffff_fff0] {
            let other = pseudonyms.address(address);
            assert!(is_kernel_address(other) && other != address && other & 15 == address & 15, "{other:#x}");
        }
    }

    #[test]
    fn two_secrets_have_two_pseudonyms_as_long_as_there_are_as_many() {
        let mut pseudonyms = Pseudonyms::new();
        let others: HashSet<String> = (100..600).map(|number| pseudonyms.text(&number.to_string())).collect();
        assert_eq!(others.len(), 500);
        // More than one digit has.
        assert!((0..10).all(|number| pseudonyms.text(&number.to_string()).len() == 1));
    }
}
