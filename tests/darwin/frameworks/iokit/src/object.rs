//! Objects, and iterators over them.

use crate::abi::*;
use crate::machine::running;
use crate::ownership::{expect, returned_right};
use crate::pointers::{text, write_name};
use crate::string;
use darwin_calls::complain;
use iokit_uc::IoReturn;
use iokit_uc::backend::{Backend, NULL};
use std::ffi::CString;
use std::ptr;

/// # Safety
///
/// The reference must be the program's own to give up.
pub(crate) unsafe fn IOObjectRelease(object: io_object_t) -> kern_return_t {
    expect(object);
    // SAFETY: by the caller's promise.
    unsafe { running().task().io_object_release(object) }.raw()
}

pub(crate) fn IOObjectRetain(object: io_object_t) -> kern_return_t {
    expect(object);
    let code = running().task().io_object_retain(object);
    if code.is_success() {
        returned_right(object);
    }
    code.raw()
}

/// # Safety
///
/// `class` must have room for an `io_name_t`.
pub(crate) unsafe fn IOObjectGetClass(object: io_object_t, class: io_name_t) -> kern_return_t {
    let mut name = CString::default();
    let code = running().task().io_object_get_class(object, &mut name);
    if code.is_success() {
        // SAFETY: by the caller's promise.
        unsafe { write_name(class, "className", &name) };
    }
    code.raw()
}

pub(crate) fn IOObjectCopyClass(object: io_object_t) -> CFStringRef {
    match running().task().io_object_copy_class(object) {
        Some(class) => string::of_c(&class),
        None if object == NULL => ptr::null(),
        None => {
            complain(format_args!("{object:#x} is no object: on a Mac the string has undefined contents"));
            ptr::null()
        }
    }
}

/// What the library asks the kernel about a class: nothing without a class, and by a name that it has no room for.
fn of_class(class: CFStringRef, ask: impl FnOnce(&CString) -> Option<CString>) -> CFStringRef {
    if class.is_null() {
        return ptr::null();
    }
    let Some(name) = string::class_name(class) else {
        complain("`classname` does not fit 128 bytes: on a Mac the library asks for an undefined name");
        return ptr::null();
    };
    ask(&name).map_or(ptr::null(), |found| string::of_c(&found))
}

pub(crate) fn IOObjectCopySuperclassForClass(class: CFStringRef) -> CFStringRef {
    of_class(class, |class| running().task().io_object_copy_superclass_for_class(Some(class)))
}

pub(crate) fn IOObjectCopyBundleIdentifierForClass(class: CFStringRef) -> CFStringRef {
    of_class(class, |class| running().task().io_object_copy_bundle_identifier_for_class(Some(class)))
}

/// # Safety
///
/// `class` must be a C string.
pub(crate) unsafe fn IOObjectConformsTo(object: io_object_t, class: *const c_char) -> boolean_t {
    // SAFETY: by the caller's promise.
    let class = unsafe { text(class, "className") };
    running().task().io_object_conforms_to(object, class).into()
}

pub(crate) fn IOObjectIsEqualTo(object: io_object_t, other: io_object_t) -> boolean_t {
    running().task().io_object_is_equal_to(object, other).into()
}

pub(crate) fn IOObjectGetKernelRetainCount(object: io_object_t) -> u32 {
    running().task().io_object_get_kernel_retain_count(object)
}

pub(crate) use IOObjectGetKernelRetainCount as IOObjectGetRetainCount;

pub(crate) fn IOObjectGetUserRetainCount(object: io_object_t) -> u32 {
    running().task().io_object_get_user_retain_count(object)
}

pub(crate) fn IOIteratorNext(iterator: io_iterator_t) -> io_object_t {
    running().task().io_iterator_next(iterator)
}

pub(crate) fn IOIteratorReset(iterator: io_iterator_t) {
    running().task().io_iterator_reset(iterator);
}

pub(crate) fn IOIteratorIsValid(iterator: io_iterator_t) -> boolean_t {
    running().task().io_iterator_is_valid(iterator).into()
}

/// The host's main port (CN-3). The bootstrap port is not looked at.
///
/// # Safety
///
/// `main_port` must be fit to be written.
pub(crate) unsafe fn IOMainPort(_bootstrap: mach_port_t, main_port: *mut mach_port_t) -> kern_return_t {
    // SAFETY: by the caller's promise.
    unsafe {
        crate::pointers::update(main_port, "mainPort", |name| *name = running().task().io_main_port());
    }
    IoReturn::SUCCESS.raw()
}

pub(crate) use IOMainPort as IOMasterPort;

pub(crate) static kIOMainPortDefault: mach_port_t = NULL;
pub(crate) static kIOMasterPortDefault: mach_port_t = NULL;
