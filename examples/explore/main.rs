//! Opens any service by hand: shows what is known of it, calls a selector, looks into the memory that its driver maps.
//!
//! ```text
//! cargo run --example explore -- list IOFramebuffer                           on a simulated notebook
//! cargo run --example explore -- show AppleIntelFramebuffer                   its classes, places, properties and clients
//! cargo run --example explore -- open AppleIntelFramebuffer                   whether it opens, as what, with which memory
//! cargo run --example explore -- call AppleIntelFramebuffer 1 10 20 --scalars-out 1
//! cargo run --example explore -- call AppleIntelFramebuffer 0 --bytes-out 172
//! cargo run --example explore -- dump AppleIntelFramebuffer 110 --length 64
//! cargo run --example explore -- --host show IOService:/                      on this Mac
//! ```
//!
//! What a selector takes and a driver does with it, no kernel tells: a wrong call can upset a driver, and so can an open that
//! it does not expect. `advice.rs` has what the usual errors mean, and what there is to do.

mod advice;
mod attempt;
#[path = "../cli.rs"]
pub(crate) mod cli;
mod clients;
pub(crate) mod command;
#[path = "../demo/mod.rs"]
pub(crate) mod demo;
pub(crate) mod hex;
mod selection;
mod show;

use cli::{Failure, Place, Program};
use command::{Call, Command, Dump};
use iokit_uc::memory::CacheMode;
use iokit_uc::{Connection, Kernel, Mapping, ReadOnlyAccess, Service};
use std::io::Write;
use std::process::ExitCode;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: explore [--machine | --host] list [CLASS]
       explore [--machine | --host] show SERVICE
       explore [--machine | --host] open SERVICE [OPEN OPTION...]
       explore [--machine | --host] call SERVICE SELECTOR [SCALAR...] [CALL OPTION...]
       explore [--machine | --host] dump SERVICE MEMORY [DUMP OPTION...]

  --machine  explore a simulated notebook (default)
  --host     explore this Mac
  SERVICE    a class, name=NAME, id=NUMBER, or a path such as IOService:/
  MEMORY     the type that the driver knows the memory by

  --type NUMBER         the connection type to open the service with (default: 0)
 of an open:
  --type RANGE          the connection types to try, such as 7 or 0-9 (default: 0-3)
  --memory RANGE        the memory types to try (default: 0-15 and 100-127)
 of a call:
  --structure HEX       the bytes of a structure to send
  --scalars-out NUMBER  how many scalars there is room for (default: 0)
  --bytes-out NUMBER    how many bytes of structure there is room for, or `any` (default: no structure)
 of a dump:
  --offset NUMBER       where to begin (default: 0)
  --length NUMBER       how many bytes at most (default: 256)

Numbers are decimal, or hexadecimal after 0x.
",
    flags: &["--type", "--memory", "--structure", "--scalars-out", "--bytes-out", "--offset", "--length"],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let command = Command::parse(words)?;
    match place {
        Place::Host => execute(&command, &Kernel::host()?, out),
        Place::Machine => {
            let machine = demo::machine()?;
            execute(&command, &machine.task("explore").kernel(), out)?;
            machine.assert_clean();
            Ok(())
        }
    }
}

pub(crate) fn execute(command: &Command, kernel: &Kernel, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::List { class } => show::list(kernel, class, out),
        Command::Show { selection } => show::service(&selection.find(kernel)?, out),
        Command::Open(attempt) => attempt::run(attempt, &attempt.selection.find(kernel)?, out),
        Command::Call(call) => send(call, &call.selection.find(kernel)?, out),
        Command::Dump(dump) => look(dump, &dump.selection.find(kernel)?, out),
    }
}

fn open(service: &Service, connection_type: u32) -> Result<Connection, Failure> {
    service.open(connection_type).map_err(|error| advice::on_opening(service, error))
}

fn send(call: &Call, service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    let connection = open(service, call.connection_type)?;
    let request = connection.call(call.selector).scalars(&call.scalars).scalar_capacity(call.scalars_out);
    let request = match &call.structure {
        Some(bytes) => request.structure(bytes),
        None => request,
    };
    let request = match call.bytes_out {
        Some(command::Room::Bytes(bytes)) => request.structure_capacity(bytes),
        Some(command::Room::Any) => request.variable_output(),
        None => request,
    };
    let answer = request.send().map_err(advice::on_calling)?;
    writeln!(out, "selector {} returned kIOReturnSuccess", call.selector)?;
    for (index, scalar) in answer.scalars().iter().enumerate() {
        writeln!(out, "scalar {index}: {scalar:#x} ({scalar})")?;
    }
    if call.bytes_out.is_some() {
        writeln!(out, "structure: {} bytes", answer.structure().len())?;
        hex::dump(0, answer.structure(), out)?;
    }
    Ok(())
}

fn look(dump: &Dump, service: &Service, out: &mut dyn Write) -> Result<(), Failure> {
    let connection = open(service, dump.connection_type)?;
    let memory: Mapping<[u8], ReadOnlyAccess> =
        connection.map_memory(dump.memory_type, CacheMode::Default).map_err(advice::on_mapping)?;
    let size = memory.size();
    if dump.offset > size {
        return Err(format!("offset {:#x} is past the end: the memory has {size} bytes", dump.offset).into());
    }
    let length = dump.length.min(size - dump.offset);
    let bytes = memory.slice().subslice(dump.offset..dump.offset + length)?.to_vec();
    writeln!(out, "memory {}: {size} bytes, of which {length} from {:#x} on", dump.memory_type, dump.offset)?;
    hex::dump(dump.offset, &bytes, out)?;
    Ok(())
}
