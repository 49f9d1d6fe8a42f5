//! Planes, and the places of entries in them: what the registry is made of.

use super::chain::{Beside, Chain};
use super::keys::{KeyHasher, LinkKey, ObjectKey};
use crate::value::Dictionary;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

/// A plane, by its place in the kernel's list. Planes are never removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PlaneKey(usize);

impl PlaneKey {
    /// IOService, in which services are attached to what provides them.
    pub(super) const SERVICE: Self = Self(0);
}

/// The planes that exist (REG-3).
#[derive(Debug)]
pub(super) struct Planes(Vec<Arc<str>>);

/// Those that the kernel makes itself, IOService at its place.
const BUILT_IN: [&str; 3] = ["IOService", "IOPower", "IODeviceTree"];

/// The longest name of a plane in bytes.
pub(super) const PLANE_NAME_MAX: usize = 32;

impl Planes {
    pub(super) fn new() -> Self {
        Self(BUILT_IN.map(Arc::from).into())
    }

    pub(super) fn find(&self, name: &str) -> Option<PlaneKey> {
        self.0.iter().position(|known| &**known == name).map(PlaneKey)
    }

    /// `makePlane`: one that exists stays what it is.
    pub(super) fn add(&mut self, name: &str) -> PlaneKey {
        self.find(name).unwrap_or_else(|| {
            self.0.push(name.into());
            PlaneKey(self.0.len() - 1)
        })
    }

    pub(super) fn name(&self, plane: PlaneKey) -> &str {
        &self.0[plane.0]
    }

    /// The root's property `IORegistryPlanes` (REG-1).
    pub(super) fn property(&self) -> Dictionary {
        self.0.iter().map(|name| (&**name, &**name)).collect()
    }
}

/// A child and a parent, in one plane.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) child: ObjectKey,
    pub(super) parent: ObjectKey,
    pub(super) among_children: Beside<LinkKey>,
    pub(super) among_parents: Beside<LinkKey>,
    /// The child has put off its stop, until it closes the parent (TERM-9).
    pub(super) deferred: bool,
}

/// An entry's children and parents in one plane, each in the order in which they were attached.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Links {
    pub(super) children: Chain<LinkKey>,
    pub(super) parents: Chain<LinkKey>,
}

/// What an entry has that few have: places in planes other than IOService, and names of its own in a plane.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    pub(super) links: Vec<(PlaneKey, Links)>,
    pub(super) labels: Vec<(PlaneKey, Label)>,
}

/// A name and a location in one plane.
#[derive(Debug, Default)]
pub(super) struct Label {
    pub(super) name: Option<Arc<str>>,
    pub(super) location: Option<Arc<str>>,
}

/// `IORegistryIterator`. It holds a reference on where it starts, and on the current entry of each level.
#[derive(Debug, Default)]
pub(super) struct RegistryIterator {
    pub(super) start: ObjectKey,
    pub(super) plane: PlaneKey,
    pub(super) recursively: bool,
    pub(super) upwards: bool,
    /// Something that it has walked has changed: nothing is descended into any more.
    pub(super) is_invalid: bool,
    /// The levels that were entered, the innermost last. There is always one.
    pub(super) cursors: Vec<Cursor>,
    /// What has been descended into.
    pub(super) done: HashSet<ObjectKey, BuildHasherDefault<KeyHasher>>,
}

/// One level: an entry, and then those that its array holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) current: Option<ObjectKey>,
    pub(super) array: Option<Array>,
}

/// An iterator over the children or the parents of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Array {
    pub(super) owner: ObjectKey,
    /// What its changes were when it was opened.
    pub(super) changes: u32,
    pub(super) next: Option<LinkKey>,
}
