use super::*;
use crate::c::{
    kCFCopyStringDictionaryKeyCallBacks, kCFTypeArrayCallBacks, kCFTypeDictionaryKeyCallBacks,
    kCFTypeDictionaryValueCallBacks, kCFTypeSetCallBacks,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

fn texts(array: CFArrayRef) -> Vec<String> {
    let count = call!(CFArrayGetCount(array));
    (0..count).map(|place| text(call!(CFArrayGetValueAtIndex(array, place)))).collect()
}

/// A mutable array of new strings.
fn mutable(values: &[&str]) -> CFMutableArrayRef {
    let array = call!(CFArrayCreateMutable(ptr::null(), 0, &raw const kCFTypeArrayCallBacks));
    for value in values {
        let value = string(value);
        call!(CFArrayAppendValue(array, value));
        call!(CFRelease(value));
    }
    array
}

#[test]
fn an_array_changes() {
    let array = mutable(&["b", "c"]);
    let (a, d) = (string("a"), string("d"));
    call!(CFArrayInsertValueAtIndex(array, 0, a));
    call!(CFArraySetValueAtIndex(array, 3, d));
    assert_eq!(texts(array), ["a", "b", "c", "d"]);
    call!(CFArraySetValueAtIndex(array, 1, d));
    call!(CFArrayExchangeValuesAtIndices(array, 0, 3));
    assert_eq!(texts(array), ["d", "d", "c", "a"]);
    call!(CFArrayRemoveValueAtIndex(array, 2));
    let mut new = [a, a];
    call!(CFArrayReplaceValues(array, range(0, 1), new.as_mut_ptr(), 2));
    assert_eq!(texts(array), ["a", "a", "d", "a"]);
    let other = mutable(&["x", "y", "z"]);
    call!(CFArrayAppendArray(array, other, range(1, 2)));
    assert_eq!(texts(array), ["a", "a", "d", "a", "y", "z"]);
    assert_eq!(call!(CFGetRetainCount(a)), 4);
    call!(CFArrayRemoveAllValues(array));
    assert_eq!((call!(CFArrayGetCount(array)), call!(CFGetRetainCount(a))), (0, 1));
    for object in [a, d, array, other] {
        call!(CFRelease(object));
    }
}

#[test]
fn values_are_found_in_a_range() {
    let array = mutable(&["a", "b", "a", "c"]);
    let a = string("a");
    let all = range(0, 4);
    assert_eq!(call!(CFArrayGetFirstIndexOfValue(array, all, a)), 0);
    assert_eq!(call!(CFArrayGetLastIndexOfValue(array, all, a)), 2);
    assert_eq!(call!(CFArrayGetCountOfValue(array, all, a)), 2);
    assert_eq!(call!(CFArrayContainsValue(array, range(1, 1), a)), 0);
    assert_eq!(call!(CFArrayGetFirstIndexOfValue(array, range(3, 1), a)), -1);
    call!(CFRelease(a));
    call!(CFRelease(array));
}

#[test]
fn an_index_out_of_bounds_is_reported() {
    let array = mutable(&["a"]);
    assert!(
        misuse(|| call!(CFArrayGetValueAtIndex(array, 1)))
            .ends_with("index 1 is out of bounds: CFArray has 1")
    );
    assert!(misuse(|| call!(CFArrayGetValueAtIndex(array, -1))).contains("index -1"));
    let all = misuse(|| call!(CFArrayContainsValue(array, range(1, 1), ptr::null())));
    assert!(all.ends_with("1 at 1 were asked for of the 1 in CFArray"), "{all}");
    assert!(
        misuse(|| call!(CFArrayContainsValue(array, range(0, isize::MAX), ptr::null())))
            .contains("asked for")
    );
    call!(CFRelease(array));
}

#[test]
fn what_is_immutable_cannot_be_changed() {
    let value = string("value");
    let frozen = array(&[value]);
    assert!(misuse(|| call!(CFArrayAppendValue(frozen, value))).ends_with("the CFArray is immutable"));
    assert!(misuse(|| call!(CFArrayRemoveAllValues(frozen))).ends_with("the CFArray is immutable"));
    assert!(misuse(|| call!(CFArraySetValueAtIndex(frozen, 0, value))).ends_with("the CFArray is immutable"));
    assert!(
        misuse(|| call!(CFArraySortValues(frozen, range(0, 1), Some(by_text), ptr::null_mut())))
            .contains("immutable")
    );
    assert_eq!(call!(CFGetRetainCount(value)), 2, "nothing was retained");
    let copy = call!(CFArrayCreateMutableCopy(ptr::null(), 0, frozen));
    call!(CFArrayAppendValue(copy, value));
    let again = call!(CFArrayCreateCopy(ptr::null(), copy));
    assert_eq!(texts(again), ["value", "value"]);
    assert_eq!(call!(CFEqual(copy, again)), 1);
    assert_eq!(call!(CFEqual(copy, frozen)), 0);
    for object in [value, frozen, copy, again] {
        call!(CFRelease(object));
    }
}

unsafe extern "C-unwind" fn by_text(a: *const c_void, b: *const c_void, _context: *mut c_void) -> isize {
    call!(CFStringCompare(a, b, 0))
}

unsafe extern "C-unwind" fn nonsense(_: *const c_void, _: *const c_void, context: *mut c_void) -> isize {
    // SAFETY: the test's own counter.
    let counter = unsafe { &mut *context.cast::<isize>() };
    *counter += 1;
    *counter % 3 - 1
}

#[test]
fn arrays_are_sorted_by_the_programs_function() {
    let array = mutable(&["d", "b", "e", "a", "c", "b"]);
    call!(CFArraySortValues(array, range(1, 5), Some(by_text), ptr::null_mut()));
    assert_eq!(texts(array), ["d", "a", "b", "b", "c", "e"]);
    let b = string("bb");
    assert_eq!(call!(CFArrayBSearchValues(array, range(1, 5), b, Some(by_text), ptr::null_mut())), 4);
    call!(CFRelease(b));
    call!(CFRelease(array));
}

#[test]
fn a_function_that_contradicts_itself_sorts_somehow() {
    let words: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let array = mutable(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let mut counter = 0isize;
    call!(CFArraySortValues(array, range(0, 100), Some(nonsense), (&raw mut counter).cast()));
    let mut sorted = texts(array);
    sorted.sort();
    let mut words = words;
    words.sort();
    assert_eq!(sorted, words, "the same values");
    call!(CFRelease(array));
}

#[test]
fn without_functions_values_are_just_pointers() {
    let mut values = [ptr::without_provenance(1), ptr::null(), ptr::without_provenance(1)];
    let array = call!(CFArrayCreate(ptr::null(), values.as_mut_ptr(), 3, ptr::null()));
    assert_eq!(call!(CFArrayGetCountOfValue(array, range(0, 3), ptr::without_provenance(1))), 2);
    assert!(call!(CFArrayGetValueAtIndex(array, 1)).is_null());
    assert!(taken(call!(CFCopyDescription(array))).contains("0 : <0x1>"));
    call!(CFRelease(array));
}

/// What the program's own functions were called for.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn log(what: &str, value: *const c_void) {
    LOG.lock().expect("no test panics here").push(format!("{what} {}", value.addr()));
}

unsafe extern "C-unwind" fn retain(_: CFAllocatorRef, value: *const c_void) -> *const c_void {
    log("retain", value);
    ptr::without_provenance(value.addr() + 100)
}

unsafe extern "C-unwind" fn release(_: CFAllocatorRef, value: *const c_void) {
    log("release", value);
}

unsafe extern "C-unwind" fn equal(a: *const c_void, b: *const c_void) -> Boolean {
    (a.addr() % 100 == b.addr() % 100).into()
}

unsafe extern "C-unwind" fn hash(value: *const c_void) -> CFHashCode {
    // All in one place, so that only `equal` tells them apart.
    (value.addr() < 10_000).into()
}

unsafe extern "C-unwind" fn describe(value: *const c_void) -> CFStringRef {
    string(&format!("value {}", value.addr()))
}

#[test]
fn the_programs_functions_are_called_for_its_values() {
    let callbacks = CFSetCallBacks {
        version: 0,
        retain: Some(retain),
        release: Some(release),
        copyDescription: Some(describe),
        equal: Some(equal),
        hash: Some(hash),
    };
    let value = |number| ptr::without_provenance::<c_void>(number);
    let set = call!(CFSetCreateMutable(ptr::null(), 0, &raw const callbacks));
    call!(CFSetAddValue(set, value(1)));
    call!(CFSetAddValue(set, value(201)));
    call!(CFSetReplaceValue(set, value(2)));
    assert_eq!((call!(CFSetGetCount(set)), call!(CFSetGetValue(set, value(1))).addr()), (1, 101));
    call!(CFSetSetValue(set, value(201)));
    assert_eq!(call!(CFSetGetValue(set, value(1))).addr(), 301);
    assert!(taken(call!(CFCopyDescription(set))).contains("value 301"));
    call!(CFSetRemoveValue(set, value(1)));
    call!(CFRelease(set));
    let log = std::mem::take(&mut *LOG.lock().expect("no test panics here"));
    assert_eq!(log, ["retain 1", "retain 201", "release 101", "release 301"]);
}

#[test]
fn a_set_has_no_equal_values() {
    let (a, b, again) = (string("a"), string("b"), string("a"));
    let mut values = [a, b, again];
    let set = call!(CFSetCreate(ptr::null(), values.as_mut_ptr(), 3, &raw const kCFTypeSetCallBacks));
    assert_eq!(call!(CFSetGetCount(set)), 2);
    assert_eq!(call!(CFSetGetValue(set, again)), a, "the first stays");
    let mut found = ptr::null();
    assert_eq!(call!(CFSetGetValueIfPresent(set, again, &raw mut found)), 1);
    assert_eq!(found, a);
    let mut members = [ptr::null(); 2];
    call!(CFSetGetValues(set, members.as_mut_ptr()));
    let mut members = members.map(text);
    members.sort();
    assert_eq!(members, ["a", "b"]);
    let copy = call!(CFSetCreateMutableCopy(ptr::null(), 0, set));
    assert_eq!(call!(CFEqual(copy, set)), 1);
    assert_eq!(call!(CFHash(copy)), call!(CFHash(set)));
    call!(CFSetRemoveValue(copy, again));
    assert_eq!((call!(CFSetContainsValue(copy, a)), call!(CFSetGetCountOfValue(copy, b))), (0, 1));
    assert!(misuse(|| call!(CFSetRemoveAllValues(set))).ends_with("the CFSet is immutable"));
    for object in [a, b, again, set, copy] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_dictionary_finds_values_by_equal_keys() {
    let entries = dictionary(&[("one", int(1)), ("two", int(2))]);
    let (key, other) = (string("two"), string("three"));
    assert_eq!(call!(CFDictionaryGetCount(entries)), 2);
    let two = int(2);
    assert_eq!(call!(CFEqual(call!(CFDictionaryGetValue(entries, key)), two)), 1);
    assert!(call!(CFDictionaryGetValue(entries, other)).is_null());
    let mut value = ptr::null();
    assert_eq!(call!(CFDictionaryGetValueIfPresent(entries, other, &raw mut value)), 0);
    assert_eq!(call!(CFDictionaryGetValueIfPresent(entries, key, ptr::null_mut())), 1);
    assert_eq!(call!(CFDictionaryContainsKey(entries, key)), 1);
    assert_eq!(call!(CFDictionaryContainsValue(entries, two)), 1);
    assert_eq!(call!(CFDictionaryGetCountOfValue(entries, key)), 0);
    for object in [entries, key, other, two] {
        call!(CFRelease(object));
    }
}

#[test]
fn a_dictionary_changes() {
    let entries = dictionary(&[]);
    let (key, same, a, b) = (string("key"), string("key"), string("a"), string("b"));
    call!(CFDictionaryReplaceValue(entries, key, a));
    assert_eq!(call!(CFDictionaryGetCount(entries)), 0);
    call!(CFDictionaryAddValue(entries, key, a));
    call!(CFDictionaryAddValue(entries, same, b));
    assert_eq!(text(call!(CFDictionaryGetValue(entries, key))), "a");
    call!(CFDictionarySetValue(entries, same, b));
    assert_eq!(text(call!(CFDictionaryGetValue(entries, key))), "b");
    let (mut keys, mut values) = ([ptr::null()], [ptr::null()]);
    call!(CFDictionaryGetKeysAndValues(entries, keys.as_mut_ptr(), values.as_mut_ptr()));
    assert_eq!((keys, values), ([same], [b]), "the new key too");
    call!(CFDictionaryGetKeysAndValues(entries, ptr::null_mut(), ptr::null_mut()));
    let copy = call!(CFDictionaryCreateCopy(ptr::null(), entries));
    call!(CFDictionaryRemoveValue(entries, key));
    assert_eq!((call!(CFDictionaryGetCount(entries)), call!(CFDictionaryGetCount(copy))), (0, 1));
    assert_eq!([key, same, a, b].map(|object| call!(CFGetRetainCount(object))), [1, 2, 1, 2]);
    assert!(misuse(|| call!(CFDictionarySetValue(copy, key, a))).ends_with("the CFDictionary is immutable"));
    for object in [entries, key, same, a, b, copy] {
        call!(CFRelease(object));
    }
}

#[test]
fn copies_do_not_follow_their_originals() {
    let entries = dictionary(&[("key", int(1))]);
    let copy = call!(CFDictionaryCreateMutableCopy(ptr::null(), 0, entries));
    let key = string("key");
    call!(CFDictionaryRemoveAllValues(entries));
    assert_eq!(
        (call!(CFDictionaryGetCountOfKey(copy, key)), call!(CFDictionaryGetCountOfKey(entries, key))),
        (1, 0)
    );
    let set = call!(CFSetCreateMutable(ptr::null(), 0, &raw const kCFTypeSetCallBacks));
    call!(CFSetAddValue(set, key));
    let frozen = call!(CFSetCreateCopy(ptr::null(), set));
    call!(CFSetRemoveAllValues(set));
    assert_eq!((call!(CFSetContainsValue(frozen, key)), call!(CFSetContainsValue(set, key))), (1, 0));
    assert!(misuse(|| call!(CFSetAddValue(frozen, key))).ends_with("the CFSet is immutable"));
    for object in [entries, copy, key, set, frozen] {
        call!(CFRelease(object));
    }
}

#[test]
fn of_equal_keys_the_first_counts_when_a_dictionary_is_made() {
    let (key, same, a, b) = (string("key"), string("key"), string("a"), string("b"));
    let (mut keys, mut values) = ([key, same], [a, b]);
    let made = call!(CFDictionaryCreate(
        ptr::null(),
        keys.as_mut_ptr(),
        values.as_mut_ptr(),
        2,
        &raw const kCFTypeDictionaryKeyCallBacks,
        &raw const kCFTypeDictionaryValueCallBacks,
    ));
    assert_eq!(call!(CFDictionaryGetCount(made)), 1);
    assert_eq!(text(call!(CFDictionaryGetValue(made, same))), "a");
    for object in [key, same, a, b, made] {
        call!(CFRelease(object));
    }
}

#[test]
fn string_keys_are_copied_if_so_asked() {
    let keys = &raw const kCFCopyStringDictionaryKeyCallBacks;
    let entries = call!(CFDictionaryCreateMutable(ptr::null(), 0, keys, ptr::null()));
    let key = call!(CFStringCreateMutable(ptr::null(), 0));
    call!(CFDictionarySetValue(entries, key, ptr::without_provenance(1)));
    let more = string("more");
    call!(CFStringAppend(key, more));
    let empty = string("");
    assert_eq!(call!(CFDictionaryGetValue(entries, empty)).addr(), 1);
    assert!(call!(CFDictionaryGetValue(entries, key)).is_null());
    for object in [entries, key, more, empty] {
        call!(CFRelease(object));
    }
}

#[test]
fn dictionaries_are_equal_whatever_the_order() {
    let a = dictionary(&[("x", int(1)), ("y", array(&[]))]);
    let b = dictionary(&[("y", array(&[])), ("x", int(1))]);
    let c = dictionary(&[("x", int(1)), ("z", array(&[]))]);
    assert_eq!((call!(CFEqual(a, b)), call!(CFEqual(a, c))), (1, 0));
    assert_eq!(call!(CFHash(a)), call!(CFHash(b)));
    for object in [a, b, c] {
        call!(CFRelease(object));
    }
}

unsafe extern "C-unwind" fn collect(key: *const c_void, _value: *const c_void, context: *mut c_void) {
    // SAFETY: the test's own dictionary and list.
    let (dictionary, keys) = unsafe { &mut *context.cast::<(CFMutableDictionaryRef, Vec<String>)>() };
    keys.push(text(key));
    call!(CFDictionaryRemoveValue(*dictionary, key));
}

#[test]
fn a_function_that_is_applied_may_use_the_collection() {
    let mut context = (dictionary(&[("a", int(1)), ("b", int(2))]), Vec::<String>::new());
    let place = (&raw mut context).cast();
    call!(CFDictionaryApplyFunction(context.0, Some(collect), place));
    context.1.sort();
    assert_eq!(context.1, ["a", "b"]);
    assert_eq!(call!(CFDictionaryGetCount(context.0)), 0);
    call!(CFRelease(context.0));
}

unsafe extern "C-unwind" fn throw(_value: *const c_void, _context: *mut c_void) {
    std::panic::resume_unwind(Box::new("thrown"));
}

#[test]
fn a_function_that_throws_leaves_the_collection_as_it_was() {
    let array = mutable(&["a", "b"]);
    let applied = || call!(CFArrayApplyFunction(array, range(0, 2), Some(throw), ptr::null_mut()));
    assert!(catch_unwind(AssertUnwindSafe(applied)).is_err());
    assert_eq!(darwin_calls::current().function, "");
    assert_eq!(texts(array), ["a", "b"]);
    call!(CFRelease(array));
}

#[test]
fn the_order_of_a_dictionary_is_the_same_in_every_run() {
    let keys = |dictionary| {
        let mut keys = [ptr::null(); 3];
        call!(CFDictionaryGetKeysAndValues(dictionary, keys.as_mut_ptr(), ptr::null_mut()));
        keys.map(text)
    };
    let a = dictionary(&[("one", int(1)), ("two", int(2)), ("three", int(3))]);
    let b = dictionary(&[("three", int(3)), ("one", int(1)), ("two", int(2))]);
    assert_eq!(keys(a), keys(b));
    call!(CFRelease(a));
    call!(CFRelease(b));
}
