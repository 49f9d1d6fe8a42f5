use super::*;
use crate::string::constant_for_tests as constant;

const MAC_ROMAN: CFStringEncoding = 0;
const ASCII: CFStringEncoding = 0x600;
const UTF16: CFStringEncoding = 0x100;

#[test]
fn a_string_counts_in_units() {
    let object = string("a€🜁");
    assert_eq!(call!(CFStringGetLength(object)), 4);
    assert_eq!(call!(CFStringGetCharacterAtIndex(object, 1)), 0x20ac);
    let mut units = [0; 2];
    call!(CFStringGetCharacters(object, range(2, 2), units.as_mut_ptr()));
    assert_eq!(String::from_utf16_lossy(&units), "🜁");
    assert!(misuse(|| call!(CFStringGetCharacterAtIndex(object, 4))).contains("index 4"));
    let part = call!(CFStringCreateWithSubstring(ptr::null(), object, range(0, 2)));
    assert_eq!(taken(part), "a€");
    call!(CFRelease(object));
}

#[test]
fn bytes_of_another_encoding_make_no_string() {
    assert!(call!(CFStringCreateWithCString(ptr::null(), c"\xff".as_ptr(), UTF8)).is_null());
    let roman = call!(CFStringCreateWithCString(ptr::null(), c"Gr\x9a\xa7e".as_ptr(), MAC_ROMAN));
    assert_eq!(taken(roman), "Größe");
    let unknown = misuse(|| call!(CFStringCreateWithCString(ptr::null(), c"".as_ptr(), 0xb01)));
    assert!(unknown.ends_with("encoding 0xb01 has no stand-in"), "{unknown}");
    assert_eq!(call!(CFStringIsEncodingAvailable(0xb01)), 0);
    assert_eq!(call!(CFStringIsEncodingAvailable(UTF8)), 1);
}

#[test]
fn a_c_string_is_written_whole_or_not_at_all() {
    let object = string("Größe");
    let mut buffer = [0x55 as c_char; 8];
    let get = |buffer: &mut [c_char; 8], size, encoding| {
        call!(CFStringGetCString(object, buffer.as_mut_ptr(), size, encoding))
    };
    assert_eq!(get(&mut buffer, 7, UTF8), 0);
    assert_eq!(get(&mut buffer, 8, UTF8), 1);
    assert_eq!(buffer.map(|byte| byte as u8), *b"Gr\xc3\xb6\xc3\x9fe\0");
    assert_eq!(get(&mut buffer, 8, ASCII), 0);
    assert_eq!(get(&mut buffer, 6, MAC_ROMAN), 1);
    assert_eq!(&buffer.map(|byte| byte as u8)[..6], b"Gr\x9a\xa7e\0");
    assert_eq!(get(&mut buffer, 0, UTF8), 0);
    call!(CFRelease(object));
}

#[test]
fn bytes_are_counted_before_they_are_written() {
    let object = string("aö€");
    let mut used = 0;
    let all = range(0, 3);
    let count = call!(CFStringGetBytes(object, all, UTF8, 0, 0, ptr::null_mut(), 0, &raw mut used));
    assert_eq!((count, used), (3, 6));
    let mut buffer = [0; 5];
    let count = call!(CFStringGetBytes(object, all, UTF8, 0, 0, buffer.as_mut_ptr(), 5, &raw mut used));
    assert_eq!((count, used, &buffer[..3]), (2, 3, "aö".as_bytes()));
    let count = call!(CFStringGetBytes(object, all, ASCII, b'?', 0, buffer.as_mut_ptr(), 5, ptr::null_mut()));
    assert_eq!((count, &buffer[..3]), (3, &b"a??"[..]));
    let count =
        call!(CFStringGetBytes(object, range(1, 2), ASCII, 0, 0, buffer.as_mut_ptr(), 5, &raw mut used));
    assert_eq!((count, used), (0, 0));
    assert_eq!(call!(CFStringGetMaximumSizeForEncoding(4, UTF8)), 12);
    assert_eq!(call!(CFStringGetMaximumSizeForEncoding(isize::MAX, UTF8)), -1);
    call!(CFRelease(object));
}

#[test]
fn pointers_to_the_text_are_had_where_a_mac_has_them() {
    let (plain, other) = (string("plain"), string("größer"));
    let pointer = call!(CFStringGetCStringPtr(plain, UTF8));
    // SAFETY: a C string of the object, which lives.
    assert_eq!(unsafe { std::ffi::CStr::from_ptr(pointer) }, c"plain");
    assert_eq!(call!(CFStringGetCStringPtr(plain, ASCII)), pointer);
    assert!(call!(CFStringGetCStringPtr(plain, UTF16)).is_null());
    assert!(call!(CFStringGetCStringPtr(other, UTF8)).is_null());
    assert!(call!(CFStringGetCharactersPtr(plain)).is_null());
    // SAFETY: the first unit of the object, which lives.
    assert_eq!(unsafe { call!(CFStringGetCharactersPtr(other)).read() }, u16::from(b'g'));
    let changing = call!(CFStringCreateMutableCopy(ptr::null(), 0, plain));
    assert!(call!(CFStringGetCStringPtr(changing, UTF8)).is_null());
    for object in [plain, other, changing] {
        call!(CFRelease(object));
    }
}

#[test]
fn constant_strings_are_strings_like_others() {
    let object = string("abc");
    assert_eq!(call!(CFEqual(constant(0), object)), 1);
    assert_eq!(call!(CFHash(constant(0))), call!(CFHash(object)));
    assert_eq!(call!(CFGetTypeID(constant(1))), call!(CFStringGetTypeID()));
    assert_eq!(call!(CFStringGetLength(constant(1))), 2);
    call!(CFRelease(object));
}

#[test]
fn external_text_may_begin_with_a_byte_order_mark() {
    let bytes = b"\xfe\xff\0a";
    let object = call!(CFStringCreateWithBytes(ptr::null(), bytes.as_ptr(), 4, UTF16, 1));
    assert_eq!(text(object), "a");
    let external = call!(CFStringCreateExternalRepresentation(ptr::null(), object, UTF16, 0));
    let again = call!(CFStringCreateFromExternalRepresentation(ptr::null(), external, UTF16));
    assert_eq!((call!(CFDataGetLength(external)), taken(again)), (4, "a".to_owned()));
    call!(CFRelease(external));
    call!(CFRelease(object));
}

#[test]
fn memory_given_without_copying_is_freed_by_its_allocator() {
    use std::cell::Cell;
    thread_local!(static FREED: Cell<usize> = const { Cell::new(0) });
    unsafe extern "C-unwind" fn allocate(
        _size: CFIndex,
        _hint: CFOptionFlags,
        _info: *mut c_void,
    ) -> *mut c_void {
        ptr::null_mut()
    }
    unsafe extern "C-unwind" fn free(_memory: *mut c_void, _info: *mut c_void) {
        FREED.set(FREED.get() + 1);
    }
    let mut context = CFAllocatorContext {
        version: 0,
        info: ptr::null_mut(),
        retain: None,
        release: None,
        copyDescription: None,
        allocate: Some(allocate),
        reallocate: None,
        deallocate: Some(free),
        preferredSize: None,
    };
    let freed_by = call!(CFAllocatorCreate(ptr::null(), &raw mut context));
    let (bytes, units) = (c"abc", [0x61u16, 0x20ac]);
    let pointer = bytes.as_ptr();
    assert_eq!(taken(call!(CFStringCreateWithCStringNoCopy(ptr::null(), pointer, UTF8, freed_by))), "abc");
    let object = call!(CFStringCreateWithBytesNoCopy(ptr::null(), pointer.cast(), 2, UTF8, 0, freed_by));
    assert_eq!(taken(object), "ab");
    let object = call!(CFStringCreateWithCharactersNoCopy(ptr::null(), units.as_ptr(), 2, freed_by));
    assert_eq!((taken(object).as_str(), FREED.get()), ("a€", 3));
    let none = call!(CFStringCreateWithBytesNoCopy(ptr::null(), b"\xff".as_ptr(), 1, UTF8, 0, freed_by));
    assert!(none.is_null() && FREED.get() == 3, "the memory is still the program's");
    call!(CFRelease(freed_by));
}

#[test]
fn plain_text_is_had_most_cheaply_in_the_systems_encoding() {
    let (plain, other) = (string("plain"), string("größer"));
    assert_eq!(call!(CFStringGetSystemEncoding()), MAC_ROMAN);
    assert_eq!(call!(CFStringGetFastestEncoding(plain)), MAC_ROMAN);
    assert_eq!(call!(CFStringGetFastestEncoding(other)), UTF16);
    call!(CFRelease(plain));
    call!(CFRelease(other));
}

#[test]
fn a_string_changes() {
    let changing = call!(CFStringCreateMutable(ptr::null(), 0));
    let part = |text: &str| string(text);
    let (a, b) = (part("b–"), part("a"));
    call!(CFStringAppend(changing, a));
    call!(CFStringInsert(changing, 0, b));
    call!(CFStringAppendCString(changing, c"cd".as_ptr(), UTF8));
    call!(CFStringAppendCharacters(changing, [0x65].as_ptr(), 1));
    assert_eq!(text(changing), "ab–cde");
    call!(CFStringDelete(changing, range(2, 1)));
    call!(CFStringReplace(changing, range(0, 1), a));
    assert_eq!(text(changing), "b–bcde");
    assert_eq!(call!(CFStringFindAndReplace(changing, a, b, range(0, 6), 0)), 1);
    assert_eq!(text(changing), "abcde");
    call!(CFStringReplaceAll(changing, a));
    assert_eq!(text(changing), "b–");
    assert!(misuse(|| call!(CFStringAppend(a, b))).ends_with("the CFString is immutable"));
    for object in [changing, a, b] {
        call!(CFRelease(object));
    }
}

#[test]
fn replacing_goes_on_after_what_was_put_in() {
    let replaced = |within: &str, options| {
        let (object, a, aa) = (string(within), string("a"), string("aa"));
        let changing = call!(CFStringCreateMutableCopy(ptr::null(), 0, object));
        let length = call!(CFStringGetLength(object));
        let count = call!(CFStringFindAndReplace(changing, a, aa, range(0, length), options));
        for object in [object, a, aa] {
            call!(CFRelease(object));
        }
        (count, taken(changing))
    };
    assert_eq!(replaced("abca", 0), (2, "aabcaa".to_owned()));
    assert_eq!(replaced("abca", 4), (2, "aabcaa".to_owned()));
    assert_eq!(replaced("Aba", 1), (2, "aabaa".to_owned()));
    assert_eq!(replaced("aaba", 8), (2, "aaaaba".to_owned()));
}

#[test]
fn strings_are_trimmed_filled_and_turned() {
    let changed = |from: &str, change: &dyn Fn(CFMutableStringRef)| {
        let object = string(from);
        let changing = call!(CFStringCreateMutableCopy(ptr::null(), 0, object));
        call!(CFRelease(object));
        change(changing);
        taken(changing)
    };
    let ab = string("ab");
    assert_eq!(changed(" \tx y\n", &|string| call!(CFStringTrimWhitespace(string))), "x y");
    assert_eq!(changed("  ", &|string| call!(CFStringTrimWhitespace(string))), "");
    assert_eq!(changed("ababxab", &|string| call!(CFStringTrim(string, ab))), "x");
    assert_eq!(changed("x", &|string| call!(CFStringPad(string, ab, 5, 1))), "xbaba");
    assert_eq!(changed("xyz", &|string| call!(CFStringPad(string, ptr::null(), 1, 0))), "x");
    assert_eq!(changed("größe", &|string| call!(CFStringUppercase(string, ptr::null()))), "GRÖSSE");
    assert_eq!(changed("GRÖSSE", &|string| call!(CFStringLowercase(string, ptr::null()))), "grösse");
    call!(CFRelease(ab));
}

#[test]
fn strings_are_separated_and_combined() {
    let (path, slash) = (string("/a//b"), string("/"));
    let parts = call!(CFStringCreateArrayBySeparatingStrings(ptr::null(), path, slash));
    assert_eq!(call!(CFArrayGetCount(parts)), 4);
    let combined = call!(CFStringCreateByCombiningStrings(ptr::null(), parts, slash));
    assert_eq!(call!(CFEqual(combined, path)), 1);
    for object in [path, slash, parts, combined] {
        call!(CFRelease(object));
    }
}

#[test]
fn strings_compare_and_are_searched() {
    let (object, prefix, suffix) = (string("IOUserClient"), string("IO"), string("client"));
    assert_eq!(call!(CFStringCompare(object, prefix, 0)), 1);
    assert_eq!(call!(CFStringCompareWithOptions(object, prefix, range(0, 2), 0)), 0);
    assert_eq!(call!(CFStringHasPrefix(object, prefix)), 1);
    assert_eq!(call!(CFStringHasSuffix(object, suffix)), 0);
    let empty = string("");
    assert_eq!((call!(CFStringHasPrefix(object, empty)), call!(CFStringHasSuffix(object, empty))), (0, 0));
    call!(CFRelease(empty));
    assert_eq!(call!(CFStringFind(object, suffix, 1)), range(6, 6));
    assert_eq!(call!(CFStringFind(object, suffix, 0)), range(-1, 0));
    let mut found = range(0, 0);
    assert_eq!(call!(CFStringFindWithOptions(object, suffix, range(3, 9), 1, &raw mut found)), 1);
    assert_eq!(found, range(6, 6));
    assert_eq!(call!(CFStringFindWithOptions(object, suffix, range(7, 5), 1, ptr::null_mut())), 0);
    for object in [object, prefix, suffix] {
        call!(CFRelease(object));
    }
}

#[test]
fn numbers_at_the_start_are_read() {
    let read = |text: &str| {
        let object = string(text);
        let numbers = (call!(CFStringGetIntValue(object)), call!(CFStringGetDoubleValue(object)));
        call!(CFRelease(object));
        numbers
    };
    assert_eq!(read(" -42x"), (-42, -42.0));
    assert_eq!(read("+ 7"), (7, 0.0));
    assert_eq!(read("3.5e2!"), (3, 350.0));
    assert_eq!(read("1e"), (1, 1.0));
    assert_eq!(read("99999999999"), (i32::MAX, 99_999_999_999.0));
    assert_eq!(read("-99999999999"), (i32::MIN, -99_999_999_999.0));
    assert_eq!(read("x1"), (0, 0.0));
}

#[test]
fn a_copy_of_what_does_not_change_is_the_same() {
    let object = string("same");
    let copy = call!(CFStringCreateCopy(ptr::null(), object));
    assert_eq!(copy, object);
    let changing = call!(CFStringCreateMutableCopy(ptr::null(), 0, object));
    let frozen = call!(CFStringCreateCopy(ptr::null(), changing));
    call!(CFStringReplaceAll(changing, frozen));
    call!(CFStringAppendCString(changing, c"!".as_ptr(), UTF8));
    assert_eq!((text(frozen), text(changing)), ("same".to_owned(), "same!".to_owned()));
    for object in [object, copy, changing, frozen] {
        call!(CFRelease(object));
    }
}
