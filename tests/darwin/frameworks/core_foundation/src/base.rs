//! What is done with objects of any class.

use crate::abi::{Boolean, CFHashCode, CFIndex, CFTypeID, CFTypeRef};
use crate::object::{find, make};
use crate::ownership::{self, Hold};
use crate::string::Text;
use darwin_calls::misuse;
use std::ptr;

pub(crate) fn CFRetain(object: CFTypeRef) -> CFTypeRef {
    Hold::of(object).into_reference()
}

/// The wrapper has taken the reference from the program.
pub(crate) fn CFRelease(object: CFTypeRef) {
    if object.is_null() {
        misuse("a null pointer was given for an object")
    }
    ownership::release(object);
}

pub(crate) fn CFGetRetainCount(object: CFTypeRef) -> CFIndex {
    find(object).references.count().cast_signed()
}

pub(crate) fn CFGetTypeID(object: CFTypeRef) -> CFTypeID {
    find(object).class().id
}

pub(crate) fn CFEqual(a: CFTypeRef, b: CFTypeRef) -> Boolean {
    find(a).equal(&find(b)).into()
}

pub(crate) fn CFHash(object: CFTypeRef) -> CFHashCode {
    find(object).hash()
}

pub(crate) fn CFCopyDescription(object: CFTypeRef) -> crate::abi::CFStringRef {
    if object.is_null() {
        return ptr::null();
    }
    make(ptr::null(), Text::new(&find(object).description()))
}

/// The name of a class.
pub(crate) fn CFCopyTypeIDDescription(id: CFTypeID) -> crate::abi::CFStringRef {
    match crate::classes().find(|class| class.id == id) {
        Some(class) => make(ptr::null(), Text::new(class.name)),
        None => ptr::null(),
    }
}

/// Prints to stderr: a string itself, of another object what `%@` prints.
pub(crate) fn CFShow(object: CFTypeRef) {
    if object.is_null() {
        darwin_loader::say("(null)");
        return;
    }
    darwin_loader::say(format_args!("{}", crate::string::format::object(&find(object))));
}
