//! What is known of a service without opening it.

use super::cli::Failure;
use super::clients;
use iokit_uc::{Kernel, Matching, Plane, RegistryEntry, Service};
use std::io::Write;

/// All services of a class, one a line.
pub(super) fn list(kernel: &Kernel, class: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let mut found = false;
    for service in Service::all(kernel, &Matching::class(class))? {
        let line = || Ok(format!("{:#x}  {:<28} {}", service.id()?, service.class()?, place(&service)?));
        if let Some(line) = clients::still_there(line())? {
            writeln!(out, "{line}")?;
            found = true;
        }
    }
    if found { Ok(()) } else { Err(format!("there is no service of class `{class}`").into()) }
}

pub(super) fn service(service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}", place(service)?)?;
    let mut line = |what: &str, text: &str| writeln!(out, "  {what:<9} {text}");
    line("id", &format!("{:#x}", service.id()?))?;
    line("classes", &service.inheritance()?.join(" < "))?;
    if let Some(bundle) = service.bundle()? {
        line("bundle", &bundle)?;
    }
    line("state", &state(service)?)?;
    for plane in Plane::all(service.kernel())? {
        if service.in_plane(&plane)? {
            line("path", &service.path(&plane)?)?;
        }
    }
    if let Some(class) = clients::class_to_make(service)? {
        line("opens as", &class)?;
    }
    for client in clients::of(service)? {
        if let Some(client) = clients::still_there(clients::line(&client))? {
            line("client", &client)?;
        }
    }
    properties(service, out)
}

pub(super) fn properties(entry: &RegistryEntry, out: &mut dyn Write) -> Result<(), Failure> {
    for (key, value) in entry.all_properties()?.iter() {
        writeln!(out, "    {key:?} = {value:?}")?;
    }
    Ok(())
}

pub(super) fn place(entry: &RegistryEntry) -> iokit_uc::Result<String> {
    let name = entry.name()?;
    Ok(match entry.location()? {
        Some(location) => format!("{name}@{location}"),
        None => name,
    })
}

fn state(service: &Service) -> Result<String, Failure> {
    let state = service.state()?;
    let not = |is: bool| if is { "" } else { "not " };
    let activity = if state.inactive { "inactive" } else { "active" };
    let (registered, matched, busy) = (not(state.registered), not(state.matched), state.busy);
    Ok(format!("{registered}registered, {matched}matched, {activity}, busy {busy}"))
}
