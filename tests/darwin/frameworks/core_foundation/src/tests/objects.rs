use super::*;
use crate::c::{kCFAllocatorMalloc, kCFAllocatorNull, kCFAllocatorSystemDefault, kCFBooleanTrue, kCFNull};

#[test]
fn classes_have_names_and_numbers_of_their_own() {
    let ids = [
        call!(CFAllocatorGetTypeID()),
        call!(CFArrayGetTypeID()),
        call!(CFBooleanGetTypeID()),
        call!(CFDataGetTypeID()),
        call!(CFDateGetTypeID()),
        call!(CFDictionaryGetTypeID()),
        call!(CFErrorGetTypeID()),
        call!(CFNullGetTypeID()),
        call!(CFNumberGetTypeID()),
        call!(CFReadStreamGetTypeID()),
        call!(CFRunLoopGetTypeID()),
        call!(CFRunLoopObserverGetTypeID()),
        call!(CFRunLoopSourceGetTypeID()),
        call!(CFRunLoopTimerGetTypeID()),
        call!(CFSetGetTypeID()),
        call!(CFStringGetTypeID()),
        call!(CFURLGetTypeID()),
        call!(CFUUIDGetTypeID()),
        call!(CFWriteStreamGetTypeID()),
    ];
    let names: Vec<_> = ids.map(|id| taken(call!(CFCopyTypeIDDescription(id)))).into_iter().collect();
    assert_eq!(&names[..3], ["CFAllocator", "CFArray", "CFBoolean"]);
    let mut different = ids.to_vec();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), ids.len());
    assert!(call!(CFCopyTypeIDDescription(9999)).is_null());
}

#[test]
fn objects_know_their_class() {
    let object = string("x");
    assert_eq!(call!(CFGetTypeID(object)), call!(CFStringGetTypeID()));
    assert_eq!(call!(CFGetTypeID(kCFBooleanTrue.get())), call!(CFBooleanGetTypeID()));
    assert_eq!(call!(CFGetTypeID(kCFNull.get())), call!(CFNullGetTypeID()));
    call!(CFRelease(object));
}

#[test]
fn equal_objects_are_of_one_class_and_hash_alike() {
    let (a, b, c) = (string("same"), string("same"), string("other"));
    assert_eq!(call!(CFEqual(a, b)), 1);
    assert_eq!(call!(CFHash(a)), call!(CFHash(b)));
    assert_eq!(call!(CFEqual(a, c)), 0);
    let one = int(1);
    assert_eq!(call!(CFEqual(one, kCFBooleanTrue.get())), 0);
    for object in [a, b, c, one] {
        call!(CFRelease(object));
    }
}

#[test]
fn descriptions_are_as_on_a_mac() {
    let number = int(-5);
    let array = array(&[number, kCFBooleanTrue.get()]);
    let description = taken(call!(CFCopyDescription(number)));
    let address = call!(CFGetAllocator(number)).addr();
    assert_eq!(
        description,
        format!("<CFNumber {number:p} [{address:#x}]>{{value = -5, type = kCFNumberSInt32Type}}")
    );
    let description = taken(call!(CFCopyDescription(array)));
    assert!(
        description.contains("{type = immutable, count = 2, values = (\n\t0 : <CFNumber 0x"),
        "{description}"
    );
    assert!(description.contains("\n\t1 : <CFBoolean 0x"), "{description}");
    assert!(description.ends_with("{value = true}\n)}"), "{description}");
    call!(CFRelease(number));
    call!(CFRelease(array));
}

#[test]
fn objects_have_the_allocator_that_they_were_made_with() {
    let object = string("x");
    assert_eq!(call!(CFGetAllocator(object)), call!(CFAllocatorGetDefault()));
    assert_eq!(call!(CFAllocatorGetDefault()), kCFAllocatorSystemDefault.get());
    call!(CFRelease(object));
    let object = call!(CFStringCreateMutable(kCFAllocatorMalloc.get(), 0));
    assert_eq!(call!(CFGetAllocator(object)), kCFAllocatorMalloc.get());
    call!(CFRelease(object));
    assert!(call!(CFStringCreateMutable(kCFAllocatorNull.get(), 0)).is_null());
}

#[test]
fn memory_grows_and_keeps_its_contents() {
    let memory = call!(CFAllocatorAllocate(ptr::null(), 4, 0)).cast::<u8>();
    // SAFETY: room for four bytes, and then for more.
    let contents = unsafe {
        memory.copy_from(b"abcd".as_ptr(), 4);
        let memory = call!(CFAllocatorReallocate(ptr::null(), memory.cast(), 400, 0)).cast::<[u8; 4]>();
        let contents = memory.read();
        call!(CFAllocatorDeallocate(ptr::null(), memory.cast()));
        contents
    };
    assert_eq!(&contents, b"abcd");
    assert!(call!(CFAllocatorAllocate(kCFAllocatorNull.get(), 4, 0)).is_null());
    assert!(call!(CFAllocatorAllocate(ptr::null(), 0, 0)).is_null());
}

#[test]
fn an_allocator_of_the_programs_is_asked_and_released() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static FREED: AtomicUsize = AtomicUsize::new(0);
    static RELEASED: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C-unwind" fn allocate(
        size: CFIndex,
        _hint: CFOptionFlags,
        info: *mut c_void,
    ) -> *mut c_void {
        assert_eq!(size, 24);
        info
    }
    unsafe extern "C-unwind" fn deallocate(_memory: *mut c_void, _info: *mut c_void) {
        FREED.fetch_add(1, Ordering::Relaxed);
    }
    unsafe extern "C-unwind" fn release(_info: *const c_void) {
        RELEASED.fetch_add(1, Ordering::Relaxed);
    }
    let mut place = 0u8;
    let mut context = CFAllocatorContext {
        version: 0,
        info: (&raw mut place).cast(),
        retain: None,
        release: Some(release),
        copyDescription: None,
        allocate: Some(allocate),
        reallocate: None,
        deallocate: Some(deallocate),
        preferredSize: None,
    };
    let allocator = call!(CFAllocatorCreate(ptr::null(), &raw mut context));
    assert_eq!(call!(CFAllocatorAllocate(allocator, 24, 0)), (&raw mut place).cast());
    let bytes = b"bytes";
    let data = call!(CFDataCreateWithBytesNoCopy(ptr::null(), bytes.as_ptr(), 5, allocator));
    assert_eq!(call!(CFDataGetBytePtr(data)), bytes.as_ptr());
    call!(CFRelease(allocator));
    assert_eq!((FREED.load(Ordering::Relaxed), RELEASED.load(Ordering::Relaxed)), (0, 0));
    call!(CFRelease(data));
    assert_eq!((FREED.load(Ordering::Relaxed), RELEASED.load(Ordering::Relaxed)), (1, 1));
}
