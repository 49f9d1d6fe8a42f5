//! Formats: C's conversions, and `%@` for objects.

mod arguments;
mod parse;
mod print;

pub use arguments::VaList;
pub(crate) use arguments::{CFStringAppendFormat, CFStringCreateWithFormat};
pub(crate) use print::{float, object};

use super::{Text, units};
use crate::abi::{CFAllocatorRef, CFDictionaryRef, CFMutableStringRef, CFStringRef, va_list};
use crate::object::{make, of};
use parse::{Amount, Part, parse};

#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Float,
}

#[derive(Clone, Copy)]
enum Value {
    Integer(u64),
    Float(f64),
}

impl Value {
    fn integer(self) -> u64 {
        match self {
            Value::Integer(value) => value,
            Value::Float(value) => value.to_bits(),
        }
    }

    fn float(self) -> f64 {
        match self {
            Value::Integer(value) => f64::from_bits(value),
            Value::Float(value) => value,
        }
    }
}

/// What a format and its arguments make.
///
/// # Safety
///
/// The arguments must be what the format says.
unsafe fn formatted(format: CFStringRef, arguments: &mut VaList) -> Vec<u16> {
    let parts = parse(&units(format));
    let (kinds, numbers) = plan(&parts);
    let values: Vec<Value> = kinds
        .into_iter()
        // SAFETY: the arguments are of these kinds by the caller's promise.
        .map(|kind| unsafe {
            match kind {
                Kind::Integer => Value::Integer(arguments.integer()),
                Kind::Float => Value::Float(arguments.float()),
            }
        })
        .collect();
    let mut numbers = numbers.into_iter().map(|number| values[number]);
    let mut text = Vec::new();
    for part in &parts {
        match part {
            Part::Text(units) => text.extend_from_slice(units),
            Part::Conversion(conversion) => {
                let mut amount = |amount| match amount {
                    Amount::None => None,
                    Amount::Number(number) => Some(number),
                    Amount::Argument(_) => numbers.next().map(|value| value.integer() as i32),
                };
                let (width, precision) = (amount(conversion.width), amount(conversion.precision));
                let value = numbers.next().unwrap_or(Value::Integer(0));
                // SAFETY: the argument is what the conversion is for by the caller's promise.
                text.extend(unsafe { conversion.print(width, precision, value) });
            }
        }
    }
    text
}

/// The kinds of the arguments, in their order, and the number of the argument for each width, precision and value.
fn plan(parts: &[Part]) -> (Vec<Kind>, Vec<usize>) {
    let (mut kinds, mut numbers, mut next) = (Vec::new(), Vec::new(), 0);
    let mut take = |position: Option<usize>, kind| {
        let number = position.unwrap_or(next);
        next = number + 1;
        if kinds.len() <= number {
            kinds.resize(number + 1, Kind::Integer);
        }
        kinds[number] = kind;
        numbers.push(number);
    };
    for part in parts {
        let Part::Conversion(conversion) = part else { continue };
        for amount in [conversion.width, conversion.precision] {
            if let Amount::Argument(position) = amount {
                take(position, Kind::Integer);
            }
        }
        take(conversion.position, if conversion.is_of_float() { Kind::Float } else { Kind::Integer });
    }
    (kinds, numbers)
}

pub(crate) unsafe fn CFStringCreateWithFormatAndArguments(
    allocator: CFAllocatorRef,
    _options: CFDictionaryRef,
    format: CFStringRef,
    arguments: va_list,
) -> CFStringRef {
    // SAFETY: arguments of the format by the caller's promise.
    make(allocator, Text::of_units(unsafe { formatted(format, &mut *arguments) }))
}

pub(crate) unsafe fn CFStringAppendFormatAndArguments(
    string: CFMutableStringRef,
    _options: CFDictionaryRef,
    format: CFStringRef,
    arguments: va_list,
) {
    // SAFETY: arguments of the format by the caller's promise.
    let more = unsafe { formatted(format, &mut *arguments) };
    of::<Text>(string).change(|units| units.extend(more));
}
