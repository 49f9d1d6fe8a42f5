//! Services that tell their clients things, and user clients that note what they are told.

use super::journal::Journal;
use crate::Scene;
use crate::interest::{ECHO, ECHOED, character, selector};
use iokit_uc::interface::{Arguments, MessageArgument, MessageType, OnClose, UserClient};
use iokit_uc::sim::{EntryId, Machine, Nub, OpenRequest, WeakMachine};
use iokit_uc::{IoReturn, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A user client. It notes messages as `kIOMessage…(argument) name number`, by the order in which its service's
/// connections were opened, and the steps of its termination as `function name number`.
struct Listener {
    name: String,
    character: u32,
    journal: Journal,
    provider: EntryId,
    machine: WeakMachine,
}

impl Listener {
    fn note(&self, what: &str) {
        self.journal.note(format!("{what} {}", self.name));
    }

    fn machine(&self) -> Result<(Machine, EntryId)> {
        let machine = self.machine.upgrade().ok_or(IoReturn::OFFLINE)?;
        let own = machine.id_of(self).ok_or(IoReturn::NOT_ATTACHED)?;
        Ok((machine, own))
    }

    fn close_provider(&self, options: u32) -> Result<()> {
        let (machine, own) = self.machine()?;
        machine.close_service(self.provider, own, options);
        Ok(())
    }

    fn answer_to_request_to_close(&self) -> Result<()> {
        match self.character {
            character::CLOSES => self.close_provider(0),
            character::PROMISES_TO_CLOSE => Ok(()),
            character::CLOSES_AND_DENIES_IT => {
                self.close_provider(0)?;
                Err(IoReturn::UNSUPPORTED.into())
            }
            character::PANICS => panic!("told to panic"),
            _ => Err(IoReturn::UNSUPPORTED.into()),
        }
    }
}

impl UserClient for Listener {
    fn external_method(&self, selector: u32, arguments: &mut Arguments<'_>) -> Result<()> {
        let (machine, own) = self.machine()?;
        let options = arguments.scalar_input().first().map_or(0, |&options| options as u32);
        let answer = match selector {
            selector::OPEN_PROVIDER => machine.open_service(self.provider, own, options).into(),
            selector::CLOSE_PROVIDER => {
                machine.close_service(self.provider, own, options);
                0
            }
            selector::OWN_ID => own.0,
            _ => return Err(IoReturn::UNSUPPORTED.into()),
        };
        arguments.scalar_output().iter_mut().for_each(|slot| *slot = answer);
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }

    fn message(&self, message: MessageType, provider: EntryId, argument: MessageArgument<'_>) -> Result<()> {
        assert_eq!(provider, self.provider);
        match argument {
            MessageArgument::Value(value) => self.note(&format!("{message:?}({value})")),
            MessageArgument::Bytes(bytes) => self.note(&format!("{message:?}[{}]", bytes.len())),
        }
        match message {
            MessageType::SERVICE_IS_REQUESTING_CLOSE => self.answer_to_request_to_close(),
            MessageType(ECHO) => {
                let (machine, _) = self.machine()?;
                machine.message_clients(provider, MessageType(ECHOED), argument)
            }
            _ => Err(IoReturn::UNSUPPORTED.into()),
        }
    }

    fn will_terminate(&self, _: EntryId) {
        self.note("willTerminate");
    }

    fn did_terminate(&self, _: EntryId, _: &mut bool) {
        self.note("didTerminate");
    }

    fn stop(&self, _: EntryId) {
        self.note("stop");
    }

    fn finalize(&self) {
        self.note("finalize");
    }
}

/// `interest`: `Bus` > `Device` > `Leaf`, and `Bridge` below `Bus` and `Hub`. A connection's type is its user client's
/// character.
///
/// Commands, with the numbers of entries: `message_clients` with a service, a type and an argument;
/// `message_clients_bytes` with a service, a type and how many bytes 1, 2, 3 …; `open_service` with a service, a client and
/// options, 1 if the service is the client's now; `close_service` likewise.
pub(crate) fn furnish(scene: &mut Scene) {
    let journal = Journal::of(scene);
    let machine = &scene.machine;
    let nub = |name: &'static str| {
        let (journal, machine) = (journal.clone(), machine.downgrade());
        let opened = Arc::new(AtomicU32::new(0));
        Nub::new(name).user_client(move |request: &OpenRequest<'_>| {
            Ok(Listener {
                name: format!("{name} {}", opened.fetch_add(1, Ordering::Relaxed) + 1),
                character: request.connection_type,
                journal: journal.clone(),
                provider: request.provider,
                machine: machine.clone(),
            })
        })
    };
    let bus = machine.publish(nub("Bus"));
    let hub = machine.publish(nub("Hub"));
    let device = machine.publish(nub("Device").provider(bus));
    machine.publish(nub("Leaf").provider(device));
    machine.publish(nub("Bridge").provider(bus).provider(hub));

    let mut on = |command, run: fn(&Machine, EntryId, &[u64]) -> u64| {
        let machine = scene.machine.clone();
        scene.on(command, move |arguments| run(&machine, EntryId(arguments[0]), &arguments[1..]));
    };
    on("message_clients", |machine, service, arguments| {
        let told = machine.message_clients(service, MessageType(arguments[0] as u32), arguments[1]);
        told.is_ok().into()
    });
    on("message_clients_bytes", |machine, service, arguments| {
        let bytes: Vec<u8> = (1..=arguments[1] as u8).collect();
        let told = machine.message_clients(service, MessageType(arguments[0] as u32), &bytes[..]);
        told.is_ok().into()
    });
    on("open_service", |machine, service, arguments| {
        machine.open_service(service, EntryId(arguments[0]), arguments[1] as u32).into()
    });
    on("close_service", |machine, service, arguments| {
        machine.close_service(service, EntryId(arguments[0]), arguments[1] as u32);
        0
    });
}
