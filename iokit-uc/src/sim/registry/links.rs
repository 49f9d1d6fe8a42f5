//! What is attached to what, in each plane (REG-1).

use crate::sim::chain::Beside;
use crate::sim::keys::{LinkKey, ObjectKey};
use crate::sim::place::{Link, Links, PlaneKey};
use crate::sim::shared::Locked;
use crate::sim::state::{Entry, State};
use std::collections::HashSet;
use std::time::Duration;

impl Entry {
    /// Its places in a plane; none if it has never had one there.
    pub(super) fn links(&self, plane: PlaneKey) -> Option<&Links> {
        if plane == PlaneKey::SERVICE {
            return Some(&self.links);
        }
        let mut others = self.beyond.as_ref()?.links.iter();
        others.find_map(|(other, links)| (*other == plane).then_some(links))
    }

    fn links_mut(&mut self, plane: PlaneKey) -> &mut Links {
        if plane == PlaneKey::SERVICE {
            return &mut self.links;
        }
        let others = &mut self.beyond.get_or_insert_default().links;
        let place = others.iter().position(|(other, _)| *other == plane).unwrap_or_else(|| {
            others.push((plane, Links::default()));
            others.len() - 1
        });
        &mut others[place].1
    }

    /// Whether it has a provider.
    pub(in crate::sim) fn is_attached(&self) -> bool {
        !self.links.parents.is_empty()
    }

    /// Whether it is in any plane (REG-24).
    pub(super) fn is_in_any_plane(&self) -> bool {
        let others = self.beyond.iter().flat_map(|beyond| &beyond.links);
        self.is_attached() || others.into_iter().any(|(_, links)| !links.parents.is_empty())
    }
}

impl State {
    fn links(&self, object: ObjectKey, plane: PlaneKey) -> Links {
        self.entry(object).and_then(|entry| entry.links(plane)).copied().unwrap_or_default()
    }

    /// The children in a plane, in the order in which they were attached.
    pub(in crate::sim) fn children(
        &self,
        object: ObjectKey,
        plane: PlaneKey,
    ) -> impl Iterator<Item = ObjectKey> + Clone {
        let first = self.links(object, plane).children.first();
        std::iter::successors(first, |&link| self.links[link].among_children.next())
            .map(|link| self.links[link].child)
    }

    /// The parents in a plane, in the order in which the entry was attached to them.
    pub(in crate::sim) fn parents(
        &self,
        object: ObjectKey,
        plane: PlaneKey,
    ) -> impl Iterator<Item = ObjectKey> + Clone {
        let first = self.links(object, plane).parents.first();
        std::iter::successors(first, |&link| self.links[link].among_parents.next())
            .map(|link| self.links[link].parent)
    }

    /// The first parent in a plane (REG-1).
    pub(in crate::sim) fn parent(&self, object: ObjectKey, plane: PlaneKey) -> Option<ObjectKey> {
        self.parents(object, plane).next()
    }

    pub(in crate::sim) fn child_count(&self, object: ObjectKey, plane: PlaneKey) -> usize {
        self.links(object, plane).children.len()
    }

    /// `getClientIterator`: what is attached to a service.
    pub(in crate::sim) fn clients(&self, service: ObjectKey) -> impl Iterator<Item = ObjectKey> + Clone {
        self.children(service, PlaneKey::SERVICE)
    }

    /// `getProviderIterator`: what a service is attached to.
    pub(in crate::sim) fn providers(&self, service: ObjectKey) -> impl Iterator<Item = ObjectKey> + Clone {
        self.parents(service, PlaneKey::SERVICE)
    }

    /// `getProvider`: the first one.
    pub(in crate::sim) fn provider(&self, service: ObjectKey) -> Option<ObjectKey> {
        self.parent(service, PlaneKey::SERVICE)
    }

    /// Whether `provider` is the only one that a service has.
    pub(in crate::sim) fn is_only_provider(&self, service: ObjectKey, provider: ObjectKey) -> bool {
        self.providers(service).eq([provider])
    }

    /// The link of a pair, which is looked for where fewer are.
    pub(in crate::sim) fn link(
        &self,
        child: ObjectKey,
        parent: ObjectKey,
        plane: PlaneKey,
    ) -> Option<LinkKey> {
        let (upwards, downwards) = (self.links(child, plane).parents, self.links(parent, plane).children);
        if upwards.len() <= downwards.len() {
            std::iter::successors(upwards.first(), |&link| self.links[link].among_parents.next())
                .find(|&link| self.links[link].parent == parent)
        } else {
            std::iter::successors(downwards.first(), |&link| self.links[link].among_children.next())
                .find(|&link| self.links[link].child == child)
        }
    }

    /// `attachToParent`: numbers the child if it has no number yet (REG-2). Attaching a pair twice changes nothing (REG-1).
    /// False if either is no entry, and for what would make an entry its own ancestor.
    pub(in crate::sim) fn attach_in(&mut self, child: ObjectKey, parent: ObjectKey, plane: PlaneKey) -> bool {
        let are_entries = self.entry(child).is_some() && self.entry(parent).is_some();
        if !are_entries || self.is_above(child, parent, plane) {
            return false;
        }
        self.number(child);
        if self.link(child, parent, plane).is_some() {
            return true;
        }
        let beside = Beside::default;
        let link = Link { child, parent, among_children: beside(), among_parents: beside(), deferred: false };
        let link = self.links.insert(link);
        self.change_links(child, plane, |state, links| {
            links.parents.push(link, &mut state.links, |link| &mut link.among_parents);
        });
        self.change_links(parent, plane, |state, links| {
            links.children.push(link, &mut state.links, |link| &mut link.among_children);
        });
        self.retain(child);
        self.retain(parent);
        true
    }

    /// `detachFromParent`: the pair comes apart, and each loses the reference that the other had on it. False if it was
    /// none.
    pub(in crate::sim) fn detach_in(&mut self, child: ObjectKey, parent: ObjectKey, plane: PlaneKey) -> bool {
        let Some(link) = self.link(child, parent, plane) else { return false };
        self.change_links(child, plane, |state, links| {
            links.parents.remove(link, &mut state.links, |link| &mut link.among_parents);
        });
        self.change_links(parent, plane, |state, links| {
            links.children.remove(link, &mut state.links, |link| &mut link.among_children);
        });
        self.links.remove(link);
        self.release(child);
        self.release(parent);
        true
    }

    fn change_links(
        &mut self,
        object: ObjectKey,
        plane: PlaneKey,
        change: impl FnOnce(&mut Self, &mut Links),
    ) {
        let mut links = self.links(object, plane);
        change(self, &mut links);
        if let Some(entry) = self.entry_mut(object) {
            *entry.links_mut(plane) = links;
        }
    }

    /// Whether an entry is another one, or above it.
    fn is_above(&self, entry: ObjectKey, other: ObjectKey, plane: PlaneKey) -> bool {
        if entry == other {
            return true;
        }
        if self.child_count(entry, plane) == 0 {
            return false;
        }
        let (mut seen, mut left) = (HashSet::new(), vec![other]);
        while let Some(next) = left.pop() {
            if next == entry {
                return true;
            }
            left.extend(self.parents(next, plane).filter(|&parent| seen.insert(parent)));
        }
        false
    }

    /// `attach`: an inactive provider takes no clients (TERM-3).
    pub(in crate::sim) fn attach(&mut self, service: ObjectKey, provider: ObjectKey) -> bool {
        let takes_clients = self.entry(provider).is_some_and(|entry| !entry.states.inactive);
        takes_clients && self.attach_in(service, provider, PlaneKey::SERVICE)
    }

    /// `detach`.
    pub(in crate::sim) fn detach(&mut self, service: ObjectKey, provider: ObjectKey) {
        let is_first = self.provider(service) == Some(provider);
        let Some(entry) = self.entry(service) else { return };
        let (is_busy, is_inactive) = (entry.busy > 0, entry.states.inactive);
        if is_inactive {
            let class = self.objects[service].class;
            self.classes.remove_instance(class, service);
        }
        // The pair is not gone before the busy counts are right.
        [service, provider].into_iter().for_each(|object| self.retain(object));
        if self.detach_in(service, provider, PlaneKey::SERVICE) && is_first && is_busy {
            // A busy client weighs on its first provider, which is another one from now on, or none (BQ-2).
            let heir = self.provider(service);
            self.adjust_busy(provider, false);
            heir.into_iter().for_each(|heir| self.adjust_busy(heir, true));
        }
        [service, provider].into_iter().for_each(|object| self.release(object));
    }
}

/// A provider with more clients takes another one only when one has gone (BQ-1a).
const CLIENTS_MAX: usize = 1019;

/// How long that is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

impl Locked<'_> {
    /// `attach`, which waits if the provider has too many clients, by the machine's clock, and then fails (BQ-1a).
    pub(in crate::sim) fn attach_in_time(mut self, service: ObjectKey, provider: ObjectKey) -> (Self, bool) {
        let mut left = Some(PATIENCE);
        while self.child_count(provider, PlaneKey::SERVICE) > CLIENTS_MAX && left != Some(Duration::ZERO) {
            (self, left) = self.wait_for_work(left);
        }
        let is_full = self.child_count(provider, PlaneKey::SERVICE) > CLIENTS_MAX;
        let attached = !is_full && self.attach(service, provider);
        (self, attached)
    }
}
