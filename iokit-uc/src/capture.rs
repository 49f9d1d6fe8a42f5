//! Archives of a kernel's registry as it is now.

use crate::archive::{Archive, ArchivedEntry, ArchivedService, Gap, Missing};
use crate::error::{ErrorKind, Result};
use crate::object::Object;
use crate::registry::{Entries, Plane, RegistryEntry};
use crate::service::Service;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a live registry has in it.
impl Archive {
    /// What `ioreg` would show of an entry and all below it: names, classes with their inheritance, states and properties.
    ///
    /// ```
    /// # #[cfg(feature = "sim")] {
    /// use iokit_uc::archive::Archive;
    /// use iokit_uc::sim::{Machine, Nub};
    /// use iokit_uc::{Plane, RegistryEntry};
    ///
    /// let machine = Machine::new();
    /// machine.publish(Nub::new("com_example_Driver").property("Channels", 2));
    /// let kernel = machine.task("ioreg").kernel();
    ///
    /// let archive = Archive::capture(&RegistryEntry::root(&kernel)?, &Plane::SERVICE)?;
    /// let driver = archive.entries.iter().find(|entry| *entry.class == *"com_example_Driver").unwrap();
    /// assert_eq!(driver.properties.get("Channels"), Some(&2.into()));
    /// # }
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// The registry may change meanwhile: what goes away is left out. Properties that cannot be read are a [gap](Self::gaps).
    ///
    /// # Errors
    ///
    /// That the entry itself is gone, or that there is no such plane; or what else the kernel says.
    pub fn capture(entry: &RegistryEntry, plane: &Plane) -> Result<Self> {
        let mut capture = Capture { plane, ..Capture::new(plane) };
        capture.archive.plane = plane.name().into();
        // The entries above the current one, each with those of its children that are still to come.
        let mut above: Vec<(Option<u64>, Entries)> = Vec::new();
        let first = capture.entry(entry, 0)?;
        above.push((first, entry.children(plane)?));
        while let Some((_, children)) = above.last_mut() {
            let Some(child) = children.next() else {
                above.pop();
                continue;
            };
            let depth = above.len() as u32;
            let captured = capture.entry(&child, depth).and_then(|id| Ok((id, child.children(plane)?)));
            match captured {
                // Entries that are attached while this walks could make it go round.
                Ok((id, _)) if id.is_some() && above.iter().any(|(above, _)| *above == id) => {}
                Ok(level) => above.push(level),
                Err(error) if error.kind() == ErrorKind::Terminated => {}
                Err(error) => return Err(error),
            }
        }
        Ok(capture.archive)
    }
}

struct Capture<'a> {
    plane: &'a Plane,
    archive: Archive,
    inheritances: HashMap<String, Arc<[Arc<str>]>>,
    names: HashSet<Arc<str>>,
}

impl<'a> Capture<'a> {
    fn new(plane: &'a Plane) -> Self {
        Self { plane, archive: Archive::default(), inheritances: HashMap::new(), names: HashSet::new() }
    }

    /// Adds an entry, and gives its number. Of one that is gone nothing is added.
    fn entry(&mut self, entry: &RegistryEntry, depth: u32) -> Result<Option<u64>> {
        let name = self.name(entry.name_in(self.plane)?);
        let location = entry.location_in(self.plane)?.map(|location| self.name(location));
        let inheritance = self.inheritance(entry)?;
        let id = Some(entry.id()?).filter(|&id| id != 0);
        let service = match entry.conforms_to("IOService")? {
            true => Some(service(&Service::from_entry(entry.clone())?)?),
            false => None,
        };
        let retains = Some(entry.kernel_retain_count());
        let class = inheritance.first().cloned().unwrap_or_else(|| "OSObject".into());
        let properties = match entry.all_properties() {
            Ok(properties) => properties,
            Err(error) if error.kind() == ErrorKind::Terminated => return Err(error),
            Err(error) => {
                let reason = Missing::Unreadable(error.to_string());
                self.archive.gaps.push(Gap { line: 0, entry: self.archive.entries.len(), key: None, reason });
                Default::default()
            }
        };
        let inheritance = Some(inheritance);
        let captured =
            ArchivedEntry { depth, name, location, class, inheritance, id, retains, service, properties };
        self.archive.entries.push(captured);
        Ok(id)
    }

    /// The class and its superclasses, which are asked for once.
    fn inheritance(&mut self, object: &Object) -> Result<Arc<[Arc<str>]>> {
        let class = object.class()?;
        if let Some(known) = self.inheritances.get(&class) {
            return Ok(Arc::clone(known));
        }
        let classes = object.inheritance()?.into_iter().filter(|class| class != "OSObject");
        let classes: Arc<[Arc<str>]> = classes.map(|class| self.name(class)).collect();
        self.inheritances.insert(class, Arc::clone(&classes));
        Ok(classes)
    }

    fn name(&mut self, name: String) -> Arc<str> {
        if let Some(known) = self.names.get(&*name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }
}

fn service(service: &Service) -> Result<ArchivedService> {
    let state = service.state()?;
    let bits = [
        (state.inactive, ArchivedService::INACTIVE),
        (state.registered, ArchivedService::REGISTERED),
        (state.matched, ArchivedService::MATCHED),
        (state.first_published, ArchivedService::FIRST_PUBLISHED),
        (state.first_matched, ArchivedService::FIRST_MATCHED),
    ];
    let state_bits = bits.into_iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum();
    Ok(ArchivedService { state: state_bits, busy: state.busy, busy_time: state.busy_time })
}
