//! `CFNumber`: an integer of 8, 16, 32 or 64 bits, or a float of 32 or 64, as it was made.

use crate::abi::{
    Boolean, CFAllocatorRef, CFComparisonResult, CFIndex, CFNumberRef, CFNumberType, CFTypeID, CFTypeRef,
};
use crate::constant::Constant;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::ownership::Hold;
use darwin_calls::misuse;
use std::cmp::Ordering;
use std::ffi::c_void;
use std::hash::{DefaultHasher, Hash, Hasher};

pub(crate) static kCFNumberPositiveInfinity: Constant = Constant::null();
pub(crate) static kCFNumberNegativeInfinity: Constant = Constant::null();
pub(crate) static kCFNumberNaN: Constant = Constant::null();

pub(crate) fn init() {
    kCFNumberPositiveInfinity.set(Number::Float64(f64::INFINITY));
    kCFNumberNegativeInfinity.set(Number::Float64(f64::NEG_INFINITY));
    kCFNumberNaN.set(Number::Float64(f64::NAN));
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    SInt8(i8),
    SInt16(i16),
    SInt32(i32),
    SInt64(i64),
    Float32(f32),
    Float64(f64),
}

/// The types in which numbers are kept.
#[derive(Clone, Copy)]
enum Type {
    SInt8,
    SInt16,
    SInt32,
    SInt64,
    Float32,
    Float64,
}

impl Type {
    /// What a type of C amounts to on a Mac of 64 bits.
    fn of(number: CFNumberType) -> Type {
        // core-foundation-sys passes the lower half of the integer: the upper one is what the register had.
        match number as u32 {
            1 | 7 => Type::SInt8,
            2 | 8 => Type::SInt16,
            3 | 9 => Type::SInt32,
            4 | 10 | 11 | 14 | 15 => Type::SInt64,
            5 | 12 => Type::Float32,
            6 | 13 | 16 => Type::Float64,
            _ => misuse(format_args!("there is no number type {number}")),
        }
    }
}

impl Number {
    /// `CFNumberGetType`, and its name.
    fn kind(self) -> (CFNumberType, &'static str) {
        match self {
            Number::SInt8(_) => (1, "kCFNumberSInt8Type"),
            Number::SInt16(_) => (2, "kCFNumberSInt16Type"),
            Number::SInt32(_) => (3, "kCFNumberSInt32Type"),
            Number::SInt64(_) => (4, "kCFNumberSInt64Type"),
            Number::Float32(_) => (5, "kCFNumberFloat32Type"),
            Number::Float64(_) => (6, "kCFNumberFloat64Type"),
        }
    }

    fn bytes(self) -> CFIndex {
        match self {
            Number::SInt8(_) => 1,
            Number::SInt16(_) => 2,
            Number::SInt32(_) | Number::Float32(_) => 4,
            Number::SInt64(_) | Number::Float64(_) => 8,
        }
    }

    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Number::SInt8(value) => Some(value.into()),
            Number::SInt16(value) => Some(value.into()),
            Number::SInt32(value) => Some(value.into()),
            Number::SInt64(value) => Some(value),
            Number::Float32(_) | Number::Float64(_) => None,
        }
    }

    pub(crate) fn float(self) -> Option<f64> {
        match self {
            Number::Float32(value) => Some(value.into()),
            Number::Float64(value) => Some(value),
            _ => None,
        }
    }

    /// By value, whatever the types. Zeros are told apart by their signs, and the one NaN is below what is not negative.
    fn compare(self, other: Number) -> Ordering {
        match (self.integer(), other.integer()) {
            (Some(a), Some(b)) => a.cmp(&b),
            (None, None) => {
                let [a, b] = [self, other].map(|number| number.float().unwrap_or_default());
                let sign = |float: f64| !float.is_sign_negative();
                match (a.is_nan(), b.is_nan()) {
                    (true, true) => Ordering::Equal,
                    (true, false) if sign(b) => Ordering::Less,
                    (true, false) => Ordering::Greater,
                    (false, true) if sign(a) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    (false, false) => sign(a).cmp(&sign(b)).then(a.total_cmp(&b)),
                }
            }
            (None, Some(integer)) => compare_float(self.float().unwrap_or_default(), integer),
            (Some(integer), None) => compare_float(other.float().unwrap_or_default(), integer).reverse(),
        }
    }
}

impl Number {
    /// A smaller integer has the lowest bits; an integer of a float is as near as it can be.
    fn converted(self, to: Type) -> Number {
        let float = || self.float().unwrap_or_default();
        match (to, self.integer()) {
            (Type::SInt8, Some(integer)) => Number::SInt8(integer as i8),
            (Type::SInt16, Some(integer)) => Number::SInt16(integer as i16),
            (Type::SInt32, Some(integer)) => Number::SInt32(integer as i32),
            (Type::SInt64, Some(integer)) => Number::SInt64(integer),
            (Type::Float32, Some(integer)) => Number::Float32(integer as f32),
            (Type::Float64, Some(integer)) => Number::Float64(integer as f64),
            (Type::SInt8, None) => Number::SInt8(float() as i8),
            (Type::SInt16, None) => Number::SInt16(float() as i16),
            (Type::SInt32, None) => Number::SInt32(float() as i32),
            (Type::SInt64, None) => Number::SInt64(float() as i64),
            (Type::Float32, None) => Number::Float32(float() as f32),
            (Type::Float64, None) => Number::Float64(float()),
        }
    }

    fn same_value(self, other: Number) -> bool {
        let equal = |float: f64, integer: i64| float.trunc() == float && float as i128 == integer.into();
        match (self.integer(), other.integer()) {
            (Some(a), Some(b)) => a == b,
            (Some(integer), None) => equal(other.float().unwrap_or_default(), integer),
            (None, Some(integer)) => equal(self.float().unwrap_or_default(), integer),
            (None, None) => {
                let [a, b] = [self, other].map(|number| number.float().unwrap_or_default());
                a == b || (a.is_nan() && b.is_nan())
            }
        }
    }
}

fn compare_float(float: f64, integer: i64) -> Ordering {
    if float.is_nan() {
        return if integer < 0 { Ordering::Greater } else { Ordering::Less };
    }
    let whole = float.trunc();
    // Every integer of 64 bits fits in 128, to which the cast saturates.
    let order = (whole as i128).cmp(&integer.into());
    let sign = || (!float.is_sign_negative()).cmp(&(integer >= 0));
    order.then_with(sign).then_with(|| float.total_cmp(&whole))
}

pub(crate) static CLASS: Class = Class { name: "CFNumber", id: 22 };

impl Contents for Number {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Number>().is_some_and(|&other| self.compare(other).is_eq())
    }

    fn hash(&self) -> Option<usize> {
        let mut hasher = DefaultHasher::new();
        let value = self.integer().map_or_else(|| self.float().unwrap_or_default(), |integer| integer as f64);
        value.to_bits().hash(&mut hasher);
        Some(hasher.finish() as usize)
    }

    fn description(&self) -> String {
        let name = self.kind().1;
        match self.integer() {
            Some(integer) => format!("value = {integer:+}, type = {name}"),
            None => {
                let digits = if matches!(self, Number::Float32(_)) { 10 } else { 20 };
                let value = match self.float().unwrap_or_default() {
                    float if float.is_nan() => "nan".to_owned(),
                    float if float.is_infinite() => {
                        format!("{}infinity", if float < 0.0 { '-' } else { '+' })
                    }
                    float if float == 0.0 => format!("{float:+.1}"),
                    float => format!("{float:+.digits$}"),
                };
                format!("value = {value}, type = {name}")
            }
        }
    }

    fn formatted(&self) -> Option<String> {
        Some(self.text())
    }

    fn summary(&self) -> String {
        self.text()
    }
}

impl Number {
    /// As `%@` and property lists have it.
    pub(crate) fn text(self) -> String {
        if let Some(integer) = self.integer() {
            return integer.to_string();
        }
        match self.float().unwrap_or_default() {
            float if float.is_nan() => "nan".to_owned(),
            float if float.is_infinite() => format!("{}infinity", if float < 0.0 { '-' } else { '+' }),
            0.0 => "0.0".to_owned(),
            float => crate::string::format::float(float, 17),
        }
    }
}

impl Kind for Number {
    const CLASS: &'static Class = &CLASS;
}

/// Makes a number, with a reference that is not the program's.
pub(crate) fn create(allocator: CFAllocatorRef, number: Number) -> CFTypeRef {
    let constant = match number.float() {
        Some(float) if float.is_nan() => &kCFNumberNaN,
        Some(f64::INFINITY) => &kCFNumberPositiveInfinity,
        Some(f64::NEG_INFINITY) => &kCFNumberNegativeInfinity,
        _ => return make(allocator, number),
    };
    Hold::of(constant.get()).into_reference()
}

pub(crate) unsafe fn CFNumberCreate(
    allocator: CFAllocatorRef,
    number_type: CFNumberType,
    value: *const c_void,
) -> CFNumberRef {
    let kind = Type::of(number_type);
    if value.is_null() {
        misuse("a null pointer was given for a number's value")
    }
    // SAFETY: a value of this type by the caller's promise, of which nothing is known about its alignment.
    let number = unsafe {
        match kind {
            Type::SInt8 => Number::SInt8(value.cast::<i8>().read_unaligned()),
            Type::SInt16 => Number::SInt16(value.cast::<i16>().read_unaligned()),
            Type::SInt32 => Number::SInt32(value.cast::<i32>().read_unaligned()),
            Type::SInt64 => Number::SInt64(value.cast::<i64>().read_unaligned()),
            Type::Float32 => Number::Float32(value.cast::<f32>().read_unaligned()),
            Type::Float64 => Number::Float64(value.cast::<f64>().read_unaligned()),
        }
    };
    create(allocator, number)
}

pub(crate) unsafe fn CFNumberGetValue(
    number: CFNumberRef,
    number_type: CFNumberType,
    value: *mut c_void,
) -> Boolean {
    let number = *of::<Number>(number);
    let result = number.converted(Type::of(number_type));
    if !value.is_null() {
        // SAFETY: room for a value of this type by the caller's promise, of which nothing is known about its alignment.
        unsafe {
            match result {
                Number::SInt8(result) => value.cast::<i8>().write_unaligned(result),
                Number::SInt16(result) => value.cast::<i16>().write_unaligned(result),
                Number::SInt32(result) => value.cast::<i32>().write_unaligned(result),
                Number::SInt64(result) => value.cast::<i64>().write_unaligned(result),
                Number::Float32(result) => value.cast::<f32>().write_unaligned(result),
                Number::Float64(result) => value.cast::<f64>().write_unaligned(result),
            }
        }
    }
    // What an integer loses on the way to 8 or 16 bits is not called a loss.
    let small = matches!(result, Number::SInt8(_) | Number::SInt16(_)) && number.integer().is_some();
    (small || result.same_value(number)).into()
}

pub(crate) fn CFNumberGetType(number: CFNumberRef) -> CFNumberType {
    of::<Number>(number).kind().0
}

pub(crate) fn CFNumberGetByteSize(number: CFNumberRef) -> CFIndex {
    of::<Number>(number).bytes()
}

pub(crate) fn CFNumberIsFloatType(number: CFNumberRef) -> Boolean {
    of::<Number>(number).float().is_some().into()
}

pub(crate) fn CFNumberCompare(
    number: CFNumberRef,
    other: CFNumberRef,
    _context: *mut c_void,
) -> CFComparisonResult {
    of::<Number>(number).compare(*of::<Number>(other)) as CFComparisonResult
}

pub(crate) fn CFNumberGetTypeID() -> CFTypeID {
    CLASS.id
}
