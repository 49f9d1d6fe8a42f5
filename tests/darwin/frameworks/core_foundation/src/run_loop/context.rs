//! What the program wants handed to its functions.

use crate::abi::{ContextCopyDescription, ContextRelease, ContextRetain, Opaque, c_void};
use std::sync::{Mutex, PoisonError};

/// A program's pointer, retained by the program's function for as long as it is needed.
pub(super) struct Info {
    info: Mutex<Option<Opaque>>,
    pub(super) retain: ContextRetain,
    pub(super) release: ContextRelease,
    pub(super) copy_description: ContextCopyDescription,
}

impl Info {
    pub(super) fn new(
        info: *mut c_void,
        retain: ContextRetain,
        release: ContextRelease,
        copy_description: ContextCopyDescription,
    ) -> Self {
        let info = match retain {
            // SAFETY: the program gave the function for this value.
            Some(retain) => unsafe { retain(info) },
            None => info,
        };
        Self { info: Mutex::new(Some(Opaque(info))), retain, release, copy_description }
    }

    /// Null once it is released.
    pub(super) fn get(&self) -> *mut c_void {
        let info = *self.info.lock().unwrap_or_else(PoisonError::into_inner);
        info.map_or(std::ptr::null_mut(), Opaque::get_mut)
    }

    /// Once.
    pub(super) fn release(&self) {
        let info = self.info.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(info), Some(release)) = (info, self.release) {
            // SAFETY: the program gave the function for this value.
            unsafe { release(info.get()) }
        }
    }
}
