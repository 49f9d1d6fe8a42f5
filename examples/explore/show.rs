//! What is known of a service without opening it.

use super::cli::Failure;
use iokit_uc::{Kernel, Matching, Plane, RegistryEntry, Service};
use std::io::Write;

/// All services of a class, one a line.
pub(super) fn list(kernel: &Kernel, class: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let mut found = false;
    for service in Service::all(kernel, &Matching::class(class))? {
        writeln!(out, "{:#x}  {:<28} {}", service.id()?, service.class()?, place(&service)?)?;
        found = true;
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
    for client in clients(service)? {
        line("client", &client)?;
    }
    for (key, value) in service.all_properties()?.iter() {
        writeln!(out, "    {key:?} = {value:?}")?;
    }
    Ok(())
}

fn place(entry: &RegistryEntry) -> Result<String, Failure> {
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

/// The user clients on it, with the tasks that opened them.
fn clients(service: &Service) -> Result<Vec<String>, Failure> {
    let mut clients = Vec::new();
    for child in service.children(&Plane::SERVICE)? {
        if child.conforms_to("IOUserClient")? {
            let creator = child.property("IOUserClientCreator")?;
            let creator = creator.as_ref().and_then(|creator| creator.as_str()).unwrap_or("an unknown task");
            clients.push(format!("{} {:#x} of {creator}", child.class()?, child.id()?));
        }
    }
    Ok(clients)
}
