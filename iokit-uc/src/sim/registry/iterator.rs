//! Live iterators over the registry (REG-17 … REG-22).

use crate::error::IoReturn;
use crate::sim::chain::Chain;
use crate::sim::keys::{LinkKey, ObjectKey};
use crate::sim::place::{Array, Cursor, PlaneKey, RegistryIterator};
use crate::sim::state::{Body, State};

/// `kIORegistryIterateRecursively` (CN-8).
pub(in crate::sim) const RECURSIVELY: u32 = 1;
/// `kIORegistryIterateParents`.
const PARENTS: u32 = 2;

impl State {
    /// An iterator that starts at an entry, with options as IOKitLib has them.
    pub(in crate::sim) fn iterate(
        &mut self,
        start: ObjectKey,
        plane: PlaneKey,
        options: u32,
    ) -> RegistryIterator {
        let mut iterator = RegistryIterator {
            start,
            plane,
            recursively: options & RECURSIVELY != 0,
            upwards: options & PARENTS != 0,
            ..RegistryIterator::default()
        };
        self.retain(start);
        self.restart(&mut iterator);
        iterator
    }

    /// The next entry, which the iterator holds until it has moved on.
    pub(in crate::sim) fn next_entry(&mut self, iterator: &mut RegistryIterator) -> Option<ObjectKey> {
        loop {
            let next = self.next_beside(iterator);
            if !iterator.recursively {
                return next;
            }
            match next {
                None if self.exit_entry(iterator) => {}
                None => return None,
                Some(entry) => {
                    if iterator.done.insert(entry) {
                        self.enter_entry(iterator);
                    }
                    return Some(entry);
                }
            }
        }
    }

    /// The next entry of the innermost level (REG-19, REG-20).
    fn next_beside(&mut self, iterator: &mut RegistryIterator) -> Option<ObjectKey> {
        let Cursor { current, mut array } = *iterator.cursors.last()?;
        if array.is_none() && !iterator.is_invalid {
            array = current.and_then(|owner| {
                let chain = self.array(owner, iterator)?;
                // Without members there is no array to be opened.
                chain.first()?;
                Some(Array { owner, changes: chain.changes(), next: chain.first() })
            });
        }
        let mut next = None;
        if let Some(array) = &mut array {
            if !self.is_array_valid(array, iterator) {
                iterator.is_invalid = true;
            } else if let Some(link) = array.next.and_then(|link| self.links.get(link)) {
                let (member, beside) = match iterator.upwards {
                    true => (link.parent, link.among_parents),
                    false => (link.child, link.among_children),
                };
                array.next = beside.next();
                next = Some(member);
            }
        }
        next.into_iter().for_each(|next| self.retain(next));
        if let Some(cursor) = iterator.cursors.last_mut() {
            *cursor = Cursor { current: next, array };
        }
        current.into_iter().for_each(|current| self.release(current));
        next
    }

    fn array(&self, owner: ObjectKey, iterator: &RegistryIterator) -> Option<&Chain<LinkKey>> {
        let links = self.entry(owner)?.links(iterator.plane)?;
        Some(if iterator.upwards { &links.parents } else { &links.children })
    }

    fn is_array_valid(&self, array: &Array, iterator: &RegistryIterator) -> bool {
        // One whose owner is gone has lost its members.
        self.array(array.owner, iterator).is_some_and(|chain| chain.changes() == array.changes)
    }

    /// REG-21: the outer levels are not looked at.
    pub(in crate::sim) fn is_valid(&self, iterator: &RegistryIterator) -> bool {
        let innermost = iterator.cursors.last().and_then(|cursor| cursor.array.as_ref());
        !iterator.is_invalid && innermost.is_none_or(|array| self.is_array_valid(array, iterator))
    }

    /// `enterEntry` (REG-22).
    pub(in crate::sim) fn enter_entry(&mut self, iterator: &mut RegistryIterator) {
        let current = iterator.cursors.last().and_then(|cursor| cursor.current);
        current.into_iter().for_each(|current| self.retain(current));
        iterator.cursors.push(Cursor { current, array: None });
    }

    /// `exitEntry`: false at the outermost level, which forgets what it has opened all the same (REG-22).
    pub(in crate::sim) fn exit_entry(&mut self, iterator: &mut RegistryIterator) -> bool {
        if let [outermost] = iterator.cursors.as_mut_slice() {
            outermost.array = None;
            return false;
        }
        let left = iterator.cursors.pop().and_then(|cursor| cursor.current);
        left.into_iter().for_each(|left| self.release(left));
        true
    }

    /// `IOIteratorReset` (REG-21).
    pub(in crate::sim) fn restart(&mut self, iterator: &mut RegistryIterator) {
        self.leave_all(iterator);
        self.retain(iterator.start);
        iterator.cursors.push(Cursor { current: Some(iterator.start), array: None });
        iterator.done.clear();
        iterator.is_invalid = false;
    }

    fn leave_all(&mut self, iterator: &mut RegistryIterator) {
        for entry in iterator.cursors.drain(..).filter_map(|cursor| cursor.current) {
            self.release(entry);
        }
    }

    /// Gives back what the iterator holds.
    pub(in crate::sim) fn end_iteration(&mut self, mut iterator: RegistryIterator) {
        self.leave_all(&mut iterator);
        self.release(iterator.start);
    }
}

impl State {
    /// A live iterator as an object, owned by whoever asked.
    pub(in crate::sim) fn make_registry_iterator(
        &mut self,
        start: ObjectKey,
        plane: PlaneKey,
        options: u32,
    ) -> ObjectKey {
        let iterator = self.iterate(start, plane, options);
        let class = self.classes.define("IOUserIterator", "OSIterator");
        self.make_object(class, Body::Registry(iterator))
    }

    /// Does something to a live iterator; `kIOReturnBadArgument` for an object of another kind (REG-22).
    pub(in crate::sim) fn with_registry_iterator<R>(
        &mut self,
        object: ObjectKey,
        run: impl FnOnce(&mut Self, &mut RegistryIterator) -> R,
    ) -> Result<R, IoReturn> {
        let Some(Body::Registry(here)) = self.objects.get_mut(object).map(|object| &mut object.body) else {
            return Err(IoReturn::BAD_ARGUMENT);
        };
        let mut iterator = std::mem::take(here);
        let result = run(self, &mut iterator);
        if let Some(Body::Registry(here)) = self.objects.get_mut(object).map(|object| &mut object.body) {
            *here = iterator;
        }
        Ok(result)
    }
}
