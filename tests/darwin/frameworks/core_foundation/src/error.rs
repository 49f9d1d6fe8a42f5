//! `CFError`: a code of a domain, and what more is known.

use crate::abi::{CFAllocatorRef, CFDictionaryRef, CFErrorRef, CFIndex, CFStringRef, CFTypeID};
use crate::callbacks::{Functions, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks};
use crate::constant::Constant;
use crate::dictionary::{CFDictionaryCreateCopy, CFDictionaryGetValue, Dictionary};
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::ownership::Hold;
use crate::string::{self, Text};
use std::ptr;

macro_rules! strings {
    ($($name:ident = $value:literal;)*) => {
        $(pub(crate) static $name: Constant = Constant::null();)*

        pub(crate) fn init() {
            $($name.set(Text::new($value));)*
        }
    };
}

strings! {
    DEBUG_DESCRIPTION_KEY = "NSDebugDescription";
    kCFErrorDomainPOSIX = "NSPOSIXErrorDomain";
    kCFErrorDomainOSStatus = "NSOSStatusErrorDomain";
    kCFErrorDomainMach = "NSMachErrorDomain";
    kCFErrorDomainCocoa = "NSCocoaErrorDomain";
    kCFErrorLocalizedDescriptionKey = "NSLocalizedDescription";
    kCFErrorLocalizedFailureReasonKey = "NSLocalizedFailureReason";
    kCFErrorLocalizedRecoverySuggestionKey = "NSLocalizedRecoverySuggestion";
    kCFErrorDescriptionKey = "NSDescription";
    kCFErrorUnderlyingErrorKey = "NSUnderlyingError";
}

struct Failure {
    domain: Hold,
    code: CFIndex,
    /// A dictionary.
    information: Hold,
}

pub(crate) static CLASS: Class = Class { name: "CFError", id: 27 };

impl Contents for Failure {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Failure>().is_some_and(|other| {
            let parts =
                |failure: &Failure| [failure.domain.object().clone(), failure.information.object().clone()];
            let equal = parts(self).iter().zip(parts(other)).all(|(a, b)| a.equal(&b));
            self.code == other.code && equal
        })
    }

    fn hash(&self) -> Option<usize> {
        Some(self.domain.object().hash().wrapping_add(self.code.cast_unsigned()))
    }

    fn description(&self) -> String {
        self.summary()
    }

    fn formatted(&self) -> Option<String> {
        let domain = string::text(self.domain.reference());
        let keys = [
            &kCFErrorDescriptionKey,
            &DEBUG_DESCRIPTION_KEY,
            &kCFErrorLocalizedDescriptionKey,
            &kCFErrorLocalizedFailureReasonKey,
        ];
        let said = keys.into_iter().find_map(|key| self.said(key)).unwrap_or_else(|| "(null)".to_owned());
        Some(format!("Error Domain={domain} Code={} \"{said}\"", self.code))
    }

    fn summary(&self) -> String {
        format!("{} {}", string::text(self.domain.reference()), self.code)
    }
}

impl Kind for Failure {
    const CLASS: &'static Class = &CLASS;
}

impl Failure {
    fn said(&self, key: &Constant) -> Option<String> {
        let value = CFDictionaryGetValue(self.information.reference(), key.get());
        (!value.is_null()).then(|| string::text(value))
    }

    fn text(&self) -> String {
        if let Some(text) = self.said(&kCFErrorLocalizedDescriptionKey) {
            return text;
        }
        let (domain, code) = (string::text(self.domain.reference()), self.code);
        let why = match (self.said(&kCFErrorLocalizedFailureReasonKey), self.said(&kCFErrorDescriptionKey)) {
            (Some(reason), _) => reason,
            (None, Some(description)) => format!("({domain} error {code} - {description})"),
            (None, None) => format!("({domain} error {code}.)"),
        };
        format!("The operation couldn’t be completed. {why}")
    }
}

/// A reference to an error that is not the program's, with one thing that is known of it.
fn create(domain: &Constant, code: CFIndex, key: &Constant, words: &str) -> CFErrorRef {
    let keys = Functions::from(&kCFTypeDictionaryKeyCallBacks);
    let information = Dictionary::new(false, keys, Functions::from(&kCFTypeDictionaryValueCallBacks));
    let words = Hold::take(make(ptr::null(), Text::new(words)));
    information.add(key.get(), words.reference());
    let information = Hold::take(make(ptr::null(), information));
    make(ptr::null(), Failure { domain: Hold::of(domain.get()), code, information })
}

/// An error that the system has, by its number here.
pub(crate) fn posix(errno: i32) -> CFErrorRef {
    let errno = darwin_libsystem::to_darwin(errno);
    let reason = darwin_libsystem::error_text(errno);
    create(&kCFErrorDomainPOSIX, errno as CFIndex, &kCFErrorLocalizedFailureReasonKey, &reason)
}

/// An error with an explanation for programmers.
pub(crate) fn cocoa(code: CFIndex, explanation: &str) -> CFErrorRef {
    create(&kCFErrorDomainCocoa, code, &DEBUG_DESCRIPTION_KEY, explanation)
}

/// Codes of the domain Cocoa.
pub(crate) const READ_CORRUPT: CFIndex = 3840;
pub(crate) const READ_STREAM: CFIndex = 3842;
pub(crate) const WRITE_STREAM: CFIndex = 3851;

pub(crate) fn CFErrorCreate(
    allocator: CFAllocatorRef,
    domain: CFStringRef,
    code: CFIndex,
    information: CFDictionaryRef,
) -> CFErrorRef {
    of::<Text>(domain);
    let information = if information.is_null() {
        make(ptr::null(), Dictionary::new(false, Functions::default(), Functions::default()))
    } else {
        CFDictionaryCreateCopy(ptr::null(), information)
    };
    make(allocator, Failure { domain: Hold::of(domain), code, information: Hold::take(information) })
}

pub(crate) fn CFErrorGetDomain(error: CFErrorRef) -> CFStringRef {
    of::<Failure>(error).domain.reference()
}

pub(crate) fn CFErrorGetCode(error: CFErrorRef) -> CFIndex {
    of::<Failure>(error).code
}

pub(crate) fn CFErrorCopyUserInfo(error: CFErrorRef) -> CFDictionaryRef {
    of::<Failure>(error).information.clone().into_reference()
}

pub(crate) fn CFErrorCopyDescription(error: CFErrorRef) -> CFStringRef {
    make(ptr::null(), Text::new(&of::<Failure>(error).text()))
}

/// Null if it is not known.
pub(crate) fn CFErrorCopyFailureReason(error: CFErrorRef) -> CFStringRef {
    let reason = of::<Failure>(error).said(&kCFErrorLocalizedFailureReasonKey);
    reason.map_or(ptr::null(), |reason| make(ptr::null(), Text::new(&reason)))
}

pub(crate) fn CFErrorGetTypeID() -> CFTypeID {
    CLASS.id
}
