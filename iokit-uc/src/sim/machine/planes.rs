//! What drivers do to the registry itself: planes, places, names and locations.

use super::Machine;
use crate::error::{IoReturn, Result};
use crate::interface::EntryId;
use crate::sim::failure::{failed, no_entry};
use crate::sim::keys::ObjectKey;
use crate::sim::place::{PLANE_NAME_MAX, PlaneKey};
use crate::sim::state::State;

impl Machine {
    /// `makePlane`: a plane that entries can be attached in (REG-3). Nothing happens if it exists.
    ///
    /// It fails for a name of more than 32 bytes, and for one that is empty or has a colon or a NUL in it, which no path
    /// could name.
    #[doc(alias = "makePlane")]
    pub fn add_plane(&self, name: &str) -> Result<()> {
        if name.is_empty() || name.len() > PLANE_NAME_MAX || name.contains([':', '\0']) {
            let detail = format!("{name:?} cannot be the name of a plane");
            return Err(failed("Machine::add_plane", IoReturn::BAD_ARGUMENT, detail));
        }
        self.shared.lock().add_plane(name);
        Ok(())
    }

    /// `attachToParent`: attaches an entry to another one in a plane, after those that are attached there (REG-1). Nothing
    /// happens if it is attached there.
    ///
    /// It fails for an entry that is none, an unknown plane, and for what would make an entry its own ancestor.
    #[doc(alias = "attachToParent")]
    pub fn attach_in(&self, plane: &str, child: EntryId, parent: EntryId) -> Result<()> {
        const CALL: &str = "Machine::attach_in";
        let mut kernel = self.shared.lock();
        let (plane, child, parent) = kernel.place(CALL, plane, child, parent)?;
        if kernel.attach_in(child, parent, plane) {
            return Ok(());
        }
        let (child, parent) = (kernel.id_of(child), kernel.id_of(parent));
        let detail = format!("entry {child} is above entry {parent}");
        Err(failed(CALL, IoReturn::BAD_ARGUMENT, detail))
    }

    /// `detachFromParent`: takes an entry from another one that it is attached to in a plane. Nothing happens if it is not.
    /// It fails for an entry that is none, and for an unknown plane.
    #[doc(alias = "detachFromParent")]
    pub fn detach_in(&self, plane: &str, child: EntryId, parent: EntryId) -> Result<()> {
        let mut kernel = self.shared.lock();
        match kernel.place("Machine::detach_in", plane, child, parent)? {
            (PlaneKey::SERVICE, child, parent) => kernel.detach(child, parent),
            (plane, child, parent) => {
                kernel.detach_in(child, parent, plane);
            }
        }
        drop(kernel);
        self.shared.notify();
        Ok(())
    }

    /// `setName`: what an entry is called wherever it has no name of its own (REG-5). It fails for an entry that is none.
    #[doc(alias = "setName")]
    pub fn set_name(&self, entry: EntryId, name: &str) -> Result<()> {
        self.set_label("Machine::set_name", entry, None, |kernel, entry, plane| {
            kernel.set_name(entry, plane, name);
        })
    }

    /// `setName` for one plane. It fails for an entry that is none, and for an unknown plane.
    pub fn set_name_in(&self, plane: &str, entry: EntryId, name: &str) -> Result<()> {
        self.set_label("Machine::set_name_in", entry, Some(plane), |kernel, entry, plane| {
            kernel.set_name(entry, plane, name);
        })
    }

    /// `setLocation`: where an entry is wherever it has no location of its own (REG-5). It fails for an entry that is none.
    #[doc(alias = "setLocation")]
    pub fn set_location(&self, entry: EntryId, location: &str) -> Result<()> {
        self.set_label("Machine::set_location", entry, None, |kernel, entry, plane| {
            kernel.set_location(entry, plane, location);
        })
    }

    /// `setLocation` for one plane. It fails for an entry that is none, and for an unknown plane.
    pub fn set_location_in(&self, plane: &str, entry: EntryId, location: &str) -> Result<()> {
        self.set_label("Machine::set_location_in", entry, Some(plane), |kernel, entry, plane| {
            kernel.set_location(entry, plane, location);
        })
    }

    fn set_label(
        &self,
        call: &'static str,
        entry: EntryId,
        plane: Option<&str>,
        set: impl FnOnce(&mut State, ObjectKey, Option<PlaneKey>),
    ) -> Result<()> {
        let mut kernel = self.shared.lock();
        let plane = plane.map(|plane| kernel.known_plane(call, plane)).transpose()?;
        let entry = kernel.known_entry(call, entry)?;
        set(&mut kernel, entry, plane);
        Ok(())
    }
}

impl State {
    fn place(
        &self,
        call: &'static str,
        plane: &str,
        child: EntryId,
        parent: EntryId,
    ) -> Result<(PlaneKey, ObjectKey, ObjectKey)> {
        let plane = self.known_plane(call, plane)?;
        Ok((plane, self.known_entry(call, child)?, self.known_entry(call, parent)?))
    }

    fn known_entry(&self, call: &'static str, entry: EntryId) -> Result<ObjectKey> {
        self.entries.get(&entry).copied().ok_or_else(|| no_entry(call, entry))
    }

    pub(in crate::sim) fn known_plane(&self, call: &'static str, plane: &str) -> Result<PlaneKey> {
        self.plane(plane)
            .ok_or_else(|| failed(call, IoReturn::NOT_FOUND, format!("there is no plane {plane:?}")))
    }
}
