//! The user clients of a service, as the registry has them.

use iokit_uc::{ErrorKind, Plane, RegistryEntry, Result, Service};

/// The user clients that are attached to it.
pub(super) fn of(service: &RegistryEntry) -> Result<Vec<RegistryEntry>> {
    Ok(attached(service)?.0)
}

/// What is attached to a service: user clients, and drivers.
pub(super) fn attached(service: &RegistryEntry) -> Result<(Vec<RegistryEntry>, Vec<RegistryEntry>)> {
    let (mut clients, mut drivers) = (Vec::new(), Vec::new());
    for child in service.children(&Plane::SERVICE)? {
        if let Some(is_client) = still_there(child.conforms_to("IOUserClient"))? {
            if is_client { &mut clients } else { &mut drivers }.push(child);
        }
    }
    Ok((clients, drivers))
}

/// None of what has gone away since it was found.
pub(super) fn still_there<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::Terminated => Ok(None),
        result => result.map(Some),
    }
}

/// `IOUserClientClass`: the class that the kernel makes for whoever opens the service. A driver can make others by itself.
pub(super) fn class_to_make(service: &RegistryEntry) -> Result<Option<String>> {
    text(service, "IOUserClientClass")
}

/// The entitlement that a task must have to get this user client.
pub(super) fn entitlement(client: &RegistryEntry) -> Result<Option<String>> {
    text(client, "IOUserClientEntitlements")
}

fn text(entry: &RegistryEntry, key: &str) -> Result<Option<String>> {
    Ok(entry.property(key)?.and_then(|value| Some(value.as_str()?.to_owned())))
}

/// A user client with the task that opened it: `IOFramebufferUserClient 0x100000140 of pid 88, WindowServer`.
pub(super) fn line(client: &RegistryEntry) -> Result<String> {
    let creator = text(client, "IOUserClientCreator")?;
    let creator = creator.as_deref().unwrap_or("an unknown task");
    let line = format!("{} {:#x} of {creator}", client.class()?, client.id()?);
    Ok(match entitlement(client)? {
        Some(entitlement) => format!("{line}, for who has the entitlement `{entitlement}`"),
        None => line,
    })
}

/// The services around one that have user clients, or say which class theirs are: those that provide for it, the nearest
/// first, then those that it provides for.
pub(super) fn near(service: &Service) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let around = service.ancestors(&Plane::SERVICE)?.chain(service.descendants(&Plane::SERVICE)?);
    for entry in around {
        let entry = entry?;
        if entry.conforms_to("IOUserClient")? {
            continue;
        }
        let class = match (class_to_make(&entry)?, of(&entry)?.first()) {
            (Some(class), _) => class,
            (None, Some(client)) => client.class()?,
            (None, None) => continue,
        };
        let line = format!("`{}` (id={:#x}) has `{class}`", entry.name()?, entry.id()?);
        if !found.contains(&line) {
            found.push(line);
        }
    }
    Ok(found)
}
