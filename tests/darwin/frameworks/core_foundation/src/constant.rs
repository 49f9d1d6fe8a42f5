//! Variables of the program whose values are objects that never die.

use crate::abi::CFTypeRef;
use crate::object::{Contents, Object};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Such a variable, as the program sees it: a pointer.
#[repr(transparent)]
pub(crate) struct Constant(AtomicPtr<c_void>);

impl Constant {
    pub(crate) const fn null() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Gives it an object of its own, before the program runs.
    pub(crate) fn set(&self, contents: impl Contents) {
        self.0.store(Object::immortal(contents).reference().cast_mut(), Ordering::Release);
    }

    pub(crate) fn get(&self) -> CFTypeRef {
        self.0.load(Ordering::Acquire)
    }
}
