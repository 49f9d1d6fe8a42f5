//! What a conversion makes of an argument.

use super::Value;
use super::parse::{Conversion, Size};
use crate::abi::CFTypeRef;
use crate::object::{Object, find};
use crate::string::encoding::Encoding;
use darwin_calls::misuse;
use std::ffi::{CStr, CString};
use std::{ptr, slice};

impl Conversion {
    /// # Safety
    ///
    /// `value` must be what the conversion is for.
    pub(super) unsafe fn print(&self, width: Option<i32>, precision: Option<i32>, value: Value) -> Vec<u16> {
        match self.kind {
            _ if self.is_of_float() => self.number(width, precision, value.float()),
            'd' | 'D' | 'i' | 'u' | 'U' | 'x' | 'X' | 'o' | 'O' => {
                self.number(width, precision, self.extended(value.integer()))
            }
            // SAFETY: by the caller's promise.
            _ => self.filled(width, unsafe { self.text(precision, value.integer()) }),
        }
    }

    /// An integer of the conversion's size, as one of 64 bits.
    fn extended(&self, value: u64) -> u64 {
        let signed = matches!(self.kind, 'd' | 'i' | 'D');
        let size = if matches!(self.kind, 'D' | 'U' | 'O') { Size::Long } else { self.size };
        match (size, signed) {
            (Size::Long | Size::LongDouble, _) => value,
            (Size::Char, true) => i64::from(value as i8).cast_unsigned(),
            (Size::Char, false) => u64::from(value as u8),
            (Size::Short, true) => i64::from(value as i16).cast_unsigned(),
            (Size::Short, false) => u64::from(value as u16),
            (Size::Int, true) => i64::from(value as i32).cast_unsigned(),
            (Size::Int, false) => u64::from(value as u32),
        }
    }

    /// As C prints it.
    fn number<N: Number>(&self, width: Option<i32>, precision: Option<i32>, number: N) -> Vec<u16> {
        let kind = match self.kind {
            'D' => 'd',
            'U' => 'u',
            'O' => 'o',
            kind => kind,
        };
        let format = format!("%{}*.*{}{kind}", self.flags.replace('\'', ""), N::SIZE);
        let format = CString::new(format).unwrap_or_default();
        // A precision below 0 is as none.
        units(&number.text(&format, width.unwrap_or(0), precision.unwrap_or(-1)))
    }

    /// # Safety
    ///
    /// `value` must be what the conversion is for.
    unsafe fn text(&self, precision: Option<i32>, value: u64) -> Vec<u16> {
        let most = precision.and_then(|precision| usize::try_from(precision).ok()).unwrap_or(usize::MAX);
        let address = value as usize;
        match self.kind {
            's' | 'S' if value == 0 => units("(null)").into_iter().take(most).collect(),
            's' if self.size == Size::Int => {
                // SAFETY: bytes by the caller's promise, with a NUL unless the precision says how many.
                let bytes = unsafe { until_zero(ptr::with_exposed_provenance(address), most) };
                Encoding::MacRoman.decode(bytes, false).unwrap_or_default()
            }
            // SAFETY: as above, of units.
            'S' => unsafe { until_zero(ptr::with_exposed_provenance(address), most) }.to_vec(),
            'c' if self.size == Size::Int => {
                Encoding::MacRoman.decode(&[value as u8], false).unwrap_or_default()
            }
            'c' | 'C' => vec![value as u16],
            'p' => units(&format!("{value:#x}")),
            '@' => {
                let reference: CFTypeRef = ptr::with_exposed_provenance(address);
                let text = if reference.is_null() { "(null)".to_owned() } else { object(&find(reference)) };
                units(&text).into_iter().take(most).collect()
            }
            kind => misuse(format_args!("the conversion to {kind:?} of this size has no stand-in")),
        }
    }

    /// Up to the width: on the left, unless the conversion says otherwise.
    fn filled(&self, width: Option<i32>, units: Vec<u16>) -> Vec<u16> {
        let width = width.unwrap_or(0);
        let missing = (width.unsigned_abs() as usize).saturating_sub(units.len());
        let fill = vec![u16::from(b' '); missing];
        if self.flags.contains('-') || width < 0 { [units, fill].concat() } else { [fill, units].concat() }
    }
}

trait Number: Copy {
    /// How a format says that it is one of these.
    const SIZE: &str;

    /// `snprintf`: how long the text is, whether or not there is room for it.
    fn print(self, format: &CStr, width: i32, precision: i32, buffer: &mut [u8]) -> usize;

    fn text(self, format: &CStr, width: i32, precision: i32) -> String {
        let size = self.print(format, width, precision, &mut []);
        let mut buffer = vec![0; size + 1];
        self.print(format, width, precision, &mut buffer);
        buffer.truncate(size);
        String::from_utf8_lossy(&buffer).into_owned()
    }
}

macro_rules! numbers {
    ($($type:ty: $size:literal;)*) => {$(
        impl Number for $type {
            const SIZE: &str = $size;

            fn print(self, format: &CStr, width: i32, precision: i32, buffer: &mut [u8]) -> usize {
                let (start, room) = (buffer.as_mut_ptr().cast(), buffer.len());
                // SAFETY: writes within the buffer; the format is for a width, a precision, and a number of this type.
                let size = unsafe { libc::snprintf(start, room, format.as_ptr(), width, precision, self) };
                usize::try_from(size).unwrap_or(0)
            }
        }
    )*};
}

numbers! {
    u64: "ll";
    f64: "";
}

/// `%.<digits>g`
pub(crate) fn float(value: f64, digits: i32) -> String {
    value.text(c"%*.*g", 0, digits)
}

/// What `%@` prints.
pub(crate) fn object(object: &Object) -> String {
    object.contents().formatted().unwrap_or_else(|| object.description())
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The values before one that is 0, `most` at most.
///
/// # Safety
///
/// They must be there, and be left alone for `'a`.
unsafe fn until_zero<'a, T: Copy + Default + PartialEq>(start: *const T, most: usize) -> &'a [T] {
    // SAFETY: up to the 0, or `most`, by the caller's promise.
    let length = (0..most).find(|&place| unsafe { start.add(place).read() } == T::default()).unwrap_or(most);
    // SAFETY: these have just been read.
    unsafe { slice::from_raw_parts(start, length) }
}
