//! What is shown of an entry.

use super::options::Options;
use super::walk::Step;
use iokit_uc::archive::{ArchivedEntry, ArchivedService};
use iokit_uc::{Plane, Result, Service};
use std::sync::Arc;

/// Reads an entry, and tells whether its properties are to be shown: they are not read otherwise.
pub(super) fn read(step: &Step, plane: &Plane, options: &Options<'_>) -> Result<(ArchivedEntry, bool)> {
    let entry = &step.entry;
    let is_listed = options.all_properties || options.criteria.fit(entry, plane)?;
    let shown = ArchivedEntry {
        depth: u32::try_from(step.depth).unwrap_or(u32::MAX),
        name: entry.name_in(plane)?.into(),
        location: entry.location_in(plane)?.map(Arc::from),
        class: entry.class()?.into(),
        inheritance: if options.inheritance { Some(inheritance(step)?) } else { None },
        id: Some(entry.id()?),
        retains: Some(entry.kernel_retain_count()),
        service: if entry.conforms_to("IOService")? { Some(states(step)?) } else { None },
        properties: if is_listed { entry.all_properties()? } else { Default::default() },
    };
    Ok((shown, is_listed))
}

/// All but OSObject, from which every class is derived.
fn inheritance(step: &Step) -> Result<Arc<[Arc<str>]>> {
    let classes = step.entry.inheritance()?;
    Ok(classes.into_iter().filter(|class| class != "OSObject").map(Arc::from).collect())
}

fn states(step: &Step) -> Result<ArchivedService> {
    let state = Service::from_entry(step.entry.clone())?.state()?;
    Ok(ArchivedService { state: state.bits, busy: state.busy, busy_time: state.busy_time })
}
