use super::*;
use crate::ownership;
use crate::string::constant_for_tests as constant;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The lines for what the program holds that say `word`: other tests hold things meanwhile.
fn held(word: &str) -> Vec<String> {
    ownership::alive().into_iter().filter(|line| line.contains(word)).collect()
}

#[test]
fn what_the_program_holds_is_listed_with_the_call_that_made_it() {
    let held_by_program = string("listed");
    let line = "CFString \"listed\", 1 reference, made by CFStringCreateWithCString";
    assert_eq!(held("\"listed\""), [line]);
    call!(CFRetain(held_by_program));
    assert_eq!(
        held("\"listed\""),
        ["CFString \"listed\", 2 references, made by CFStringCreateWithCString, last retained by CFRetain"]
    );
    call!(CFRelease(held_by_program));
    call!(CFRelease(held_by_program));
    assert_eq!(held("\"listed\""), [""; 0]);
}

#[test]
fn what_only_a_collection_holds_is_not_the_programs() {
    let element = string("element");
    let array = array(&[element]);
    call!(CFRelease(element));
    assert_eq!(held("\"element\""), [""; 0]);
    assert_eq!(text(call!(CFArrayGetValueAtIndex(array, 0))), "element");
    call!(CFRelease(array));
}

#[test]
fn an_object_that_a_collection_gives_may_be_retained() {
    let array = {
        let element = string("retained element");
        let array = array(&[element]);
        call!(CFRelease(element));
        array
    };
    let element = call!(CFArrayGetValueAtIndex(array, 0));
    call!(CFRetain(element));
    assert_eq!(
        held("retained element"),
        [
            "CFString \"retained element\", 1 reference, made by CFStringCreateWithCString, last retained by CFRetain"
        ]
    );
    call!(CFRelease(array));
    assert_eq!(taken(element), "retained element");
}

#[test]
fn an_over_release_is_reported_even_if_a_collection_still_holds_the_object() {
    let element = string("over-released");
    let array = array(&[element]);
    call!(CFRelease(element));
    assert_eq!(
        misuse(|| call!(CFRelease(element))),
        "CFRelease: over-released: CFString \"over-released\", to which the program has no reference, made by \
         CFStringCreateWithCString, last released by CFRelease"
    );
    call!(CFRelease(array));
}

#[test]
fn what_is_given_by_the_rule_of_get_must_not_be_released() {
    let array = array(&[]);
    let outer = super::array(&[array]);
    call!(CFRelease(array));
    let inner = call!(CFArrayGetValueAtIndex(outer, 0));
    assert!(misuse(|| call!(CFRelease(inner))).starts_with("CFRelease: over-released: CFArray of 0"));
    call!(CFRelease(outer));
}

#[test]
fn use_after_the_last_release_is_reported() {
    let dead = string("dead");
    call!(CFRelease(dead));
    let obituary =
        "used after its last release: CFString made by CFStringCreateWithCString, last released by CFRelease";
    assert_eq!(misuse(|| call!(CFStringGetLength(dead))), format!("CFStringGetLength: {obituary}"));
    assert_eq!(misuse(|| call!(CFRelease(dead))), format!("CFRelease: {obituary}"));
    assert_eq!(misuse(|| call!(CFRetain(dead))), format!("CFRetain: {obituary}"));
}

#[test]
fn an_address_is_never_used_again() {
    let mut addresses: Vec<_> = (0..100)
        .map(|_| {
            let object = string("here and gone");
            call!(CFRelease(object));
            object.addr()
        })
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 100);
}

#[test]
fn what_is_no_object_is_named() {
    let nothing: CFTypeRef = ptr::without_provenance(0x1234);
    assert_eq!(
        misuse(|| call!(CFGetTypeID(nothing))),
        "CFGetTypeID: 0x1234 was given for an object, and is none"
    );
    for null in [misuse(|| call!(CFRelease(ptr::null()))), misuse(|| call!(CFRetain(ptr::null())))] {
        assert!(null.ends_with("a null pointer was given for an object"), "{null}");
    }
}

#[test]
fn an_object_of_another_class_is_named() {
    let number = int(7);
    assert_eq!(
        misuse(|| call!(CFArrayGetCount(number))),
        "CFArrayGetCount: CFNumber 7 was given for a CFArray, made by CFNumberCreate"
    );
    call!(CFRelease(number));
}

#[test]
fn a_consumed_reference_is_the_programs_no_longer() {
    let object = string("consumed");
    ownership::consumed(object);
    assert_eq!(held("\"consumed\""), [""; 0]);
    assert!(misuse(|| call!(CFRelease(object))).contains("over-released"));
    ownership::release(object);
    assert!(misuse(|| call!(CFGetTypeID(object))).contains("used after its last release"));
}

#[test]
fn constants_do_not_die_and_are_not_listed() {
    let constant = constant(0);
    assert_eq!(text(constant), "abc");
    call!(CFRetain(constant));
    assert!(held("\"abc\"").is_empty());
    call!(CFRelease(constant));
    let before = darwin_calls::complaints();
    call!(CFRelease(constant));
    assert!(darwin_calls::complaints() > before, "released more often than retained");
    assert_eq!(text(constant), "abc");
}

#[test]
fn the_retain_count_is_of_all_references() {
    let object = string("counted");
    let array = array(&[object, object]);
    assert_eq!(call!(CFGetRetainCount(object)), 3);
    call!(CFRelease(array));
    assert_eq!(call!(CFGetRetainCount(object)), 1);
    call!(CFRelease(object));
}

#[test]
fn a_collection_that_dies_gives_up_what_it_holds() {
    let element = string("in the depth");
    let (inner, outer) = {
        let inner = dictionary(&[("key", element)]);
        let outer = array(&[inner]);
        (inner, outer)
    };
    call!(CFRelease(inner));
    assert_eq!(text(element), "in the depth");
    call!(CFRelease(outer));
    assert!(misuse(|| call!(CFGetTypeID(element))).contains("used after its last release"));
}

#[test]
fn objects_may_be_retained_and_released_by_several_threads() {
    let object = Opaque(string("shared"));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || {
                for _ in 0..1000 {
                    call!(CFRetain(object.get()));
                    assert_eq!(call!(CFStringGetLength(object.get())), 6);
                    call!(CFRelease(object.get()));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no misuse");
    }
    assert_eq!(call!(CFGetRetainCount(object.get())), 1);
    call!(CFRelease(object.get()));
}

#[test]
fn of_threads_that_release_one_gives_the_object_up() {
    static RELEASED: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C-unwind" fn count(_allocator: CFAllocatorRef, _value: *const c_void) {
        RELEASED.fetch_add(1, Ordering::Relaxed);
    }
    let callbacks = CFArrayCallBacks {
        version: 0,
        retain: None,
        release: Some(count),
        copyDescription: None,
        equal: None,
    };
    let mut values = [ptr::null()];
    let object = Opaque(call!(CFArrayCreate(ptr::null(), values.as_mut_ptr(), 1, &raw const callbacks)));
    for _ in 0..7 {
        call!(CFRetain(object.get()));
    }
    let threads: Vec<_> = (0..8).map(|_| thread::spawn(move || call!(CFRelease(object.get())))).collect();
    for thread in threads {
        thread.join().expect("no misuse");
    }
    assert_eq!(RELEASED.load(Ordering::Relaxed), 1);
}
