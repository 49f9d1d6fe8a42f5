//! Numbers of a property list.

use std::fmt;

/// `OSNumber`: an integer of 8, 16, 32 or 64 bits, or a float of 32 or 64.
///
/// An integer is its bits; whether they mean a signed or an unsigned one is not kept, so that
/// `Number::from(-1i32) == Number::from(u32::MAX)`. Read it as what it is meant to be:
/// [`as_i64`](Self::as_i64) gives every signed integer back, [`as_u64`](Self::as_u64) every unsigned one. The
/// [conversions of `Value`](super::Value#conversions) do so by the type that is asked for.
///
/// A property that a driver published with 8 or 16 bits is read from user space as one of 32, with the same
/// unsigned value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "CFNumber")]
pub struct Number {
    width: Width,
    bits: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Width {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
}

impl Number {
    /// The size in bits: 8, 16, 32 or 64.
    pub fn bits(self) -> u32 {
        match self.width {
            Width::Int8 => 8,
            Width::Int16 => 16,
            Width::Int32 | Width::Float32 => 32,
            Width::Int64 | Width::Float64 => 64,
        }
    }

    /// Whether it is a float.
    pub fn is_float(self) -> bool {
        matches!(self.width, Width::Float32 | Width::Float64)
    }

    /// The integer whose bits these are in two's complement of this size. `None` for a float.
    pub fn as_i64(self) -> Option<i64> {
        let unused = 64 - self.bits();
        (!self.is_float()).then_some((self.bits << unused) as i64 >> unused)
    }

    /// The unsigned integer whose bits these are. `None` for a float.
    pub fn as_u64(self) -> Option<u64> {
        (!self.is_float()).then_some(self.bits)
    }

    /// The value of a float, exactly. `None` for an integer, which may mean either of two values.
    pub fn as_f64(self) -> Option<f64> {
        match self.width {
            Width::Float32 => Some(f32::from_bits(self.bits as u32).into()),
            Width::Float64 => Some(f64::from_bits(self.bits)),
            _ => None,
        }
    }

    /// The bits, of an integer or of a float.
    pub(crate) fn raw(self) -> u64 {
        self.bits
    }

    /// The float of so many bits, if there is one that size, and they are not more.
    pub(crate) fn from_float_bits(bits: u32, raw: u64) -> Option<Self> {
        match bits {
            32 if raw >> 32 == 0 => Some(Number { width: Width::Float32, bits: raw }),
            64 => Some(Number { width: Width::Float64, bits: raw }),
            _ => None,
        }
    }

    /// `unsigned64BitValue`: a float's integer part, where what is below zero counts as 0.
    pub(crate) fn kernel_value(self) -> u64 {
        self.as_f64().map_or(self.bits, |float| float as u64)
    }
}

macro_rules! numbers {
    ($($type:ty: $value:ident => $width:ident $bits:expr;)*) => {
        $(
            impl From<$type> for Number {
                fn from($value: $type) -> Self {
                    Number { width: Width::$width, bits: $bits }
                }
            }

            impl From<$type> for super::Value {
                fn from(number: $type) -> Self {
                    Number::from(number).into()
                }
            }
        )*
    };
}

numbers! {
    i8: value => Int8 value.cast_unsigned().into();
    u8: value => Int8 value.into();
    i16: value => Int16 value.cast_unsigned().into();
    u16: value => Int16 value.into();
    i32: value => Int32 value.cast_unsigned().into();
    u32: value => Int32 value.into();
    i64: value => Int64 value.cast_unsigned();
    u64: value => Int64 value;
    f32: value => Float32 value.to_bits().into();
    f64: value => Float64 value.to_bits();
}

/// The unsigned value and the size: `255u8`, `4294967295u32`, `0.5f64`.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_f64() {
            Some(float) => write!(f, "{float:?}f{}", self.bits()),
            None => write!(f, "{}u{}", self.bits, self.bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Value;
    use super::*;

    #[test]
    fn pr_07_a_number_keeps_its_width_and_its_bits() {
        for (number, bits, signed, unsigned) in [
            (Number::from(-1i8), 8, -1, 0xff),
            (Number::from(0x8000u16), 16, -0x8000, 0x8000),
            (Number::from(u32::MAX), 32, -1, 0xffff_ffff),
            (Number::from(7i32), 32, 7, 7),
            (Number::from(i64::MIN), 64, i64::MIN, 1 << 63),
        ] {
            assert_eq!((number.bits(), number.is_float()), (bits, false));
            assert_eq!(
                (number.as_i64(), number.as_u64(), number.as_f64()),
                (Some(signed), Some(unsigned), None)
            );
        }
        let float = Number::from(0.1f32);
        assert_eq!((float.bits(), float.as_f64(), float.as_u64()), (32, Some(f64::from(0.1f32)), None));
        assert_ne!(Value::from(1u8), Value::from(1u64));
        assert_eq!(Value::from(-1i32), Value::from(u32::MAX));
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
    }
}
