//! Opens a service by one connection type after the other, and tries which memory its driver maps.

use super::cli::Failure;
use super::command::Attempt;
use super::{advice, clients, show};
use iokit_uc::memory::CacheMode;
use iokit_uc::{Connection, Error, ErrorKind, IoReturn, Mapping, ReadOnlyAccess, ReadWriteAccess, Service};
use std::io::Write;
use std::ops::RangeInclusive;

/// Numbers that have come to the same.
struct Same<T> {
    numbers: RangeInclusive<u32>,
    outcome: T,
}

pub(super) fn run(attempt: &Attempt, service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}", show::place(service)?)?;
    let mut opened = false;
    let mut refused: Option<Same<Error>> = None;
    for connection_type in attempt.connection_types.clone() {
        let before = ids(service)?;
        match service.open(connection_type) {
            Ok(connection) => {
                tell_refused(refused.take(), service, out)?;
                opened = true;
                writeln!(out, "type {connection_type}: opened")?;
                tell_clients(service, &before, out)?;
                try_memory(&connection, &attempt.memory_types, out)?;
                // Closed before the next is opened: a driver may let one in at a time.
                connection.close()?;
            }
            Err(error) => match &mut refused {
                Some(same) if same.outcome == error => {
                    same.numbers = *same.numbers.start()..=connection_type;
                }
                _ => {
                    let numbers = connection_type..=connection_type;
                    tell_refused(refused.replace(Same { numbers, outcome: error }), service, out)?;
                }
            },
        }
    }
    tell_refused(refused, service, out)?;
    let tried = numbers(&attempt.connection_types);
    if opened { Ok(()) } else { Err(format!("the service does not open by connection type {tried}").into()) }
}

/// Why the service did not open, and what to do.
fn tell_refused(refused: Option<Same<Error>>, service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(Same { numbers: types, outcome: error }) = refused else { return Ok(()) };
    writeln!(out, "type {}: {}", numbers(&types), error.code())?;
    for line in advice::on_open(service, error.code()) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn ids(service: &Service) -> iokit_uc::Result<Vec<u64>> {
    let ids = clients::of(service)?.into_iter().map(|client| clients::still_there(client.id()));
    ids.filter_map(Result::transpose).collect()
}

/// The user client that has been made, with its properties.
fn tell_clients(service: &Service, before: &[u64], out: &mut dyn Write) -> Result<(), Failure> {
    let mut made = false;
    for client in clients::of(service)? {
        let Some(id) = clients::still_there(client.id())? else { continue };
        if !before.contains(&id) {
            made = true;
            writeln!(out, "  client    {}", clients::line(&client)?)?;
            show::properties(&client, out)?;
        }
    }
    if !made {
        writeln!(out, "  client    none that was not there before")?;
    }
    Ok(())
}

/// What memory there is, by the numbers that drivers know it by.
fn try_memory(
    connection: &Connection,
    types: &[RangeInclusive<u32>],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for types in types {
        let mut failed: Option<Same<IoReturn>> = None;
        for memory_type in types.clone() {
            let code = match look(connection, memory_type) {
                Ok(found) => {
                    tell_failed(failed.take(), out)?;
                    writeln!(out, "  memory    {memory_type}: {found}")?;
                    continue;
                }
                // Of what is gone there is no telling which memory it had.
                Err(error) if error.kind() == ErrorKind::Terminated => {
                    tell_failed(failed.take(), out)?;
                    return Err(error.into());
                }
                Err(error) => error.code(),
            };
            match &mut failed {
                Some(same) if same.outcome == code => same.numbers = *same.numbers.start()..=memory_type,
                _ => {
                    let numbers = memory_type..=memory_type;
                    tell_failed(failed.replace(Same { numbers, outcome: code }), out)?;
                }
            }
        }
        tell_failed(failed, out)?;
    }
    Ok(())
}

fn tell_failed(failed: Option<Same<IoReturn>>, out: &mut dyn Write) -> std::io::Result<()> {
    let Some(Same { numbers: types, outcome: code }) = failed else { return Ok(()) };
    let types = numbers(&types);
    match code {
        // So the kernel says whatever the driver said.
        IoReturn::BAD_ARGUMENT => writeln!(out, "  memory    {types}: none"),
        code => writeln!(out, "  memory    {types}: {code}"),
    }
}

/// Maps memory, and unmaps it: nothing of it is read.
fn look(connection: &Connection, memory_type: u32) -> iokit_uc::Result<String> {
    let cache = CacheMode::Default;
    match connection.map_memory::<[u8], ReadWriteAccess>(memory_type, cache) {
        Ok(memory) => Ok(format!("{} bytes, to read and write", memory.size())),
        Err(error) if error.code() == IoReturn::NOT_WRITABLE => {
            let memory: Mapping<[u8], ReadOnlyAccess> = connection.map_memory(memory_type, cache)?;
            Ok(format!("{} bytes, to read", memory.size()))
        }
        Err(error) => Err(error),
    }
}

/// `4`, or `0 to 3`.
fn numbers(range: &RangeInclusive<u32>) -> String {
    match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first} to {last}"),
    }
}
