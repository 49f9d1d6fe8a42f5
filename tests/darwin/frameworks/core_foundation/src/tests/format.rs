use super::*;
use crate::c::{CFStringAppendFormat, CFStringCreateWithFormat, kCFBooleanTrue};

/// The function as programs declare it.
type CreateWithFormat =
    unsafe extern "C" fn(CFAllocatorRef, CFDictionaryRef, CFStringRef, ...) -> CFStringRef;
type AppendFormat = unsafe extern "C" fn(CFMutableStringRef, CFDictionaryRef, CFStringRef, ...);

fn create() -> CreateWithFormat {
    crate::init();
    let function: unsafe extern "C-unwind" fn() = CFStringCreateWithFormat;
    // SAFETY: what it is in C; here it has no type that could be said.
    unsafe { std::mem::transmute(function) }
}

/// What a format makes of arguments.
macro_rules! formatted {
    ($format:expr $(, $argument:expr)*) => {{
        let format = string($format);
        // SAFETY: the arguments are what the format says.
        let made = unsafe { create()(ptr::null(), ptr::null(), format $(, $argument)*) };
        call!(CFRelease(format));
        taken(made)
    }};
}

#[test]
fn conversions_of_c_are_as_in_c() {
    assert_eq!(formatted!("%d %i %u", -1i32, 2i32, u32::MAX), "-1 2 4294967295");
    assert_eq!(formatted!("%5d|%-5d|%05d|%+d", 42i32, 42i32, 42i32, 42i32), "   42|42   |00042|+42");
    assert_eq!(formatted!("%x %#X %o", 255u32, 255u32, 8u32), "ff 0XFF 10");
    assert_eq!(
        formatted!("%lld %lu %zu %hhd %hu", i64::MIN, u64::MAX, 7usize, 0x1ffi32, 0x1_0002i32),
        "-9223372036854775808 18446744073709551615 7 -1 2"
    );
    assert_eq!(
        formatted!("%.3f %e %g %10.2f", 1.5f64, 1.5f64, 0.1f64, 2.0f64),
        "1.500 1.500000e+00 0.1       2.00"
    );
    assert_eq!(formatted!("%c%c %C", i32::from(b'o'), i32::from(b'k'), 0x20aci32), "ok €");
    assert_eq!(formatted!("%p", ptr::without_provenance::<u8>(0x1000)), "0x1000");
    assert_eq!(formatted!("100%%"), "100%");
    assert_eq!(formatted!("%*d|%-*d|%.*f", 4i32, 1i32, 4i32, 1i32, 1i32, 0.25f64), "   1|1   |0.2");
}

#[test]
fn strings_are_cut_and_filled() {
    assert_eq!(
        formatted!("%s|%6s|%-6s|%.2s", c"abc".as_ptr(), c"abc".as_ptr(), c"abc".as_ptr(), c"abc".as_ptr()),
        "abc|   abc|abc   |ab"
    );
    assert_eq!(formatted!("%s", ptr::null::<c_char>()), "(null)");
    assert_eq!(formatted!("%S", [0x20acu16, 0].as_ptr()), "€");
    assert_eq!(formatted!("größer: %s", c"\x9a".as_ptr()), "größer: ö");
}

#[test]
fn objects_are_formatted_by_class() {
    let (text, number) = (string("größer"), int(-7));
    assert_eq!(formatted!("<%@> %@ %@", text, number, kCFBooleanTrue.get()), "<größer> -7 true");
    assert_eq!(formatted!("%@", ptr::null::<c_void>()), "(null)");
    let array = array(&[number]);
    assert!(formatted!("%@", array).starts_with("<CFArray 0x"));
    let half = 0.5f64;
    let half = call!(CFNumberCreate(ptr::null(), 6, (&raw const half).cast()));
    assert_eq!(formatted!("%@ %8@|", half, text), "0.5   größer|");
    for object in [text, number, array, half] {
        call!(CFRelease(object));
    }
}

#[test]
fn more_arguments_than_registers_are_found_on_the_stack() {
    assert_eq!(
        formatted!("%d %d %d %d %d %d %s", 1i32, 2i32, 3i32, 4i32, 5i32, 6i32, c"seven".as_ptr()),
        "1 2 3 4 5 6 seven"
    );
    assert_eq!(
        formatted!("%g %g %g %g %g %g %g %g %g %d", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10i32),
        "1 2 3 4 5 6 7 8 9 10"
    );
}

#[test]
fn arguments_may_be_named_by_position() {
    assert_eq!(formatted!("%2$s %1$d %2$s", 1i32, c"two".as_ptr()), "two 1 two");
    assert_eq!(formatted!("%1$*2$d|", 7i32, 3i32), "  7|");
    assert_eq!(formatted!("%2$g %1$d", 1i32, 0.5f64), "0.5 1");
}

#[test]
fn the_string_is_the_programs() {
    let format = string("%d of the program's");
    // SAFETY: the argument is what the format says.
    let made = unsafe { create()(ptr::null(), ptr::null(), format, 1i32) };
    let line = "CFString \"1 of the program's\", 1 reference, made by CFStringCreateWithFormat".to_owned();
    assert!(crate::ownership::alive().contains(&line));
    call!(CFRelease(made));
    call!(CFRelease(format));
}

/// A `va_list` of two integers that came in registers, and one that came on the stack.
#[repr(C)]
struct Arguments {
    used: [u32; 2],
    stack: *const u64,
    registers: *const u64,
}

#[test]
fn a_format_takes_a_list_of_arguments() {
    let (registers, stack) = ([0, 0, 0, 0, 1, 2], [3u64]);
    let list = || Arguments { used: [32, 48], stack: stack.as_ptr(), registers: registers.as_ptr() };
    let format = string("%d %d %d;");
    let pointer = |list: &mut Arguments| ptr::from_mut(list).cast();
    let made =
        call!(CFStringCreateWithFormatAndArguments(ptr::null(), ptr::null(), format, pointer(&mut list())));
    let changing = call!(CFStringCreateMutableCopy(ptr::null(), 0, made));
    call!(CFStringAppendFormatAndArguments(changing, ptr::null(), format, pointer(&mut list())));
    assert_eq!((taken(made), taken(changing)), ("1 2 3;".to_owned(), "1 2 3;1 2 3;".to_owned()));
    call!(CFRelease(format));
}

#[test]
fn what_has_no_stand_in_says_so() {
    for format in ["%n", "%Lf", "%ls", "%"] {
        let object = string(format);
        let mut list = Arguments { used: [0, 48], stack: [1u64].as_ptr(), registers: [1u64; 6].as_ptr() };
        let list = ptr::from_mut(&mut list).cast();
        let made = || call!(CFStringCreateWithFormatAndArguments(ptr::null(), ptr::null(), object, list));
        let message = misuse(made);
        assert!(message.contains("conversion"), "{format}: {message}");
        call!(CFRelease(object));
    }
}

#[test]
fn a_format_is_appended() {
    let function: unsafe extern "C-unwind" fn() = CFStringAppendFormat;
    // SAFETY: what it is in C.
    let append: AppendFormat = unsafe { std::mem::transmute(function) };
    let changing = call!(CFStringCreateMutable(ptr::null(), 0));
    let format = string("[%d]");
    for number in 0..3i32 {
        // SAFETY: the argument is what the format says.
        unsafe { append(changing, ptr::null(), format, number) };
    }
    assert_eq!(taken(changing), "[0][1][2]");
    call!(CFRelease(format));
}

#[test]
fn the_callers_frame_is_found_from_within() {
    // A misuse unwinds through the function that gathers the arguments.
    type Unwinding =
        unsafe extern "C-unwind" fn(CFAllocatorRef, CFDictionaryRef, CFStringRef, ...) -> CFStringRef;
    let function: unsafe extern "C-unwind" fn() = CFStringCreateWithFormat;
    // SAFETY: what it is in C.
    let create: Unwinding = unsafe { std::mem::transmute(function) };
    let format = string("%@");
    let dead: CFTypeRef = ptr::without_provenance(0x1234);
    // SAFETY: the argument is found to be none.
    let message = misuse(|| unsafe { create(ptr::null(), ptr::null(), format, dead) });
    assert_eq!(message, "CFStringCreateWithFormat: 0x1234 was given for an object, and is none");
    call!(CFRelease(format));
}
