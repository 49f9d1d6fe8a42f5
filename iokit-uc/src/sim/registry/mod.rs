//! The registry: entries, their numbers and names, and their places in the planes.

pub(super) mod iterator;
mod links;
mod path;

pub(super) use path::{LONG_PATH, PATH};

use super::catalogue::Catalogue;
use super::class::Classes;
use super::clock::Clock;
use super::keys::{ClassKey, ObjectKey, PortKey};
use super::place::{Label, PlaneKey, Planes};
use super::policy::AllowAll;
use super::queue::Woken;
use super::state::{Body, Entry, Port, PortKind, State};
use super::subscriber::Subscribers;
use crate::interface::EntryId;
use slotmap::SlotMap;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The root entry's number; the next ones follow (REG-2).
const FIRST_ENTRY: u64 = 0x1_0000_0100;

/// The root's property with the names of the planes (REG-1).
const REGISTRY_PLANES: &str = "IORegistryPlanes";

impl State {
    /// A kernel with the root, the platform expert, IOResources and IOUserResources (REG-4).
    pub(super) fn new() -> Self {
        let mut state = Self::bare();
        state.complete();
        state.user_resources = state.add_service("IOUserResources", "IOUserResources", state.platform);
        state
    }

    /// Finds the kernel's own services in a registry that was loaded, and makes those that every kernel has (REG-4).
    pub(super) fn complete(&mut self) {
        let platform = self.children(self.root, PlaneKey::SERVICE).next();
        self.platform =
            platform.unwrap_or_else(|| self.add_service("IOPlatformExpertDevice", "Simulated1,1", self.root));
        let resources = self.client_of_platform("IOResources");
        self.resources =
            resources.unwrap_or_else(|| self.add_service("IOResources", "IOResources", self.platform));
        // Kernels before macOS 11 have none.
        self.user_resources = self.client_of_platform("IOUserResources").unwrap_or_default();
    }

    fn client_of_platform(&self, class: &str) -> Option<ObjectKey> {
        self.clients(self.platform).find(|&client| self.is_kind_of(client, class))
    }

    /// A kernel with the root alone (REG-1).
    pub(super) fn bare() -> Self {
        let mut state = Self {
            clock: Arc::new(Clock::new()),
            classes: Classes::new(),
            objects: SlotMap::with_key(),
            links: SlotMap::with_key(),
            planes: Planes::new(),
            ports: SlotMap::with_key(),
            tasks: Vec::new(),
            entries: HashMap::new(),
            next_entry: FIRST_ENTRY,
            root: ObjectKey::default(),
            platform: ObjectKey::default(),
            resources: ObjectKey::default(),
            user_resources: ObjectKey::default(),
            main: PortKey::default(),
            subscribers: Subscribers::default(),
            catalogue: Catalogue::default(),
            rounds: VecDeque::new(),
            user_client_classes: HashMap::new(),
            policy: Arc::new(AllowAll),
            misuses: Vec::new(),
            refusals: Arc::default(),
            is_dismantled: false,
            property_locks: Vec::new(),
            maps: Vec::new(),
            leftovers: Vec::new(),
            blocked: 0,
            awakening: 0,
            blocked_at_ports: 0,
            watching_blocked: 0,
            work: VecDeque::new(),
            parked: Vec::new(),
            given_up: 0,
            garbage: Vec::new(),
            woken: Woken::default(),
        };
        state.main = state.ports.insert(Port { kind: PortKind::Main, senders: 0 });
        let class = state.classes.define("IORegistryEntry", "OSObject");
        state.root = state.make_entry(class, Entry { name: Some("Root".into()), ..Entry::default() });
        state.number(state.root);
        state.tell_planes();
        state
    }

    fn add_service(&mut self, class: &str, name: &str, parent: ObjectKey) -> ObjectKey {
        let class = self.classes.define(class, "IOService");
        let service = self.make_entry(class, Entry { name: Some(name.into()), ..Entry::default() });
        self.attach(service, parent);
        self.register_first(service);
        service
    }

    // ---- planes ----

    pub(super) fn plane(&self, name: &str) -> Option<PlaneKey> {
        self.planes.find(name)
    }

    pub(super) fn add_plane(&mut self, name: &str) -> PlaneKey {
        let plane = self.planes.add(name);
        self.tell_planes();
        plane
    }

    fn tell_planes(&mut self) {
        let planes = self.planes.property();
        if let Some(root) = self.entry_mut(self.root) {
            root.properties.insert(REGISTRY_PLANES, planes);
        }
    }

    // ---- entries and their numbers ----

    /// An entry that is attached nowhere.
    pub(super) fn make_entry(&mut self, class: ClassKey, entry: Entry) -> ObjectKey {
        self.make_object(class, Body::Entry(entry))
    }

    /// The entry with this number, if it is active.
    pub(super) fn active(&self, id: EntryId) -> Option<ObjectKey> {
        let object = *self.entries.get(&id)?;
        (!self.entry(object)?.states.inactive).then_some(object)
    }

    /// Numbers an entry that has no number yet.
    pub(super) fn number(&mut self, object: ObjectKey) -> EntryId {
        let next = EntryId(self.next_entry);
        let Some(entry) = self.entry_mut(object) else { return next };
        let id = *entry.id.get_or_insert(next);
        if id == next {
            self.next_entry += 1;
            self.entries.insert(id, object);
        }
        id
    }

    /// Gives an entry the number that it had elsewhere; those that come later have higher ones. False if it is another's
    /// already.
    #[cfg(feature = "archive")]
    pub(super) fn number_as(&mut self, object: ObjectKey, id: EntryId) -> bool {
        let holder = *self.entries.entry(id).or_insert(object);
        if holder != object {
            return false;
        }
        let Some(entry) = self.entry_mut(object) else { return false };
        if let Some(before) = entry.id.replace(id).filter(|&before| before != id) {
            self.entries.remove(&before);
        }
        self.next_entry = self.next_entry.max(id.0.saturating_add(1));
        true
    }

    pub(super) fn id_of(&self, object: ObjectKey) -> EntryId {
        self.entry(object).and_then(|entry| entry.id).unwrap_or(EntryId(0))
    }

    // ---- names and locations ----

    /// The global name, else the class's (REG-5).
    pub(super) fn name_of(&self, object: ObjectKey) -> &str {
        let name = self.entry(object).and_then(|entry| entry.name.as_deref());
        name.unwrap_or_else(|| self.classes.name(self.objects[object].class))
    }

    pub(super) fn location_of(&self, object: ObjectKey) -> Option<&str> {
        self.entry(object)?.location.as_deref()
    }

    /// The name in a plane, else the global one (REG-5).
    pub(super) fn name_in(&self, object: ObjectKey, plane: Option<PlaneKey>) -> &str {
        let own = self.label(object, plane).and_then(|label| label.name.as_deref());
        own.unwrap_or_else(|| self.name_of(object))
    }

    /// The location in a plane, else the global one (REG-5).
    pub(super) fn location_in(&self, object: ObjectKey, plane: Option<PlaneKey>) -> Option<&str> {
        let own = self.label(object, plane).and_then(|label| label.location.as_deref());
        own.or_else(|| self.location_of(object))
    }

    fn label(&self, object: ObjectKey, plane: Option<PlaneKey>) -> Option<&Label> {
        let labels = &self.entry(object)?.beyond.as_ref()?.labels;
        labels.iter().find_map(|(other, label)| (Some(*other) == plane).then_some(label))
    }

    /// `setName`, for one plane or all that have no name of their own.
    pub(super) fn set_name(&mut self, object: ObjectKey, plane: Option<PlaneKey>, name: &str) {
        let Some(entry) = self.entry_mut(object) else { return };
        let slot = match plane {
            None => &mut entry.name,
            Some(plane) => &mut entry.label_mut(plane).name,
        };
        *slot = Some(name.into());
    }

    /// `setLocation`, likewise.
    pub(super) fn set_location(&mut self, object: ObjectKey, plane: Option<PlaneKey>, location: &str) {
        let Some(entry) = self.entry_mut(object) else { return };
        let slot = match plane {
            None => &mut entry.location,
            Some(plane) => &mut entry.label_mut(plane).location,
        };
        *slot = Some(location.into());
    }

    /// Whether an entry is in a plane: has a parent there (REG-25), or in any plane if there is no such one (REG-24).
    pub(super) fn is_in_plane(&self, object: ObjectKey, plane: Option<PlaneKey>) -> bool {
        match plane {
            Some(plane) => self.parent(object, plane).is_some(),
            None => self.entry(object).is_some_and(Entry::is_in_any_plane),
        }
    }
}

impl Entry {
    fn label_mut(&mut self, plane: PlaneKey) -> &mut Label {
        let labels = &mut self.beyond.get_or_insert_default().labels;
        let place = labels.iter().position(|(other, _)| *other == plane).unwrap_or_else(|| {
            labels.push((plane, Label::default()));
            labels.len() - 1
        });
        &mut labels[place].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(state: &mut State) -> ObjectKey {
        let class = state.classes.define("Entry", "IORegistryEntry");
        state.make_entry(class, Entry::default())
    }

    #[test]
    fn reg_02_what_is_attached_to_nothing_has_no_number() {
        let mut state = State::bare();
        assert_eq!(state.id_of(state.root), EntryId(FIRST_ENTRY));
        let (child, parent) = (entry(&mut state), entry(&mut state));
        assert!(state.attach_in(child, parent, PlaneKey::SERVICE));
        assert_eq!([child, parent].map(|entry| state.id_of(entry).0), [FIRST_ENTRY + 1, 0]);
        assert!(state.detach_in(child, parent, PlaneKey::SERVICE));
        assert!(!state.detach_in(child, parent, PlaneKey::SERVICE));
        assert_eq!(state.id_of(child).0, FIRST_ENTRY + 1, "it keeps its number");
        let plane = state.add_plane("Example");
        assert!(state.attach_in(parent, child, plane));
        assert_eq!(state.id_of(parent).0, FIRST_ENTRY + 2);
    }

    #[cfg(feature = "archive")]
    #[test]
    fn reg_02_numbers_go_on_after_those_that_were_given() {
        let mut state = State::bare();
        let [one, two, three] = [(); 3].map(|()| entry(&mut state));
        assert!(state.number_as(one, EntryId(FIRST_ENTRY + 10)));
        assert!(!state.number_as(two, EntryId(FIRST_ENTRY + 10)), "it is another's");
        assert!(state.number_as(two, EntryId(FIRST_ENTRY + 5)));
        assert!(state.number_as(two, EntryId(FIRST_ENTRY + 6)));
        assert_eq!(state.number(three), EntryId(FIRST_ENTRY + 11));
        let known = |id| state.entries.get(&EntryId(FIRST_ENTRY + id)).copied();
        assert_eq!([5, 6, 10, 11].map(known), [None, Some(two), Some(one), Some(three)]);
    }

    #[test]
    fn mt_05_what_is_detached_and_freed_is_in_no_list_of_its_class() {
        let mut state = State::new();
        let (platform, class) = (state.platform, state.classes.define("Service", "IOService"));
        let service = state.make_entry(class, Entry::default());
        assert!(state.attach(service, platform));
        state.register_first(service);
        assert!(state.classes.instances(class).eq([service]));
        state.detach(service, platform);
        assert!(state.classes.instances(class).eq([service]), "somebody has it still");
        state.release(service);
        assert!(state.classes.instances(class).next().is_none());
    }

    #[test]
    fn reg_01_an_entry_may_have_many_children_and_many_parents() {
        let mut state = State::bare();
        let [hub, sink] = [(); 2].map(|()| entry(&mut state));
        let spokes: Vec<_> = (0..50).map(|_| entry(&mut state)).collect();
        for &spoke in &spokes {
            assert!(state.attach_in(spoke, hub, PlaneKey::SERVICE));
            assert!(state.attach_in(sink, spoke, PlaneKey::SERVICE));
        }
        assert!(!state.attach_in(hub, sink, PlaneKey::SERVICE), "it would be above itself");
        for &spoke in spokes.iter().step_by(2) {
            assert!(state.detach_in(spoke, hub, PlaneKey::SERVICE));
            assert!(state.detach_in(sink, spoke, PlaneKey::SERVICE));
        }
        let odd = || spokes.iter().skip(1).step_by(2).copied();
        assert!(state.children(hub, PlaneKey::SERVICE).eq(odd()));
        assert!(state.parents(sink, PlaneKey::SERVICE).eq(odd()));
        assert_eq!((state.child_count(hub, PlaneKey::SERVICE), state.links.len()), (25, 50));
    }
}
