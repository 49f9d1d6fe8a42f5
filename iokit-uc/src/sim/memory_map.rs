//! Memory that is mapped into tasks: who shares which mapping, and what a task has (MEM-3 … MEM-6, MEM-11).

use super::keys::{ObjectKey, TaskKey};
use super::mapping::{
    ANYWHERE, Backing, GUARDED_MASK, Leftover, MappedMemory, MemoryMap, OVERWRITE, Place, REFERENCE, Region,
    STATIC,
};
use super::report::Misuse;
use super::state::{Body, State};
use crate::memory::{Address, MapOptions, MemoryDescriptor, page_size};

impl State {
    /// `createMappingInTask`: the mapping, with a reference for the caller. None for whatever reason (MEM-1).
    pub(super) fn create_mapping(
        &mut self,
        memory: &MemoryDescriptor,
        owner: (usize, usize),
        task: TaskKey,
        at: usize,
        options: MapOptions,
    ) -> Option<ObjectKey> {
        if !self.task(task).alive {
            return None;
        }
        for (option, name) in [(STATIC, "kIOMapStatic"), (OVERWRITE, "kIOMapOverwrite")] {
            if options.contains(option) {
                self.misuses.push(Misuse::NotModelled(format!("a driver maps memory with {name}")));
                return None;
            }
        }
        if !options.contains(MapOptions::UNIQUE) {
            if let Some(shared) = self.share_mapping(memory, task, at, options) {
                return Some(shared);
            }
            if options.contains(REFERENCE) {
                return None;
            }
        }
        let is_anywhere = options.contains(ANYWHERE);
        let is_guarded = options.0 & GUARDED_MASK != 0;
        if memory.length() == 0 || (is_guarded && !is_anywhere) {
            return None;
        }
        let (address, backing) = match memory.task() {
            None => {
                // The first byte lands in its page where it is in the memory's.
                let place = at.saturating_sub(memory.offset_in_page());
                let place = (!is_anywhere).then(|| place - place % page_size());
                let range = memory.map(place, !options.is_read_only(), options.guard())?;
                // SAFETY: the first byte is in the first page of the range.
                (unsafe { range.start().add(memory.offset_in_page()) }, Backing::Range(range))
            }
            Some(described)
                if described == owner
                    && is_anywhere
                    && !is_guarded
                    && !options.contains(MapOptions::UNIQUE)
                    && memory.offset() == 0 =>
            {
                (memory.base(), Backing::Nothing)
            }
            Some(_) => {
                let what = "memory of a task's is mapped, but not where it is already";
                self.misuses.push(Misuse::NotModelled(what.into()));
                return None;
            }
        };
        Some(self.add_map(memory, task, Address(address), options, backing))
    }

    /// The first mapping that shows the memory, or a part of that one.
    fn share_mapping(
        &mut self,
        memory: &MemoryDescriptor,
        task: TaskKey,
        at: usize,
        options: MapOptions,
    ) -> Option<ObjectKey> {
        let (shared, address, is_whole) = self.maps.iter().find_map(|&key| {
            let map = self.map(key)?;
            Some((key, map.shows(memory, task, at, options)?, map.is_whole(memory)))
        })?;
        self.retain(shared);
        if is_whole {
            return Some(shared);
        }
        Some(self.add_map(memory, task, address, options, Backing::Within(shared)))
    }

    fn add_map(
        &mut self,
        memory: &MemoryDescriptor,
        task: TaskKey,
        address: Address,
        options: MapOptions,
        backing: Backing,
    ) -> ObjectKey {
        let map = MemoryMap {
            memory: memory.clone(),
            options,
            place: Some(Place { task, address }),
            backing,
            is_unmapped: false,
            counted: Vec::new(),
            is_late: false,
        };
        let class = self.classes.define("IOMemoryMap", "OSObject");
        let key = self.make_object(class, Body::Map(map));
        self.maps.push(key);
        key
    }

    pub(super) fn map(&self, key: ObjectKey) -> Option<&MemoryMap> {
        match &self.objects.get(key)?.body {
            Body::Map(map) => Some(map),
            _ => None,
        }
    }

    fn map_mut(&mut self, key: ObjectKey) -> Option<&mut MemoryMap> {
        match &mut self.objects.get_mut(key)?.body {
            Body::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Where a mapping is, and how much.
    pub(super) fn extent(&self, key: ObjectKey) -> Option<(Address, usize)> {
        let map = self.map(key)?;
        Some((map.place?.address, map.memory.length()))
    }

    /// The client keeps a mapping of its task's (MEM-9), whose reference it takes over. It has each but once.
    pub(super) fn keep_mapping(&mut self, client: ObjectKey, key: ObjectKey) {
        let Some(entry) = self.entry_mut(client) else { return self.release(key) };
        let is_late = entry.states.inactive;
        let mappings = entry.mappings.get_or_insert_default();
        if mappings.contains(&key) {
            return self.release(key);
        }
        mappings.push(key);
        if let Some(map) = self.map_mut(key) {
            map.is_late |= is_late;
        }
    }

    /// The client gives up a mapping that it keeps, if it does.
    pub(super) fn forget_mapping(&mut self, client: ObjectKey, key: ObjectKey) {
        let Some(mappings) = self.entry_mut(client).and_then(|entry| entry.mappings.as_mut()) else { return };
        if let Some(position) = mappings.iter().position(|&kept| kept == key) {
            mappings.remove(position);
            self.release(key);
        }
    }

    /// One mapping more, or one less, through a client that counts (MEM-10a).
    pub(super) fn count_mapping(&mut self, client: ObjectKey, key: ObjectKey, is_map: bool) {
        let Some(map) = self.map_mut(key) else { return };
        let position = map.counted.iter().position(|(counting, _)| *counting == client);
        match position {
            Some(position) if is_map => map.counted[position].1 += 1,
            Some(position) => {
                map.counted[position].1 -= 1;
                if map.counted[position].1 == 0 {
                    map.counted.remove(position);
                }
            }
            None if is_map => map.counted.push((client, 1)),
            None => {}
        }
    }

    /// `userClientUnmap`: from now on the name's last reference takes the mapping along.
    pub(super) fn unmap_with_name(&mut self, key: ObjectKey) {
        if let Some(map) = self.map_mut(key) {
            map.is_unmapped = true;
        }
    }

    /// `taskDied`, if it is a mapping whose name is gone. Without an unmap before, what it maps stays with the task (MEM-10).
    pub(super) fn lose_name(&mut self, key: ObjectKey) {
        // One reference is that of the port which goes.
        let is_held = self.objects.get(key).is_some_and(|object| object.retains > 1);
        let Some(map) = self.map_mut(key) else { return };
        let Some(place) = map.place.take() else { return };
        let (is_unmapped, is_counted) = (map.is_unmapped, !map.counted.is_empty());
        let is_writable = !map.options.is_read_only();
        if let Backing::Range(_) = map.backing {
            let Backing::Range(range) = std::mem::replace(&mut map.backing, Backing::Nothing) else { return };
            if !is_unmapped {
                self.leftovers.push(Leftover { task: Some(place.task), range, is_writable });
            } else if is_held || is_counted {
                self.leftovers.push(Leftover { task: None, range, is_writable });
            }
        }
    }

    /// A mapping that nothing refers to any more.
    pub(super) fn free_map(&mut self, key: ObjectKey, map: MemoryMap) {
        self.maps.retain(|&live| live != key);
        let is_writable = !map.options.is_read_only();
        match map.backing {
            Backing::Range(range) if map.is_late || !map.counted.is_empty() => {
                self.leftovers.push(Leftover { task: None, range, is_writable });
            }
            Backing::Within(larger) => self.release(larger),
            Backing::Range(_) | Backing::Nothing => {}
        }
    }

    /// The task's address space goes. What programs may still look at stays mapped until the machine goes.
    pub(super) fn lose_address_space(&mut self, task: TaskKey) {
        for leftover in &mut self.leftovers {
            if leftover.task == Some(task) {
                leftover.task = None;
            }
        }
        for key in self.maps.clone() {
            let Some(map) = self.map_mut(key).filter(|map| map.place.is_some_and(|place| place.task == task))
            else {
                continue;
            };
            map.place = None;
            let is_writable = !map.options.is_read_only();
            if let Backing::Range(_) = map.backing
                && let Backing::Range(range) = std::mem::replace(&mut map.backing, Backing::Nothing)
            {
                self.leftovers.push(Leftover { task: None, range, is_writable });
            }
        }
    }

    /// What a task has mapped, by address.
    pub(super) fn mappings_of(&self, task: TaskKey) -> Vec<MappedMemory> {
        let maps = self.maps.iter().filter_map(|&key| {
            let map = self.map(key)?;
            let place = map.place.filter(|place| place.task == task)?;
            Some(MappedMemory {
                address: place.address.0.addr().get(),
                size: map.memory.length(),
                is_read_only: map.options.is_read_only(),
            })
        });
        let leftovers = self.leftovers.iter().filter(|leftover| leftover.task == Some(task));
        let leftovers = leftovers.map(|Leftover { range, is_writable, .. }| MappedMemory {
            address: range.start().addr().get(),
            size: range.size(),
            is_read_only: !is_writable,
        });
        let mut mappings: Vec<_> = maps.chain(leftovers).collect();
        mappings.sort_by_key(|mapping| (mapping.address, mapping.size));
        mappings
    }

    /// `mach_vm_region`: the task's region that `address` is in, or the next above.
    pub(super) fn region(&self, task: TaskKey, address: usize) -> Option<Region> {
        let maps = self.maps.iter().filter_map(|&key| {
            let map = self.map(key)?;
            map.place.filter(|place| place.task == task)?;
            map.region()
        });
        let leftovers = self.leftovers.iter().filter(|leftover| leftover.task == Some(task));
        let leftovers = leftovers.map(|Leftover { range, is_writable, .. }| Region {
            start: range.start().addr().get(),
            size: range.size(),
            is_writable: *is_writable,
        });
        // Where memory has but one view, several are in one place: then what any may do counts.
        maps.chain(leftovers)
            .filter(|region| address < region.start + region.size)
            .min_by_key(|region| (region.start.max(address), !region.is_writable))
    }
}
