//! `CFString`: units of UTF-16.

mod compare;
mod constant;
mod create;
mod encoding;
pub(crate) mod format;
mod mutable;
mod read;

pub(crate) use compare::*;
#[cfg(test)]
pub(crate) use constant::tests::string as constant_for_tests;
pub(crate) use constant::{CLASS_REFERENCE, constant};
pub(crate) use create::*;
pub use encoding::{Encoding, Order};
pub use format::VaList;
pub(crate) use format::{
    CFStringAppendFormat, CFStringAppendFormatAndArguments, CFStringCreateWithFormat,
    CFStringCreateWithFormatAndArguments,
};
pub(crate) use mutable::*;
pub(crate) use read::*;

use crate::abi::{CFStringRef, CFTypeID};
use crate::object::{Class, Contents, Kind, Object, Of, of};
use darwin_calls::misuse;
use std::ffi::CString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub(crate) struct Text {
    mutable: bool,
    units: Mutex<Arc<Vec<u16>>>,
    /// The text as a C string, if it is plain enough, once the program has asked for it.
    c_string: OnceLock<Option<CString>>,
}

pub(crate) static CLASS: Class = Class { name: "CFString", id: 7 };

impl Contents for Text {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        other.downcast::<Text>().is_some_and(|other| self.units() == other.units())
    }

    fn hash(&self) -> Option<usize> {
        let mut hasher = DefaultHasher::new();
        self.units().hash(&mut hasher);
        Some(hasher.finish() as usize)
    }

    fn description(&self) -> String {
        format!("contents = \"{}\"", self.to_string_lossy())
    }

    fn formatted(&self) -> Option<String> {
        Some(self.to_string_lossy())
    }

    fn summary(&self) -> String {
        const SHOWN: usize = 40;
        let text = self.to_string_lossy();
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{:?}...", &text[..end]),
            None => format!("{text:?}"),
        }
    }
}

impl Kind for Text {
    const CLASS: &'static Class = &CLASS;
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        Self::of_units(text.encode_utf16().collect())
    }

    pub(crate) fn of_units(units: Vec<u16>) -> Self {
        Self { mutable: false, units: Mutex::new(Arc::new(units)), c_string: OnceLock::new() }
    }

    pub(crate) fn mutable(units: Vec<u16>) -> Self {
        Self { mutable: true, ..Self::of_units(units) }
    }

    pub(crate) fn units(&self) -> Arc<Vec<u16>> {
        self.lock().clone()
    }

    /// Half a surrogate pair is replaced.
    pub(crate) fn to_string_lossy(&self) -> String {
        String::from_utf16_lossy(&self.units())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<u16>>> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Vec<u16>) -> R) -> R {
        if !self.mutable {
            misuse("the CFString is immutable")
        }
        change(Arc::make_mut(&mut self.lock()))
    }
}

/// The text of the program's string.
pub(crate) fn units(string: CFStringRef) -> Arc<Vec<u16>> {
    of::<Text>(string).units()
}

pub(crate) fn text(string: CFStringRef) -> String {
    of::<Text>(string).to_string_lossy()
}

/// The program's string, and the part of its text that a range is of.
fn part(string: CFStringRef, range: crate::abi::CFRange) -> (Of<Text>, Vec<u16>) {
    let string = of::<Text>(string);
    let units = string.units();
    let bounds = crate::range::bounds(string.object(), range, units.len());
    let part = units[bounds].to_vec();
    (string, part)
}

pub(crate) fn CFStringGetTypeID() -> CFTypeID {
    CLASS.id
}
