//! Encodings: text as bytes.

use crate::abi::CFStringEncoding;
use darwin_calls::misuse;
use std::char;

/// How text is written in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The system's own of old, in which every byte means something.
    MacRoman,
    /// ISO 8859-1
    Latin1,
    /// Bytes below 128.
    Ascii,
    /// UTF-8
    Utf8,
    /// UTF-16
    Utf16(Order),
    /// UTF-32
    Utf32(Order),
}

/// The order of the bytes in a unit of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// This machine's. A mark at the start may say otherwise.
    Host,
    /// The highest first.
    Big,
    /// The lowest first.
    Little,
}

const ENCODINGS: [(CFStringEncoding, Encoding); 10] = [
    (0x0000_0000, Encoding::MacRoman),
    (0x0000_0201, Encoding::Latin1),
    (0x0000_0600, Encoding::Ascii),
    (0x0800_0100, Encoding::Utf8),
    (0x0000_0100, Encoding::Utf16(Order::Host)),
    (0x1000_0100, Encoding::Utf16(Order::Big)),
    (0x1400_0100, Encoding::Utf16(Order::Little)),
    (0x0c00_0100, Encoding::Utf32(Order::Host)),
    (0x1800_0100, Encoding::Utf32(Order::Big)),
    (0x1c00_0100, Encoding::Utf32(Order::Little)),
];

const BYTE_ORDER_MARK: u16 = 0xfeff;

impl Encoding {
    /// None for one that this crate does not know.
    pub(crate) fn known(number: CFStringEncoding) -> Option<Self> {
        ENCODINGS.iter().find(|(known, _)| *known == number).map(|&(_, encoding)| encoding)
    }

    /// Ends the process for one that this crate does not know.
    pub(crate) fn of(number: CFStringEncoding) -> Self {
        Self::known(number).unwrap_or_else(|| misuse(format_args!("encoding {number:#x} has no stand-in")))
    }

    /// The most bytes that a unit of UTF-16 takes.
    pub(crate) fn most_bytes(self) -> usize {
        match self {
            Encoding::MacRoman | Encoding::Latin1 | Encoding::Ascii => 1,
            Encoding::Utf8 => 3,
            Encoding::Utf16(_) => 2,
            Encoding::Utf32(_) => 4,
        }
    }

    /// None if the bytes are not in this encoding. `external`: there may be a mark of the byte order at the start.
    pub(crate) fn decode(self, bytes: &[u8], external: bool) -> Option<Vec<u16>> {
        match self {
            Encoding::MacRoman => Some(bytes.iter().map(|&byte| mac_roman(byte) as u16).collect()),
            Encoding::Latin1 => Some(bytes.iter().map(|&byte| byte.into()).collect()),
            Encoding::Ascii => bytes.is_ascii().then(|| bytes.iter().map(|&byte| byte.into()).collect()),
            Encoding::Utf8 => {
                let text = std::str::from_utf8(bytes).ok()?;
                let text = if external { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
                Some(text.encode_utf16().collect())
            }
            Encoding::Utf16(order) => {
                let (pairs, []) = bytes.as_chunks() else { return None };
                let units = |big: bool| -> Vec<u16> {
                    pairs
                        .iter()
                        .map(|&pair| if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
                        .collect()
                };
                let mut units = units(order == Order::Big);
                if external && order == Order::Host {
                    if units.first() == Some(&BYTE_ORDER_MARK.swap_bytes()) {
                        units.iter_mut().for_each(|unit| *unit = unit.swap_bytes());
                    }
                    if units.first() == Some(&BYTE_ORDER_MARK) {
                        units.remove(0);
                    }
                }
                Some(units)
            }
            Encoding::Utf32(order) => {
                let (fours, []) = bytes.as_chunks() else { return None };
                let mark = u32::from(BYTE_ORDER_MARK).swap_bytes();
                let marked = external
                    && order == Order::Host
                    && fours.first().is_some_and(|&four| u32::from_le_bytes(four) == mark);
                let big = order == Order::Big || marked;
                let units = fours
                    .iter()
                    .map(|&four| if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) });
                let text: String = units.map(char::from_u32).collect::<Option<_>>()?;
                let text = if external { text.strip_prefix('\u{feff}').unwrap_or(&text) } else { &text };
                Some(text.encode_utf16().collect())
            }
        }
    }

    /// As many of the units as can be written in `room` bytes, and how many these are. What the encoding lacks becomes
    /// `loss`; if that is 0, it is where the text ends. `external`: a mark of the byte order comes first.
    pub(crate) fn encode(self, units: &[u16], external: bool, loss: u8, room: usize) -> (usize, Vec<u8>) {
        let mut bytes = Vec::new();
        if external && let Encoding::Utf16(Order::Host) | Encoding::Utf32(Order::Host) = self {
            self.push(&mut bytes, &[BYTE_ORDER_MARK]);
        }
        let mut done = 0;
        for character in char::decode_utf16(units.iter().copied()) {
            let length = character.as_ref().map_or(1, |character| character.len_utf16());
            let end = bytes.len();
            if !self.push(&mut bytes, &units[done..done + length]) {
                if loss == 0 {
                    break;
                }
                self.push(&mut bytes, &[loss.into()]);
            }
            if bytes.len() > room {
                bytes.truncate(end);
                break;
            }
            done += length;
        }
        (done, bytes)
    }

    /// The bytes of one character; false if the encoding lacks it.
    fn push(self, bytes: &mut Vec<u8>, units: &[u16]) -> bool {
        if let Encoding::Utf16(order) = self {
            let unit = |unit: &u16| if order == Order::Big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            bytes.extend(units.iter().flat_map(unit));
            return true;
        }
        let Some(Ok(character)) = char::decode_utf16(units.iter().copied()).next() else { return false };
        let code = u32::from(character);
        let byte = match self {
            Encoding::Ascii => u8::try_from(code).ok().filter(u8::is_ascii),
            Encoding::Latin1 => u8::try_from(code).ok(),
            Encoding::MacRoman => (0..=u8::MAX).find(|&byte| mac_roman(byte) == character),
            Encoding::Utf8 => {
                bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
                return true;
            }
            Encoding::Utf32(order) => {
                bytes.extend(if order == Order::Big { code.to_be_bytes() } else { code.to_le_bytes() });
                return true;
            }
            Encoding::Utf16(_) => None,
        };
        bytes.extend(byte);
        byte.is_some()
    }
}

const _: () = assert!(cfg!(target_endian = "little"));

fn mac_roman(byte: u8) -> char {
    match byte.checked_sub(128) {
        Some(place) => MAC_ROMAN[usize::from(place)],
        None => byte.into(),
    }
}

/// What the bytes from 128 on mean.
#[rustfmt::skip]
const MAC_ROMAN: [char; 128] = [
    'Ä', 'Å', 'Ç', 'É', 'Ñ', 'Ö', 'Ü', 'á', 'à', 'â', 'ä', 'ã', 'å', 'ç', 'é', 'è',
    'ê', 'ë', 'í', 'ì', 'î', 'ï', 'ñ', 'ó', 'ò', 'ô', 'ö', 'õ', 'ú', 'ù', 'û', 'ü',
    '†', '°', '¢', '£', '§', '•', '¶', 'ß', '®', '©', '™', '´', '¨', '≠', 'Æ', 'Ø',
    '∞', '±', '≤', '≥', '¥', 'µ', '∂', '∑', '∏', 'π', '∫', 'ª', 'º', 'Ω', 'æ', 'ø',
    '¿', '¡', '¬', '√', 'ƒ', '≈', '∆', '«', '»', '…', '\u{a0}', 'À', 'Ã', 'Õ', 'Œ', 'œ',
    '–', '—', '“', '”', '‘', '’', '÷', '◊', 'ÿ', 'Ÿ', '⁄', '€', '‹', '›', 'ﬁ', 'ﬂ',
    '‡', '·', '‚', '„', '‰', 'Â', 'Ê', 'Á', 'Ë', 'È', 'Í', 'Î', 'Ï', 'Ì', 'Ó', 'Ô',
    '\u{f8ff}', 'Ò', 'Ú', 'Û', 'Ù', 'ı', 'ˆ', '˜', '¯', '˘', '˙', '˚', '¸', '˝', '˛', 'ˇ',
];

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(encoding: Encoding, text: &str) -> (usize, Vec<u8>) {
        encoding.encode(&text.encode_utf16().collect::<Vec<_>>(), false, 0, usize::MAX)
    }

    #[test]
    fn text_survives_every_encoding_that_has_it() {
        for (_, encoding) in ENCODINGS {
            let text = if encoding == Encoding::Ascii { "plain" } else { "Größe" };
            let (units, bytes) = encoded(encoding, text);
            assert_eq!(units, 5);
            let decoded = encoding.decode(&bytes, false).map(|units| String::from_utf16_lossy(&units));
            assert_eq!(decoded.as_deref(), Some(text), "{encoding:?}");
        }
    }

    #[test]
    fn mac_roman_is_apples() {
        assert_eq!(encoded(Encoding::MacRoman, "Ä€Ω\u{f8ff}ˇ").1, [0x80, 0xdb, 0xbd, 0xf0, 0xff]);
    }

    #[test]
    fn what_an_encoding_lacks_ends_the_text_or_is_replaced() {
        let units: Vec<_> = "a🜁b".encode_utf16().collect();
        assert_eq!(Encoding::Latin1.encode(&units, false, 0, 9), (1, b"a".to_vec()));
        assert_eq!(Encoding::Latin1.encode(&units, false, b'?', 9), (4, b"a?b".to_vec()));
        assert_eq!(Encoding::Utf8.encode(&[0x61, 0xd800], false, b'?', 9), (2, b"a?".to_vec()));
    }

    #[test]
    fn no_character_is_written_in_part() {
        let units: Vec<_> = "a€".encode_utf16().collect();
        assert_eq!(Encoding::Utf8.encode(&units, false, 0, 3), (1, b"a".to_vec()));
        assert_eq!(Encoding::Utf8.encode(&units, false, 0, 4), (2, "a€".into()));
    }

    #[test]
    fn bytes_of_another_encoding_are_refused() {
        assert_eq!(Encoding::Utf8.decode(b"\xff", false), None);
        assert_eq!(Encoding::Ascii.decode(b"\x80", false), None);
        assert_eq!(Encoding::Utf16(Order::Host).decode(b"abc", false), None);
        assert_eq!(Encoding::Utf32(Order::Host).decode(&0xd800u32.to_le_bytes(), false), None);
    }

    #[test]
    fn a_byte_order_mark_is_obeyed_in_external_text() {
        let host = Encoding::Utf16(Order::Host);
        assert_eq!(host.decode(b"\xfe\xff\0a", true), Some(vec![0x61]));
        assert_eq!(host.decode(b"\xff\xfea\0", true), Some(vec![0x61]));
        assert_eq!(host.decode(b"\xff\xfe", false), Some(vec![0xfeff]));
        assert_eq!(Encoding::Utf32(Order::Host).decode(b"\0\0\xfe\xff\0\0\0a", true), Some(vec![0x61]));
        assert_eq!(host.encode(&[0x61], true, 0, 9), (1, b"\xff\xfea\0".to_vec()));
    }
}
