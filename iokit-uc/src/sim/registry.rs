//! The registry: entries, their places in the plane IOService, registration and busy states.

use super::class::Classes;
use super::keys::{ClassKey, ObjectKey, PortKey};
use super::notifier::InterestKind;
use super::policy::AllowAll;
use super::queue::Woken;
use super::state::{Body, Entry, Port, PortKind, State, States};
use crate::error::IoReturn;
use crate::interface::{EntryId, MessageArgument, MessageType};
use slotmap::SlotMap;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Planes that exist. Entries are attached in the first alone.
const PLANES: &[&str] = &["IOService", "IOPower", "IODeviceTree"];

/// The root entry's number; the next ones follow (REG-2).
const FIRST_ENTRY: u64 = 0x1_0000_0100;

/// The most that a busy count goes to (BQ-1).
const BUSY_MAX: u32 = 1023;

impl State {
    /// A kernel with the root, the platform expert and IOResources.
    pub(super) fn new() -> Self {
        let mut state = Self {
            classes: Classes::new(),
            objects: SlotMap::with_key(),
            ports: SlotMap::with_key(),
            tasks: Vec::new(),
            entries: HashMap::new(),
            next_entry: FIRST_ENTRY,
            root: ObjectKey::default(),
            platform: ObjectKey::default(),
            resources: ObjectKey::default(),
            main: PortKey::default(),
            user_client_classes: HashMap::new(),
            policy: Arc::new(AllowAll),
            misuses: Vec::new(),
            maps: Vec::new(),
            leftovers: Vec::new(),
            blocked: 0,
            blocked_at_ports: 0,
            watching_blocked: 0,
            work: VecDeque::new(),
            parked: Vec::new(),
            garbage: Vec::new(),
            woken: Woken::default(),
        };
        state.main = state.ports.insert(Port { kind: PortKind::Main, senders: 0 });
        state.root = state.add_entry("IORegistryEntry", "OSObject", "Root", None);
        state.platform =
            state.add_entry("IOPlatformExpertDevice", "IOService", "Simulated1,1", Some(state.root));
        state.resources = state.add_entry("IOResources", "IOService", "IOResources", Some(state.platform));
        for service in [state.platform, state.resources] {
            if state.start_round(service).is_ok() {
                state.finish_round(service);
            }
        }
        state
    }

    fn add_entry(
        &mut self,
        class: &str,
        superclass: &str,
        name: &str,
        parent: Option<ObjectKey>,
    ) -> ObjectKey {
        let class = self.classes.define(class, superclass);
        let entry = Entry { name: Some(name.into()), states: States::default(), ..Entry::default() };
        let object = self.make_entry(class, entry);
        match parent {
            Some(parent) => {
                self.attach(object, parent);
            }
            None => {
                self.number(object);
            }
        }
        object
    }

    /// The entry with this number, if it is active.
    pub(super) fn active(&self, id: EntryId) -> Option<ObjectKey> {
        let object = *self.entries.get(&id)?;
        (!self.entry(object)?.states.inactive).then_some(object)
    }

    /// The busy count of a service; 0 if it is gone.
    pub(super) fn busy(&self, service: EntryId) -> u32 {
        self.entries.get(&service).and_then(|&service| self.entry(service)).map_or(0, |entry| entry.busy)
    }
    pub(super) fn make_entry(&mut self, class: ClassKey, entry: Entry) -> ObjectKey {
        self.make_object(class, Body::Entry(entry))
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

    pub(super) fn id_of(&self, object: ObjectKey) -> EntryId {
        self.entry(object).and_then(|entry| entry.id).unwrap_or(EntryId(0))
    }

    /// `attach`: an inactive provider takes no clients (TERM-3). Attaching a pair twice changes nothing (REG-1).
    pub(super) fn attach(&mut self, object: ObjectKey, provider: ObjectKey) -> bool {
        if self.entry(provider).is_none_or(|entry| entry.states.inactive) {
            return false;
        }
        self.number(object);
        if let Some(entry) = self.entry_mut(object)
            && !entry.parents.contains(&provider)
        {
            entry.parents.push(provider);
            if let Some(entry) = self.entry_mut(provider) {
                entry.children.push(object);
            }
            self.retain(object);
            self.retain(provider);
        }
        true
    }

    /// `detach`: the pair comes apart, and each loses the reference that the other had on it.
    pub(super) fn detach(&mut self, object: ObjectKey, provider: ObjectKey) {
        let Some(entry) = self.entry_mut(object) else { return };
        let Some(position) = entry.parents.iter().position(|&parent| parent == provider) else { return };
        entry.parents.remove(position);
        if position == 0 && entry.busy > 0 {
            // A busy client weighs on its first provider, which is another one from now on, or none (BQ-2).
            let heir = entry.parents.first().copied();
            self.adjust_busy(provider, false);
            heir.into_iter().for_each(|heir| self.adjust_busy(heir, true));
        }
        let Some(entry) = self.entry_mut(object) else { return };
        if entry.states.inactive {
            let class = self.objects[object].class;
            self.classes.remove_instance(class, object);
        }
        if let Some(entry) = self.entry_mut(provider) {
            entry.children.retain(|&child| child != object);
        }
        self.release(object);
        self.release(provider);
    }

    /// Raises or lowers a busy count by one; crossing zero does the same to the first provider, and is told to whoever
    /// has registered an interest in it (BQ-1, BQ-2, NT-18).
    pub(super) fn adjust_busy(&mut self, object: ObjectKey, up: bool) {
        let mut next = Some(object);
        while let Some(entry) = next.and_then(|object| self.entry_mut(object)) {
            let before = entry.busy;
            entry.busy = if up { (before + 1).min(BUSY_MAX) } else { before.saturating_sub(1) };
            let is_busy = entry.busy > 0;
            let crossed = (before > 0) != is_busy;
            let provider = entry.parents.first().copied().filter(|_| crossed);
            if let Some(object) = next.filter(|_| crossed) {
                let argument = MessageArgument::Value(is_busy.into());
                let message = MessageType::SERVICE_BUSY_STATE_CHANGE;
                self.tell_interested(object, InterestKind::Busy, message, argument);
            }
            next = provider;
        }
    }

    /// The start of a matching round: the service can be found by notifications from now on (NT-3).
    pub(super) fn start_round(&mut self, object: ObjectKey) -> Result<(), IoReturn> {
        let class = self.objects[object].class;
        let Some(entry) = self.entry_mut(object) else { return Err(IoReturn::BAD_ARGUMENT) };
        if entry.states.inactive {
            return Err(IoReturn::NO_DEVICE);
        }
        let is_first = !entry.states.first_publish;
        entry.states.first_publish = true;
        entry.states.registered = true;
        entry.holds += 1;
        if is_first {
            self.classes.add_instance(class, object);
        }
        self.adjust_busy(object, true);
        Ok(())
    }

    /// The end of a matching round: `IOServiceGetMatchingServices` finds the service from now on (MT-2, NT-3).
    pub(super) fn finish_round(&mut self, object: ObjectKey) {
        let Some(entry) = self.entry_mut(object) else { return };
        if !entry.states.inactive {
            entry.states.matched = true;
            entry.states.first_match = true;
        }
        self.adjust_busy(object, false);
        self.end_hold(object);
    }

    /// A matching round or an open is over: terminations that waited for it try again.
    pub(super) fn end_hold(&mut self, object: ObjectKey) {
        if let Some(entry) = self.entry_mut(object) {
            entry.holds -= 1;
        }
        self.resume_parked();
    }

    /// REG-5: the name, else the class's name.
    pub(super) fn name_of(&self, object: ObjectKey) -> &str {
        let name = self.entry(object).and_then(|entry| entry.name.as_deref());
        name.unwrap_or_else(|| self.classes.name(self.objects[object].class))
    }

    /// The children in a plane; `None` if there is no such plane (REG-24).
    pub(super) fn children(&self, object: ObjectKey, plane: &str) -> Option<Vec<ObjectKey>> {
        let position = PLANES.iter().position(|known| *known == plane)?;
        let children = self.entry(object).map(|entry| entry.children.clone()).unwrap_or_default();
        Some(if position == 0 { children } else { Vec::new() })
    }

    /// The first parent in a plane (REG-26).
    pub(super) fn parent(&self, object: ObjectKey, plane: &str) -> Option<ObjectKey> {
        if plane != PLANES[0] {
            return None;
        }
        self.entry(object)?.parents.first().copied()
    }
}
