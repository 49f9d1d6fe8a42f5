//! Scalars and structures, printed by their types.

use crate::trace::notation::write_bytes;
use crate::wire::{Layout, OutputShape, ScalarKind, ScalarType, Shape, VARIABLE};
use std::fmt;

/// Scalars that have not been printed.
pub(super) struct Scalars<'a>(pub(super) &'a [u64]);

impl Scalars<'_> {
    /// The next one.
    pub(super) fn next(&mut self, f: &mut fmt::Formatter<'_>, ty: &ScalarType) -> fmt::Result {
        match self.0.split_first() {
            Some((&word, rest)) => {
                self.0 = rest;
                scalar(f, word, ty)
            }
            None => f.write_str("?"),
        }
    }

    /// All that are left, of no type.
    pub(super) fn rest(&mut self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(std::mem::take(&mut self.0)).finish()
    }
}

fn integer(word: u64, bits: u32, signed: bool) -> i128 {
    let unused = 64 - bits.min(64);
    match signed {
        true => i128::from((word << unused).cast_signed() >> unused),
        false => i128::from(word << unused >> unused),
    }
}

fn scalar(f: &mut fmt::Formatter<'_>, word: u64, ty: &ScalarType) -> fmt::Result {
    match ty.kind() {
        ScalarKind::Integer { bits, signed } => write!(f, "{}", integer(word, bits, signed)),
        ScalarKind::Bool if word <= 1 => write!(f, "{}", word == 1),
        ScalarKind::Bool => write!(f, "{word}"),
        ScalarKind::Enum { integer: ty, variants } => {
            let value = match ty.kind() {
                ScalarKind::Integer { bits, signed } => integer(word, bits, signed),
                _ => word.into(),
            };
            match variants.iter().find(|variant| variant.value == value) {
                Some(variant) => f.write_str(variant.name),
                None => write!(f, "{value}"),
            }
        }
        ScalarKind::Newtype(inner) => {
            write!(f, "{}(", ty.name())?;
            scalar(f, word, inner)?;
            f.write_str(")")
        }
    }
}

/// Bytes that are structures.
pub(super) struct Structures<'a> {
    bytes: &'a [u8],
    layout: &'static Layout,
}

impl<'a> Structures<'a> {
    pub(super) fn new(bytes: &'a [u8], layout: &'static Layout) -> Self {
        Self { bytes, layout }
    }

    /// The one that there is.
    pub(super) fn one(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        structure(f, self.bytes, self.layout)
    }

    /// One after the other.
    pub(super) fn all(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.layout.size();
        if size == 0 || !self.bytes.len().is_multiple_of(size) {
            return hexadecimal(f, self.bytes);
        }
        array(f, self.bytes, self.layout)
    }
}

fn hexadecimal(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut text = String::new();
    write_bytes(&mut text, bytes);
    f.write_str(&text)
}

fn array(f: &mut fmt::Formatter<'_>, bytes: &[u8], element: &Layout) -> fmt::Result {
    // Bytes are what they are.
    if element.size() == 1 && element.name() == "u8" {
        return hexadecimal(f, bytes);
    }
    f.write_str("[")?;
    for (index, bytes) in bytes.chunks_exact(element.size().max(1)).enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        structure(f, bytes, element)?;
    }
    f.write_str("]")
}

/// As deep as the type is, which somebody has written.
fn structure(f: &mut fmt::Formatter<'_>, bytes: &[u8], layout: &Layout) -> fmt::Result {
    if bytes.len() != layout.size() {
        return hexadecimal(f, bytes);
    }
    match layout.shape() {
        Shape::Number => number(f, bytes, layout.name()),
        Shape::Array { element, .. } => array(f, bytes, element),
        Shape::Struct(fields) => {
            let is_tuple = fields.iter().all(|field| field.name.starts_with(|it: char| it.is_ascii_digit()));
            let (open, close) = if is_tuple { ("(", ")") } else { (" { ", " }") };
            write!(f, "{}{open}", layout.name())?;
            for (index, field) in fields.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { ", " })?;
                if !is_tuple {
                    write!(f, "{}: ", field.name)?;
                }
                let end = field.offset.saturating_add(field.layout.size());
                match bytes.get(field.offset..end) {
                    Some(bytes) => structure(f, bytes, field.layout)?,
                    None => f.write_str("?")?,
                }
            }
            f.write_str(close)
        }
    }
}

/// Little-endian, as all machines with I/O Kit are.
fn number(f: &mut fmt::Formatter<'_>, bytes: &[u8], name: &str) -> fmt::Result {
    macro_rules! numbers {
        ($($number:ident)*) => {
            match name {
                $(stringify!($number) => bytes.first_chunk().copied().map($number::from_le_bytes).map(|it| write!(f, "{it:?}")),)*
                _ => None,
            }
        };
    }
    let written = numbers!(u8 u16 u32 u64 i8 i16 i32 i64 f32 f64);
    written.unwrap_or_else(|| hexadecimal(f, bytes))
}

/// What a method returns: one value by itself, several in parentheses.
pub(super) fn output(
    f: &mut fmt::Formatter<'_>,
    words: &[u64],
    bytes: &[u8],
    shape: &OutputShape,
) -> fmt::Result {
    let mut scalars = Scalars(words);
    if shape.scalar_count() == VARIABLE {
        return scalars.rest(f);
    }
    let count = shape.scalars().len() + usize::from(shape.layout().is_some());
    if count != 1 {
        f.write_str("(")?;
    }
    for (index, ty) in shape.scalars().iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        scalars.next(f, ty)?;
    }
    if let Some(layout) = shape.layout() {
        f.write_str(if count == 1 { "" } else { ", " })?;
        structure(f, bytes, layout)?;
    }
    if count != 1 {
        f.write_str(")")?;
    }
    Ok(())
}
