//! Which objects are meant.

use iokit_uc::{Plane, RegistryEntry, Result};

/// All that is given has to fit; nothing fits where nothing is given.
#[derive(Clone, Copy, Default)]
pub(crate) struct Criteria<'a> {
    pub(super) class: Option<&'a str>,
    pub(super) key: Option<&'a str>,
    pub(super) name: Option<&'a str>,
}

impl Criteria<'_> {
    pub(super) fn are_given(&self) -> bool {
        self.class.is_some() || self.key.is_some() || self.name.is_some()
    }

    pub(super) fn fit(&self, entry: &RegistryEntry, plane: &Plane) -> Result<bool> {
        let fits_class = self.class.map_or(Ok(true), |class| entry.conforms_to(class))?;
        let fits_key = match self.key {
            Some(key) if fits_class => entry.property(key)?.is_some(),
            _ => fits_class,
        };
        let fits = match self.name {
            Some(name) if fits_key => has_name(entry, plane, name)?,
            _ => fits_key,
        };
        Ok(self.are_given() && fits)
    }
}

fn has_name(entry: &RegistryEntry, plane: &Plane, wanted: &str) -> Result<bool> {
    let name = entry.name_in(plane)?;
    Ok(match wanted.strip_prefix(name.as_str()) {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix('@').is_some_and(|location| !location.is_empty())
                && entry.location_in(plane)?.as_deref() == rest.strip_prefix('@')
        }
        None => false,
    })
}
