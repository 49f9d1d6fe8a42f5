//! The parts of a format.

use darwin_calls::misuse;

/// A part of a format.
pub(super) enum Part {
    Text(Vec<u16>),
    Conversion(Conversion),
}

/// `%`, and what follows.
pub(super) struct Conversion {
    /// Which argument, if the format says so: `%2$d`.
    pub(super) position: Option<usize>,
    pub(super) flags: String,
    pub(super) width: Amount,
    pub(super) precision: Amount,
    pub(super) size: Size,
    pub(super) kind: char,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Amount {
    None,
    Number(i32),
    /// An argument: the next, or the one at this position.
    Argument(Option<usize>),
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Size {
    Char,
    Short,
    Int,
    Long,
    LongDouble,
}

pub(super) fn parse(format: &[u16]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = format;
    while let Some(start) = rest.iter().position(|&unit| unit == u16::from(b'%')) {
        parts.push(Part::Text(rest[..start].to_vec()));
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix(&[u16::from(b'%')]) {
            parts.push(Part::Text(vec![u16::from(b'%')]));
            rest = after;
            continue;
        }
        parts.push(Part::Conversion(conversion(&mut rest)));
    }
    parts.push(Part::Text(rest.to_vec()));
    parts
}

fn conversion(rest: &mut &[u16]) -> Conversion {
    let mut position = None;
    let before = *rest;
    match (number(rest), peek(rest)) {
        (Some(number), Some('$')) => {
            skip(rest);
            position = place(number);
        }
        _ => *rest = before,
    }
    let mut flags = String::new();
    while let Some(flag) = peek(rest).filter(|flag| "-+ #0'".contains(*flag)) {
        flags.push(flag);
        skip(rest);
    }
    let width = amount(rest);
    let mut precision = Amount::None;
    if peek(rest) == Some('.') {
        skip(rest);
        precision = amount(rest);
        if precision == Amount::None {
            precision = Amount::Number(0);
        }
    }
    let mut size = Size::Int;
    while let Some(letter) = peek(rest).filter(|letter| "hlqLtzj".contains(*letter)) {
        size = match (letter, size) {
            ('h', Size::Short) => Size::Char,
            ('h', _) => Size::Short,
            ('L', _) => Size::LongDouble,
            _ => Size::Long,
        };
        skip(rest);
    }
    let Some(kind) = peek(rest) else { misuse("the format ends within a conversion") };
    skip(rest);
    if !"@dDiuUxXoOcCsSpaAeEfFgG".contains(kind) || (size == Size::LongDouble && is_float(kind)) {
        misuse(format_args!("the conversion to {kind:?} in the format has no stand-in"))
    }
    Conversion { position, flags, width, precision, size, kind }
}

fn amount(rest: &mut &[u16]) -> Amount {
    if peek(rest) != Some('*') {
        return number(rest).map_or(Amount::None, Amount::Number);
    }
    skip(rest);
    let before = *rest;
    match (number(rest), peek(rest)) {
        (Some(number), Some('$')) => {
            skip(rest);
            Amount::Argument(place(number))
        }
        _ => {
            *rest = before;
            Amount::Argument(None)
        }
    }
}

/// Positions count from 1, and no function has very many.
fn place(position: i32) -> Option<usize> {
    const MOST: i32 = 1000;
    if !(1..=MOST).contains(&position) {
        misuse(format_args!("there is no argument {position} for the format"))
    }
    usize::try_from(position - 1).ok()
}

fn number(rest: &mut &[u16]) -> Option<i32> {
    let mut number = None;
    while let Some(digit) = peek(rest).and_then(|digit| digit.to_digit(10)) {
        number = Some(number.unwrap_or(0i32).saturating_mul(10).saturating_add(digit as i32));
        skip(rest);
    }
    number
}

fn peek(rest: &[u16]) -> Option<char> {
    char::from_u32((*rest.first()?).into())
}

fn skip(rest: &mut &[u16]) {
    *rest = &rest[1..];
}

impl Conversion {
    pub(super) fn is_of_float(&self) -> bool {
        is_float(self.kind)
    }
}

fn is_float(kind: char) -> bool {
    "aAeEfFgG".contains(kind)
}
