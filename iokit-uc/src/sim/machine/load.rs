//! Registries that were written down, brought to life.

use super::Machine;
use crate::archive::{Archive, ArchivedEntry, ArchivedService};
use crate::error::{Error, IoReturn, Result};
use crate::interface::EntryId;
use crate::sim::failure::failed;
use crate::sim::keys::{ClassKey, ObjectKey};
use crate::sim::lifecycle;
use crate::sim::place::{PLANE_NAME_MAX, PlaneKey};
use crate::sim::shared::Shared;
use crate::sim::state::{Entry, State};
use crate::sim::state_bits::States;
use std::collections::HashMap;
use std::sync::Arc;

/// Machines with the registry of another one.
impl Machine {
    /// A machine with the registry of an archive: its entries with their numbers, names and locations, classes, states, busy
    /// counts and properties.
    ///
    /// ```
    /// use iokit_uc::archive::Archive;
    /// use iokit_uc::sim::Machine;
    /// use iokit_uc::{Matching, Service};
    ///
    /// let archive = Archive::from_text(
    ///     &br#"+-o AppleSmartBattery@6B  <class AppleSmartBattery, id 0x100000234, registered, matched, active, busy 0>
    ///     {
    ///       "CurrentCapacity" = 87
    ///     }
    /// "#[..],
    /// )?;
    /// let machine = Machine::from_archive(&archive)?;
    /// let kernel = machine.task("battery").kernel();
    /// let battery = Service::expect_first(&kernel, &Matching::class("AppleSmartBattery"))?;
    /// assert_eq!((battery.id()?, battery.location()?.as_deref()), (0x100000234, Some("6B")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// - An entry with the number of an earlier one is that entry, with one more parent.
    /// - A class whose superclass the archive does not tell (`ioreg -i` does) is a subclass of `IOService` if the entry has the
    ///   states of a service, else of `IORegistryEntry`. Classes that the kernel knows are what they are.
    /// - Services that are registered are found by matching. Those with a `name` or a `compatible` that are data compare names as
    ///   nubs of the device tree do (MT-9).
    /// - No driver is behind the services: they do not open, and a service that is busy stays so, until
    ///   [`adjust_busy`](Self::adjust_busy) says otherwise. Retain counts are the machine's own.
    /// - A tree that does not begin with the root hangs on the machine's platform expert, which is made if there is none, and so is
    ///   IOResources.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if an entry is deeper than its place allows, if two entries of different classes have one number, or
    /// one is its own ancestor, or has a number that no kernel gets to; and for a plane that cannot be.
    pub fn from_archive(archive: &Archive) -> Result<Self> {
        let mut state = State::bare();
        let taken = |entry: &ArchivedEntry| entry.id == Some(state.id_of(state.root).0) && !is_root(entry);
        if archive.entries.iter().any(taken) {
            let highest = archive.entries.iter().filter_map(|entry| entry.id).max().unwrap_or(0);
            state.number_as(state.root, EntryId(highest.saturating_add(1)));
        }
        state.load("Machine::from_archive", archive)?;
        state.complete();
        Ok(Self { shared: Shared::new(state, lifecycle::perform) })
    }

    /// Adds what an archive has, which may be of another plane: an entry with the number of one that is there is that entry, which
    /// gets its place, name and location in the plane. No task is told of what is new.
    ///
    /// # Errors
    ///
    /// Those of [`from_archive`](Self::from_archive). Of an archive that is refused some entries may have been added.
    pub fn load(&self, archive: &Archive) -> Result<()> {
        self.shared.lock().load("Machine::load", archive)
    }
}

fn refused(call: &'static str, detail: String) -> Error {
    failed(call, IoReturn::BAD_ARGUMENT, detail)
}

/// Numbers above this are left to entries that come later.
const ID_MAX: u64 = i64::MAX as u64;

impl State {
    fn load(&mut self, call: &'static str, archive: &Archive) -> Result<()> {
        archive.check().map_err(|flaw| refused(call, flaw))?;
        let name = &*archive.plane;
        if name.is_empty() || name.len() > PLANE_NAME_MAX || name.contains([':', '\0']) {
            return Err(refused(call, format!("{name:?} cannot be the name of a plane")));
        }
        // Entries without a number get one that no other has.
        let highest = archive.entries.iter().filter_map(|entry| entry.id).max().unwrap_or(0);
        if highest > ID_MAX {
            return Err(refused(call, format!("no entry gets to the number {highest:#x}")));
        }
        self.next_entry = self.next_entry.max(highest + 1);
        let plane = self.add_plane(name);
        let mut loading = Loading { call, plane, classes: HashMap::new(), above: Vec::new() };
        archive.entries.iter().try_for_each(|entry| loading.entry(self, entry))
    }
}

struct Loading {
    call: &'static str,
    plane: PlaneKey,
    classes: HashMap<Arc<str>, ClassKey>,
    /// The entry that was loaded last, and before it those above it.
    above: Vec<ObjectKey>,
}

impl Loading {
    fn entry(&mut self, state: &mut State, archived: &ArchivedEntry) -> Result<()> {
        self.above.truncate(archived.depth as usize);
        let parent = self.above.last().copied();
        let object = match (parent, is_root(archived)) {
            (None, true) => self.root(state, archived)?,
            _ => {
                let known = archived.id.and_then(|id| state.entries.get(&EntryId(id)).copied());
                let object = match known {
                    Some(object) => self.join(state, object, archived)?,
                    None => self.make(state, archived)?,
                };
                let parent = parent.or_else(|| self.default_parent(state, object));
                let attached = parent.is_none_or(|parent| state.attach_in(object, parent, self.plane));
                if known.is_none() {
                    // The registry's references keep the entry from now on.
                    state.release(object);
                }
                if !attached {
                    let name = archived.name_and_location();
                    return Err(refused(self.call, format!("{name} would be its own ancestor")));
                }
                object
            }
        };
        self.above.push(object);
        Ok(())
    }

    /// What a tree hangs on that does not begin with the root; nothing if it is in the plane already.
    fn default_parent(&self, state: &mut State, object: ObjectKey) -> Option<ObjectKey> {
        if state.parent(object, self.plane).is_some() {
            return None;
        }
        if self.plane == PlaneKey::SERVICE {
            state.complete();
            return Some(state.platform);
        }
        Some(state.root)
    }

    fn root(&self, state: &mut State, archived: &ArchivedEntry) -> Result<ObjectKey> {
        let root = state.root;
        if let Some(id) = archived.id.filter(|&id| id != 0) {
            self.number(state, root, archived, id)?;
        }
        let mut planes = Vec::new();
        if let Some(entry) = state.entry_mut(root) {
            let own = std::mem::take(&mut entry.properties);
            entry.properties = archived.properties.clone();
            for (key, value) in own.iter() {
                let replaced = entry.properties.insert(key, value.clone());
                let names = replaced.as_ref().and_then(|value| value.as_dictionary()).into_iter();
                planes.extend(names.flat_map(|names| names.keys().map(String::from).collect::<Vec<_>>()));
            }
        }
        for name in planes.iter().filter(|name| name.len() <= PLANE_NAME_MAX) {
            state.add_plane(name);
        }
        Ok(root)
    }

    fn number(&self, state: &mut State, object: ObjectKey, archived: &ArchivedEntry, id: u64) -> Result<()> {
        if state.number_as(object, EntryId(id)) {
            return Ok(());
        }
        let name = archived.name_and_location();
        Err(refused(self.call, format!("{name} has the number {id:#x}, which is another entry's")))
    }

    fn make(&mut self, state: &mut State, archived: &ArchivedEntry) -> Result<ObjectKey> {
        let class = self.class(state, archived);
        let is_data = |key| archived.properties.get(key).is_some_and(|value| value.as_data().is_some());
        let entry = Entry {
            name: Some(Arc::clone(&archived.name)),
            location: archived.location.clone(),
            properties: archived.properties.clone(),
            device_tree_names: is_data("name") || is_data("compatible"),
            ..Entry::default()
        };
        let object = state.make_entry(class, entry);
        if let Some(id) = archived.id.filter(|&id| id != 0) {
            self.number(state, object, archived, id)?;
        }
        if let Some(service) = archived.service
            && state.is_kind_of(object, "IOService")
        {
            state.restore(object, class, service);
        }
        Ok(object)
    }

    /// An entry that is there already: elsewhere in this plane, or in another one.
    fn join(&mut self, state: &mut State, object: ObjectKey, archived: &ArchivedEntry) -> Result<ObjectKey> {
        let class = self.class(state, archived);
        let id = archived.id.unwrap_or_default();
        if state.objects[object].class != class {
            let (known, class) = (state.classes.name(state.objects[object].class), &archived.class);
            return Err(refused(
                self.call,
                format!("the entry {id:#x} is of the class {known}, and of {class}"),
            ));
        }
        if let Some(entry) = state.entry_mut(object)
            && entry.properties.is_empty()
        {
            entry.properties = archived.properties.clone();
        }
        if state.name_in(object, Some(self.plane)) != &*archived.name {
            state.set_name(object, Some(self.plane), &archived.name);
        }
        match (state.location_in(object, Some(self.plane)), &archived.location) {
            (known, Some(location)) if known != Some(location) => {
                state.set_location(object, Some(self.plane), location);
            }
            // It has one where it was loaded from, and none here: so it is that plane's.
            (Some(_), None) if self.plane != PlaneKey::SERVICE => {
                let global = state.entry_mut(object).and_then(|entry| entry.location.take());
                global
                    .iter()
                    .for_each(|location| state.set_location(object, Some(PlaneKey::SERVICE), location));
            }
            _ => {}
        }
        Ok(object)
    }

    fn class(&mut self, state: &mut State, archived: &ArchivedEntry) -> ClassKey {
        if let Some(&known) = self.classes.get(&archived.class) {
            return known;
        }
        let class = match &archived.inheritance {
            Some(path) => state.classes.define_path(path, "OSObject"),
            None if archived.service.is_some() => state.classes.define(&archived.class, "IOService"),
            None => state.classes.define(&archived.class, "IORegistryEntry"),
        };
        self.classes.insert(Arc::clone(&archived.class), class);
        class
    }
}

/// Whether it is the registry's root entry (REG-1).
fn is_root(entry: &ArchivedEntry) -> bool {
    *entry.name == *"Root" && *entry.class == *"IORegistryEntry"
}

impl State {
    /// A service as far as it had come.
    fn restore(&mut self, object: ObjectKey, class: ClassKey, service: ArchivedService) {
        let is = |bit| service.is(bit);
        let (registered, matched) = (is(ArchivedService::REGISTERED), is(ArchivedService::MATCHED));
        // The text does not tell what is so for the first time; it has been if it is now.
        let states = States {
            inactive: is(ArchivedService::INACTIVE),
            registered,
            matched,
            first_publish: registered || is(ArchivedService::FIRST_PUBLISHED),
            first_match: matched || is(ArchivedService::FIRST_MATCHED),
        };
        if states.first_publish && !states.inactive {
            self.classes.add_instance(class, object);
        }
        if let Some(entry) = self.entry_mut(object) {
            entry.states = states;
        }
        self.restore_busy(object, service.busy, service.busy_time);
    }
}
