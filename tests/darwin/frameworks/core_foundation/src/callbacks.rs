//! What a collection does with the values that it holds: functions of the program, or those for objects.

use crate::abi::*;
use crate::object::{find, make};
use crate::ownership::{self, Hold};
use crate::string::Text;
use std::ptr;

/// The functions of a struct of callbacks. Without them values are pointers of no meaning.
#[derive(Clone, Copy, Default)]
pub(crate) struct Functions {
    retain: CFArrayRetainCallBack,
    release: CFArrayReleaseCallBack,
    describe: CFArrayCopyDescriptionCallBack,
    equal: CFArrayEqualCallBack,
    hash: CFSetHashCallBack,
}

macro_rules! from_structs {
    ($($name:ident: $callbacks:ident => $hash:expr;)*) => {$(
        impl From<&$name> for Functions {
            fn from($callbacks: &$name) -> Self {
                let &$name { retain, release, copyDescription: describe, equal, .. } = $callbacks;
                Functions { retain, release, describe, equal, hash: $hash }
            }
        }
    )*};
}

from_structs! {
    CFArrayCallBacks: callbacks => None;
    CFSetCallBacks: callbacks => callbacks.hash;
    CFDictionaryKeyCallBacks: callbacks => callbacks.hash;
    CFDictionaryValueCallBacks: callbacks => None;
}

impl Functions {
    /// # Safety
    ///
    /// `callbacks` must be null, or point to one of the structs of callbacks.
    pub(crate) unsafe fn of<'a, T: 'a>(callbacks: *const T) -> Self
    where
        Self: From<&'a T>,
    {
        // SAFETY: by the caller's promise.
        unsafe { callbacks.as_ref() }.map(Self::from).unwrap_or_default()
    }

    /// The value to be kept for `value`.
    pub(crate) fn retain(&self, value: *const c_void) -> Opaque {
        Opaque(match self.retain {
            // SAFETY: the program gave the function for this value.
            Some(retain) => unsafe { retain(ptr::null(), value) },
            None => value,
        })
    }

    pub(crate) fn release(&self, value: Opaque) {
        if let Some(release) = self.release {
            // SAFETY: as above.
            unsafe { release(ptr::null(), value.get()) }
        }
    }

    pub(crate) fn equal(&self, a: *const c_void, b: *const c_void) -> bool {
        // SAFETY: as above.
        a == b || self.equal.is_some_and(|equal| unsafe { equal(a, b) } != 0)
    }

    pub(crate) fn hash(&self, value: *const c_void) -> usize {
        match self.hash {
            // SAFETY: as above.
            Some(hash) => unsafe { hash(value) },
            None => value.addr(),
        }
    }

    pub(crate) fn describe(&self, value: Opaque) -> String {
        let plain = || format!("<{:p}>", value.get());
        match self.describe {
            None => plain(),
            Some(function) if ptr::fn_addr_eq(function, describe as Describe) => {
                find(value.get()).description()
            }
            Some(function) => {
                // SAFETY: as above.
                let description = unsafe { function(value.get()) };
                if description.is_null() {
                    return plain();
                }
                ownership::consumed(description);
                let hold = Hold::take(description);
                hold.object().downcast::<Text>().map_or_else(plain, Text::to_string_lossy)
            }
        }
    }
}

type Describe = unsafe extern "C-unwind" fn(*const c_void) -> CFStringRef;

/// A collection's reference is not the program's.
unsafe extern "C-unwind" fn retain(_allocator: CFAllocatorRef, object: *const c_void) -> *const c_void {
    Hold::of(object).into_reference()
}

unsafe extern "C-unwind" fn copy_string(_allocator: CFAllocatorRef, string: *const c_void) -> *const c_void {
    crate::string::CFStringCreateCopy(ptr::null(), string)
}

unsafe extern "C-unwind" fn release(_allocator: CFAllocatorRef, object: *const c_void) {
    ownership::release(object);
}

/// Called by the program, if at all: its reference is not accounted for.
unsafe extern "C-unwind" fn describe(object: *const c_void) -> CFStringRef {
    make(ptr::null(), Text::new(&find(object).description()))
}

unsafe extern "C-unwind" fn equal(a: *const c_void, b: *const c_void) -> Boolean {
    find(a).equal(&find(b)).into()
}

unsafe extern "C-unwind" fn hash(object: *const c_void) -> CFHashCode {
    find(object).hash()
}

/// A struct of callbacks that are for objects.
macro_rules! of_objects {
    ($($variable:ident: $name:ident { $retain:ident $(, $hash:ident)? };)*) => {$(
        pub(crate) static $variable: $name = $name {
            version: 0,
            retain: Some($retain),
            release: Some(release),
            copyDescription: Some(describe),
            equal: Some(equal),
            $($hash: Some($hash),)?
        };
    )*};
}

of_objects! {
    kCFTypeArrayCallBacks: CFArrayCallBacks { retain };
    kCFTypeSetCallBacks: CFSetCallBacks { retain, hash };
    kCFCopyStringSetCallBacks: CFSetCallBacks { copy_string, hash };
    kCFTypeDictionaryKeyCallBacks: CFDictionaryKeyCallBacks { retain, hash };
    kCFCopyStringDictionaryKeyCallBacks: CFDictionaryKeyCallBacks { copy_string, hash };
    kCFTypeDictionaryValueCallBacks: CFDictionaryValueCallBacks { retain };
}
