//! A mapping (`IOMemoryMap`), and what a task has of it.

use super::keys::{ObjectKey, TaskKey};
use crate::backend::MAP_ANYWHERE;
use crate::memory::{Address, MapOptions, MappedRange, MemoryDescriptor, page_size};
use std::fmt;

pub(super) const ANYWHERE: MapOptions = MapOptions(MAP_ANYWHERE);
/// `kIOMapCacheMask`, of the task's bits.
pub(super) const CACHE_MASK: u32 = 0xf00;
pub(super) const STATIC: MapOptions = MapOptions(0x0100_0000);
pub(super) const REFERENCE: MapOptions = MapOptions(0x0200_0000);
pub(super) const OVERWRITE: MapOptions = MapOptions(0x2000_0000);
pub(super) const GUARDED_MASK: u32 = MapOptions::GUARDED_SMALL.0 | MapOptions::GUARDED_LARGE.0;
pub(super) const LARGE_GUARD: usize = 0x1_0000;
/// `kIOMapUserOptionsMask`: the bits that are the task's, all others being the driver's (MEM-2).
pub(super) const USER_MASK: u32 = 0xfff;

/// A mapping. What it is of stays as long as it does.
pub(super) struct MemoryMap {
    pub(super) memory: MemoryDescriptor,
    pub(super) options: MapOptions,
    /// None when the task is gone, or has let go of the mapping's name (MEM-10).
    pub(super) place: Option<Place>,
    pub(super) backing: Backing,
    /// The name's last reference takes it along (MEM-10a).
    pub(super) is_unmapped: bool,
    /// Nobody has unmapped it through the client that it was mapped through, and so a program may still count on it, whatever
    /// else ends it: with how many mappings, by client. For those alone that go by counts (MEM-10a).
    pub(super) counted: Vec<(ObjectKey, u32)>,
    /// It was made while its client went, which is all that holds it.
    pub(super) is_late: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) task: TaskKey,
    pub(super) address: Address,
}

/// What keeps the addresses of a mapping.
pub(super) enum Backing {
    Range(MappedRange),
    /// A larger mapping, which it is a part of.
    Within(ObjectKey),
    /// It has none of its own: it is where the task has the memory already (MEM-5), or has lost them.
    Nothing,
}

/// Addresses that are mapped, though no mapping has them any more.
pub(super) struct Leftover {
    /// The task that has them. None if it is only that a program may still look at them from safe code, which in this
    /// process must do no harm.
    pub(super) task: Option<TaskKey>,
    pub(super) range: MappedRange,
    pub(super) is_writable: bool,
}

/// Part of a task's address space.
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) size: usize,
    pub(super) is_writable: bool,
}

/// Memory that a task has mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedMemory {
    /// Where it begins.
    pub address: usize,
    /// Its size in bytes: the descriptor's length.
    pub size: usize,
    /// Whether the task cannot write.
    pub is_read_only: bool,
}

impl fmt::Display for MappedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.is_read_only { "read only" } else { "read and write" };
        write!(f, "{} bytes at {:#x}, {access}", self.size, self.address)
    }
}

/// What a driver and a task ask for together.
pub(super) fn merge_options(driver: MapOptions, task: u32) -> MapOptions {
    MapOptions((driver.0 & !USER_MASK) | (task & USER_MASK))
}

/// What a mapping that there is already is looked for by (MEM-8).
pub(super) fn lookup_options(driver: MapOptions) -> MapOptions {
    MapOptions(driver.0 & !USER_MASK) | ANYWHERE | REFERENCE
}

impl MapOptions {
    pub(super) fn is_read_only(self) -> bool {
        self.contains(Self::READ_ONLY)
    }

    pub(super) fn guard(self) -> usize {
        match self.0 & GUARDED_MASK {
            0 => 0,
            mask if mask == Self::GUARDED_LARGE.0 => LARGE_GUARD.max(page_size()),
            _ => page_size(),
        }
    }
}

impl MemoryMap {
    /// `copyCompatible`: whether memory can be seen through this mapping as `options` want it, and at which address
    /// (MEM-6).
    pub(super) fn shows(
        &self,
        memory: &MemoryDescriptor,
        task: TaskKey,
        at: usize,
        options: MapOptions,
    ) -> Option<Address> {
        let place = self.place.filter(|place| place.task == task)?;
        let differing = self.options.0 ^ options.0;
        let cache_differs = options.0 & CACHE_MASK != 0 && differing & CACHE_MASK != 0;
        let offset = memory.offset().checked_sub(self.memory.offset())?;
        let fits = self.memory.shares_memory(memory)
            && offset.checked_add(memory.length()).is_some_and(|end| end <= self.memory.length())
            && differing & (MapOptions::READ_ONLY.0 | GUARDED_MASK) == 0
            && !cache_differs
            && (options.contains(ANYWHERE) || place.address.0.addr().get() == at);
        // SAFETY: the part lies within what is mapped there.
        fits.then(|| Address(unsafe { place.address.0.add(offset) }))
    }

    pub(super) fn is_whole(&self, memory: &MemoryDescriptor) -> bool {
        (self.memory.offset(), self.memory.length()) == (memory.offset(), memory.length())
    }

    /// The pages that it takes up, if they are its own.
    pub(super) fn region(&self) -> Option<Region> {
        self.place?;
        let is_writable = !self.options.is_read_only();
        match &self.backing {
            Backing::Range(range) => {
                Some(Region { start: range.start().addr().get(), size: range.size(), is_writable })
            }
            Backing::Within(_) => None,
            Backing::Nothing => {
                let (start, length) = (self.memory.base().addr().get(), self.memory.length());
                let first = start - start % page_size();
                let size = (start + length).next_multiple_of(page_size()) - first;
                Some(Region { start: first, size, is_writable })
            }
        }
    }
}
