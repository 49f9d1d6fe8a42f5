//! Children and parents.

use super::entry::RegistryEntry;
use super::plane::Plane;
use crate::backend::{Backend, NULL, PortName};
use crate::error::{IoReturn, Result};
use crate::object::{ObjectIterator, check, no_object};

impl RegistryEntry {
    /// `IORegistryEntryGetChildIterator`: the entry's children in `plane`, as they are now (REG-16).
    #[doc(alias = "IORegistryEntryGetChildIterator")]
    pub fn children(&self, plane: &Plane) -> Result<Entries> {
        let mut iterator = NULL;
        let code = self.kernel().io_registry_entry_get_child_iterator(
            self.as_raw(),
            plane.as_c_str(),
            &mut iterator,
        );
        self.neighbours("IORegistryEntryGetChildIterator", plane, code, iterator)
    }

    /// `IORegistryEntryGetParentIterator`: the entry's parents in `plane`, as they are now (REG-16). The first is
    /// [the parent](Self::parent) that paths follow.
    #[doc(alias = "IORegistryEntryGetParentIterator")]
    pub fn parents(&self, plane: &Plane) -> Result<Entries> {
        let mut iterator = NULL;
        let code = self.kernel().io_registry_entry_get_parent_iterator(
            self.as_raw(),
            plane.as_c_str(),
            &mut iterator,
        );
        self.neighbours("IORegistryEntryGetParentIterator", plane, code, iterator)
    }

    fn neighbours(
        &self,
        function: &'static str,
        plane: &Plane,
        code: IoReturn,
        iterator: PortName,
    ) -> Result<Entries> {
        check(function, code)?;
        match ObjectIterator::from_answer(self.kernel(), iterator) {
            Some(iterator) => Ok(Entries(iterator)),
            // Success without an iterator means that there is no such plane (REG-24).
            None => plane.check(function, self.kernel()).and(Err(no_object(function))),
        }
    }
}

/// Children or parents of an entry, as they were when they were asked for (REG-16): what changes in the registry meanwhile
/// does not show, and entries that have been terminated still come.
#[derive(Debug)]
pub struct Entries(ObjectIterator);

impl Entries {
    /// `IOIteratorReset`: starts anew, with the same entries.
    #[doc(alias = "IOIteratorReset")]
    pub fn reset(&mut self) {
        self.0.reset();
    }
}

impl Iterator for Entries {
    type Item = RegistryEntry;

    #[doc(alias = "IOIteratorNext")]
    fn next(&mut self) -> Option<RegistryEntry> {
        self.0.next().map(RegistryEntry::from_object)
    }
}
