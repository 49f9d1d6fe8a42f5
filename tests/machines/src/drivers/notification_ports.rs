//! A driver that tasks give ports to, and one that takes none.

use crate::Scene;
use crate::notification_ports::{PANICS, REFUSED};
use iokit_uc::interface::{Arguments, OnClose, OpenRequest, SendOptions, SendRight, UserClient};
use iokit_uc::sim::Nub;
use iokit_uc::{IoReturn, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What has been registered: port, type, reference.
#[derive(Clone, Default)]
struct Registered(Arc<Mutex<Vec<Registration>>>);

type Registration = (Option<SendRight>, u32, u64);

impl Registered {
    fn lock(&self) -> MutexGuard<'_, Vec<Registration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Notifier(Registered);

impl UserClient for Notifier {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn register_notification_port(
        &self,
        port: Option<SendRight>,
        port_type: u32,
        reference: u64,
    ) -> Result<()> {
        self.0.lock().push((port, port_type, reference));
        match port_type {
            REFUSED => Err(IoReturn::BUSY.into()),
            PANICS => panic!("at a port"),
            _ => Ok(()),
        }
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

struct Deaf;

impl UserClient for Deaf {
    fn external_method(&self, _: u32, _: &mut Arguments<'_>) -> Result<()> {
        Ok(())
    }

    fn client_close(&self) -> OnClose {
        OnClose::Terminate
    }
}

/// `notification_ports`: the services `Notifier`, and `Deaf`, which leaves `registerNotificationPort` as it is.
///
/// Commands: `registrations` counts what has been registered; `has_port`, `port_type`, `reference` and `is_dead` tell of
/// one by its place; `notify` sends the message numbered by the first argument, with the others as its body, on the port
/// that was registered first, and answers what comes of it; `notify_if_there_is_room` does with the option to drop
/// it; `let_go` drops all of them.
pub(crate) fn furnish(scene: &mut Scene) {
    let registered = Registered::default();
    let mut ask = |question, answer: fn(&Registration) -> u64| {
        let registered = registered.clone();
        scene.on(question, move |arguments| {
            registered.lock().get(arguments[0] as usize).map_or(u64::MAX, answer)
        });
    };
    ask("has_port", |(port, ..)| port.is_some().into());
    ask("port_type", |&(_, port_type, _)| port_type.into());
    ask("reference", |&(.., reference)| reference);
    ask("is_dead", |(port, ..)| port.as_ref().is_some_and(SendRight::is_dead).into());
    for (command, can_drop) in [("notify", false), ("notify_if_there_is_room", true)] {
        let registered = registered.clone();
        scene.on(command, move |arguments| {
            let first = registered.lock().first().and_then(|(port, ..)| port.clone());
            let (Some(port), [id, words @ ..]) = (first, arguments) else {
                return IoReturn::NOT_FOUND.code().into();
            };
            let body: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
            port.send(*id as i32, body, SendOptions { can_drop }).code().into()
        });
    }
    let all = registered.clone();
    scene.on("registrations", move |_| all.lock().len() as u64);
    let all = registered.clone();
    scene.on("let_go", move |_| {
        let dropped = std::mem::take(&mut *all.lock());
        dropped.len() as u64
    });
    scene
        .machine
        .publish(Nub::new("Notifier").driver(move |_: &OpenRequest<'_>| Ok(Notifier(registered.clone()))));
    scene.machine.publish(Nub::new("Deaf").driver(|_: &OpenRequest<'_>| Ok(Deaf)));
}
