use super::*;
use crate::c::{
    kCFBooleanFalse, kCFBooleanTrue, kCFNumberNaN, kCFNumberNegativeInfinity, kCFNumberPositiveInfinity,
};

fn number<T>(kind: CFNumberType, value: T) -> CFNumberRef {
    call!(CFNumberCreate(ptr::null(), kind, (&raw const value).cast()))
}

/// The number as one of a type, and whether that is all of it.
fn get<T: Default>(number: CFNumberRef, kind: CFNumberType) -> (T, bool) {
    let mut value = T::default();
    let exact = call!(CFNumberGetValue(number, kind, (&raw mut value).cast()));
    (value, exact != 0)
}

const SINT8: isize = 1;
const SINT16: isize = 2;
const SINT32: isize = 3;
const SINT64: isize = 4;
const FLOAT32: isize = 5;
const FLOAT64: isize = 6;

#[test]
fn numbers_are_kept_in_the_type_that_they_were_made_of() {
    let kept = |number| {
        let kept = (call!(CFNumberGetType(number)), call!(CFNumberGetByteSize(number)));
        let float = call!(CFNumberIsFloatType(number)) != 0;
        call!(CFRelease(number));
        (kept.0, kept.1, float)
    };
    assert_eq!(kept(number(SINT8, 1i8)), (SINT8, 1, false));
    assert_eq!(kept(number(8, 1i16)), (SINT16, 2, false));
    assert_eq!(kept(number(9, 1i32)), (SINT32, 4, false));
    for kind in [SINT64, 10, 11, 14, 15] {
        assert_eq!(kept(number(kind, 1i64)), (SINT64, 8, false));
    }
    assert_eq!(kept(number(12, 1f32)), (FLOAT32, 4, true));
    assert_eq!(kept(number(16, 1f64)), (FLOAT64, 8, true));
    assert!(misuse(|| number(17, 1i32)).ends_with("there is no number type 17"));
}

#[test]
fn a_conversion_says_whether_it_lost_something() {
    let large = number(SINT64, 0x1_0000_0102i64);
    assert_eq!(get::<i64>(large, SINT64), (0x1_0000_0102, true));
    assert_eq!(get::<i32>(large, SINT32), (0x102, false));
    // As on a Mac, which calls this no loss.
    assert_eq!(get::<i8>(large, SINT8), (2, true));
    assert_eq!(get::<f64>(large, FLOAT64), (4_294_967_554.0, true));
    assert!(!get::<f32>(large, FLOAT32).1);
    let most = number(SINT64, i64::MAX);
    assert_eq!(get::<f64>(most, FLOAT64), (i64::MAX as f64, false));
    let half = number(FLOAT64, 2.5f64);
    assert_eq!(get::<i32>(half, SINT32), (2, false));
    assert_eq!(get::<f32>(half, FLOAT32), (2.5, true));
    let tenth = number(FLOAT64, 0.1f64);
    assert_eq!(get::<f32>(tenth, FLOAT32), (0.1, false));
    assert_eq!(call!(CFNumberGetValue(half, SINT32, ptr::null_mut())), 0, "the value may be not wanted");
    for number in [large, most, half, tenth] {
        call!(CFRelease(number));
    }
}

#[test]
fn numbers_compare_by_value() {
    let compare = |a, b| {
        let order = call!(CFNumberCompare(a, b, ptr::null_mut()));
        let (equal, hashes) = (call!(CFEqual(a, b)), (call!(CFHash(a)), call!(CFHash(b))));
        assert_eq!(equal == 1, order == 0);
        assert!(order != 0 || hashes.0 == hashes.1);
        call!(CFRelease(a));
        call!(CFRelease(b));
        order
    };
    assert_eq!(compare(number(SINT8, -1i8), number(SINT64, -1i64)), 0);
    assert_eq!(compare(int(3), number(FLOAT64, 3.0f64)), 0);
    assert_eq!(compare(int(3), number(FLOAT64, 3.5f64)), -1);
    assert_eq!(compare(number(FLOAT64, -3.5f64), int(-3)), -1);
    assert_eq!(compare(number(FLOAT64, 9.3e18f64), number(SINT64, i64::MAX)), 1);
    assert_eq!(compare(number(FLOAT64, -0.0f64), int(0)), -1);
    assert_eq!(compare(number(FLOAT32, 0.5f32), number(FLOAT64, 0.5f64)), 0);
    assert_eq!(compare(number(FLOAT64, f64::NAN), int(0)), -1);
    assert_eq!(compare(number(FLOAT64, f64::NAN), int(-1)), 1);
}

#[test]
fn infinities_and_nan_are_constants() {
    let infinite = number(FLOAT32, f32::INFINITY);
    assert_eq!(infinite, kCFNumberPositiveInfinity.get());
    assert_eq!(call!(CFNumberGetType(infinite)), FLOAT64);
    assert_eq!(get::<f64>(kCFNumberNegativeInfinity.get(), FLOAT64), (f64::NEG_INFINITY, true));
    let (nan, exact) = get::<f64>(kCFNumberNaN.get(), FLOAT64);
    assert!(nan.is_nan() && exact);
    call!(CFRelease(infinite));
}

#[test]
fn booleans_are_two() {
    crate::init();
    assert_eq!(call!(CFBooleanGetValue(kCFBooleanTrue.get())), 1);
    assert_eq!(call!(CFBooleanGetValue(kCFBooleanFalse.get())), 0);
    assert_eq!(call!(CFEqual(kCFBooleanTrue.get(), kCFBooleanFalse.get())), 0);
}
