//! Memory that a replay maps.

use super::plan::Memory;
use crate::backend::PortName;
use crate::memory::{CacheMode, MemoryDescriptor, SharedSliceMut};
use std::ptr::NonNull;

/// Where a mapping lies in its first page, this has to be the same for: the smallest page that any system has.
const PAGE: u64 = 0x1000;

/// The most bytes of one mapping. More is not mapped of any device, so the trace must lie.
pub(super) const SIZE_MAX: u64 = 1 << 30;

/// What connections have mapped.
///
/// A mapping is there until its connection unmaps memory of its type, or has no reference any more: what gives up either is
/// unsafe, and whoever does so promises that nobody accesses the memory (MEM-8, MEM-9).
#[derive(Default)]
pub(super) struct Mapped(Vec<Mapping>);

struct Mapping {
    connect: PortName,
    memory_type: i128,
    /// The place in the plan.
    memory: usize,
    protection: i32,
    descriptor: MemoryDescriptor,
}

/// Where memory is, for `mach_vm_region`.
pub(super) struct Region {
    pub(super) start: u64,
    pub(super) size: u64,
    pub(super) protection: i32,
}

impl Mapped {
    /// Maps what the plan has in this place: where it is already, if it is mapped. None if the host has not as much memory.
    pub(super) fn map(
        &mut self,
        connect: PortName,
        memory_type: i128,
        (place, memory): (usize, &Memory),
    ) -> Option<NonNull<u8>> {
        let known = self.0.iter().find(|mapping| mapping.memory == place);
        let descriptor = match known {
            Some(mapping) => mapping.descriptor.clone(),
            None => new(memory)?,
        };
        let address = descriptor.base();
        let is_known = |mapping: &Mapping| {
            (mapping.connect, mapping.memory_type, mapping.memory) == (connect, memory_type, place)
        };
        if !self.0.iter().any(is_known) {
            let protection = memory.protection;
            self.0.push(Mapping { connect, memory_type, memory: place, protection, descriptor });
        }
        Some(address)
    }

    /// `IOConnectUnmapMemory64`: what the connection has mapped as this type.
    pub(super) fn unmap(&mut self, connect: PortName, memory_type: i128) {
        self.0.retain(|mapping| (mapping.connect, mapping.memory_type) != (connect, memory_type));
    }

    /// The connection's last reference has been given up.
    pub(super) fn unmap_all(&mut self, connect: PortName) {
        self.0.retain(|mapping| mapping.connect != connect);
    }

    /// `mach_vm_region`: the region that holds `address`, or the next above.
    pub(super) fn region(&self, address: u64) -> Option<Region> {
        let region = |mapping: &Mapping| {
            let first = mapping.descriptor.base().addr().get() as u64;
            let start = first - first % PAGE;
            let end = (first + mapping.descriptor.length() as u64).next_multiple_of(PAGE);
            Region { start, size: end - start, protection: mapping.protection }
        };
        let above = self.0.iter().map(region).filter(|region| address < region.start + region.size);
        above.min_by_key(|region| region.start)
    }
}

/// New memory, with what it had when it was mapped.
fn new(memory: &Memory) -> Option<MemoryDescriptor> {
    let (offset, size) = (memory.address % PAGE, memory.size);
    if size == 0 || size > SIZE_MAX {
        return None;
    }
    let (offset, size) = (usize::try_from(offset).ok()?, usize::try_from(size).ok()?);
    let descriptor = MemoryDescriptor::new(offset.checked_add(size)?).ok()?.sub_range(offset, size).ok()?;
    if let Some(contents) = &memory.contents {
        let count = contents.len().min(size);
        // SAFETY: the memory has `size` bytes for as long as `descriptor` is there, of any alignment; nobody else knows of it yet.
        let bytes = unsafe { SharedSliceMut::<u8>::new(descriptor.base(), size, CacheMode::Copyback) };
        bytes.subslice(..count).ok()?.copy_from_slice(&contents[..count]).ok()?;
    }
    Some(descriptor)
}
