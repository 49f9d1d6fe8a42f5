//! `ctype.h`, in the locale "C".

use std::ffi::{c_int, c_ulong};

use darwin_loader::{Export, exports};

pub(crate) fn exports() -> Vec<Export> {
    let mut exports = [
        same! {
            isalnum, isalpha, isascii, isblank, iscntrl, isdigit, isgraph, islower, isprint, ispunct, isspace, isupper,
            isxdigit, toascii, tolower, toupper,
        },
        // What the functions of the header that are inline call for characters beyond ASCII. Those with `_l` have a
        // locale for their last argument, which the others do not look at.
        same![tolower as "__tolower", toupper as "__toupper"],
        same![tolower as "___tolower_l", toupper as "___toupper_l"],
        exports![digittoint, mask_rune as "__maskrune", mask_rune as "__maskrune_l"],
    ]
    .concat();
    exports.push(Export::variable("_DefaultRuneLocale", &DEFAULT));
    exports
}

/// `_RuneLocale`: what the inline functions of `ctype.h` know of ASCII characters, in its layout.
#[repr(C)]
struct RuneLocale {
    magic: [u8; 8],
    encoding: [u8; 32],
    functions: [usize; 2],
    invalid: c_int,
    kinds: [u32; CHARACTERS],
    lower: [c_int; CHARACTERS],
    upper: [c_int; CHARACTERS],
    ranges: [[usize; 2]; 3],
    variable: [usize; 3],
    classes: [usize; 2],
}

const CHARACTERS: usize = 256;

static DEFAULT: RuneLocale = RuneLocale::of_c();

impl RuneLocale {
    const fn of_c() -> Self {
        let mut locale = Self {
            magic: *b"RuneMagA",
            encoding: [0; 32],
            functions: [0; 2],
            invalid: 0xfffd,
            kinds: [0; CHARACTERS],
            lower: [0; CHARACTERS],
            upper: [0; CHARACTERS],
            ranges: [[0; 2]; 3],
            variable: [0; 3],
            classes: [0; 2],
        };
        let mut index = 0;
        while index < CHARACTERS {
            let character = index as u8;
            locale.kinds[index] = kind(character);
            locale.lower[index] = character.to_ascii_lowercase() as c_int;
            locale.upper[index] = character.to_ascii_uppercase() as c_int;
            index += 1;
        }
        locale
    }
}

/// `_CTYPE_*` flags, and the value of a digit.
const fn kind(character: u8) -> u32 {
    let value = match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        b'A'..=b'F' => character - b'A' + 10,
        _ => 0,
    };
    const fn flag(flag: u32, set: bool) -> u32 {
        if set { flag } else { 0 }
    }
    value as u32
        | flag(0x0000_0100, character.is_ascii_alphabetic())
        | flag(0x0000_0200, character.is_ascii_control())
        | flag(0x0000_0400, character.is_ascii_digit())
        | flag(0x0000_0800, character.is_ascii_graphic())
        | flag(0x0000_1000, character.is_ascii_lowercase())
        | flag(0x0000_2000, character.is_ascii_punctuation())
        | flag(0x0000_4000, matches!(character, b'\t'..=b'\r' | b' '))
        | flag(0x0000_8000, character.is_ascii_uppercase())
        | flag(0x0001_0000, character.is_ascii_hexdigit())
        | flag(0x0002_0000, matches!(character, b'\t' | b' '))
        | flag(0x0004_0000, matches!(character, b' '..=b'~'))
}

extern "C" fn mask_rune(character: c_int, mask: c_ulong) -> c_int {
    let kind = usize::try_from(character).ok().and_then(|index| DEFAULT.kinds.get(index));
    (kind.copied().unwrap_or(0) & mask as u32) as c_int
}

extern "C" fn digittoint(character: c_int) -> c_int {
    const VALUE: c_ulong = 0xf;
    mask_rune(character, VALUE)
}
