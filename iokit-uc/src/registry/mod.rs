//! Entries of the I/O Registry.

use crate::backend::{Backend, PortName};
use crate::error::Result;
use crate::kernel::Kernel;
use crate::object::{Object, check, text};
use std::ffi::CString;
use std::ops::Deref;

/// `io_registry_entry_t`: an entry of the I/O Registry, which is an [`Object`].
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "io_registry_entry_t")]
pub struct RegistryEntry(Object);

impl RegistryEntry {
    /// Takes over a name that something else has obtained.
    ///
    /// # Safety
    ///
    /// As for [`Object::from_raw`].
    pub unsafe fn from_raw(kernel: Kernel, name: PortName) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { Object::from_raw(kernel, name) })
    }

    /// The name with its user reference: whoever takes it must release it.
    pub fn into_raw(self) -> PortName {
        self.0.into_raw()
    }

    pub(crate) fn from_answer(kernel: &Kernel, name: PortName) -> Option<Self> {
        Object::from_answer(kernel, name).map(Self)
    }

    /// `IORegistryEntryGetName`: the entry's name, or its class if it has none (REG-5).
    #[doc(alias = "IORegistryEntryGetName")]
    pub fn name(&self) -> Result<String> {
        let mut name = CString::default();
        check("IORegistryEntryGetName", self.kernel().io_registry_entry_get_name(self.as_raw(), &mut name))?;
        text("IORegistryEntryGetName", name)
    }

    /// `IORegistryEntryGetRegistryEntryID`: the entry's number, unique while the kernel runs (REG-2).
    #[doc(alias = "IORegistryEntryGetRegistryEntryID")]
    pub fn id(&self) -> Result<u64> {
        let mut id = 0;
        let code = self.kernel().io_registry_entry_get_registry_entry_id(self.as_raw(), &mut id);
        check("IORegistryEntryGetRegistryEntryID", code)?;
        Ok(id)
    }
}

impl Deref for RegistryEntry {
    type Target = Object;
    fn deref(&self) -> &Object {
        &self.0
    }
}
