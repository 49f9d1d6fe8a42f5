//! `messageClients`: what a service tells those that use it (NT-16).

use super::Machine;
use crate::error::{IoReturn, Result};
use crate::interface::{EntryId, MessageArgument, MessageType, code_of};
use crate::sim::client::Client;
use crate::sim::failure::no_entry;
use crate::sim::hooks::Message;
use crate::sim::keys::ObjectKey;
use crate::sim::notifier::InterestKind;
use crate::sim::report::Misuse;
use crate::sim::shared::{Shared, settle_pending};
use crate::sim::state::State;
use crate::sim::thread;
use std::sync::Arc;

/// A client that hears what its provider tells.
pub(in crate::sim) struct Listener {
    pub(in crate::sim) object: ObjectKey,
    who: Who,
}

enum Who {
    UserClient(Arc<Client>),
    Service(Arc<Message>),
}

impl Listener {
    pub(in crate::sim) fn user_client(&self) -> Option<&Client> {
        match &self.who {
            Who::UserClient(client) => Some(client),
            Who::Service(_) => None,
        }
    }
}

impl State {
    /// What hears messages for an entry: its user client, or the override of its driver's.
    pub(in crate::sim) fn listener(&self, object: ObjectKey) -> Option<Listener> {
        let who = match self.client_of(object) {
            Some(client) => Who::UserClient(client),
            None => Who::Service(Arc::clone(self.entry(object)?.hooks.as_ref()?.message.as_ref()?)),
        };
        Some(Listener { object, who })
    }
}

impl Machine {
    /// `messageClients`, as a service's driver calls it: tells the service's user clients, in the order in which they
    /// were attached, and then the tasks that have registered a general interest in it (NT-16).
    ///
    /// The user clients are told on this thread before this returns, even from inside a driver.
    #[doc(alias = "messageClients")]
    pub fn message_clients<'a>(
        &self,
        service: EntryId,
        message: MessageType,
        argument: impl Into<MessageArgument<'a>>,
    ) -> Result<()> {
        let mut kernel = self.shared.lock();
        let object = kernel.entries.get(&service).copied();
        let object = object.ok_or_else(|| no_entry("Machine::message_clients", service))?;
        kernel.retain(object);
        drop(kernel);
        self.shared.message_clients(object, message, argument.into(), None);
        self.shared.lock().release(object);
        settle_pending();
        Ok(())
    }
}

impl Machine {
    /// Tells the tasks that have registered one kind of interest in a service, and nobody else: what power management and
    /// the console's owner send (NT-12).
    pub fn message_interested<'a>(
        &self,
        service: EntryId,
        kind: InterestKind,
        message: MessageType,
        argument: impl Into<MessageArgument<'a>>,
    ) -> Result<()> {
        let mut kernel = self.shared.lock();
        let object = kernel.entries.get(&service).copied();
        let object = object.ok_or_else(|| no_entry("Machine::message_interested", service))?;
        kernel.tell_interested(object, kind, message, argument.into());
        Ok(())
    }
}

impl Shared {
    /// `messageClients`, but for one client. The caller holds the service.
    pub(in crate::sim) fn message_clients(
        self: &Arc<Self>,
        service: ObjectKey,
        message: MessageType,
        argument: MessageArgument<'_>,
        except: Option<ObjectKey>,
    ) {
        for listener in self.listeners_of(service) {
            if Some(listener.object) != except {
                self.message_client(&listener, service, message, argument);
            }
            self.dismiss(listener);
        }
        self.lock().tell_interested(service, InterestKind::General, message, argument);
    }

    /// `messageClient`: a client's answer.
    pub(in crate::sim) fn message_client(
        self: &Arc<Self>,
        client: &Listener,
        provider: ObjectKey,
        message: MessageType,
        argument: MessageArgument<'_>,
    ) -> IoReturn {
        let provider = self.lock().id_of(provider);
        let tell = || match &client.who {
            Who::UserClient(client) => client.user_client.message(message, provider, argument),
            Who::Service(hook) => hook(message, provider, argument),
        };
        thread::in_driver(std::ptr::null(), tell).map_or_else(
            |panicked| {
                self.lock().misuses.push(Misuse::Panic("message"));
                panicked
            },
            code_of,
        )
    }

    /// A service's clients that hear messages, in the order in which they were attached.
    pub(in crate::sim) fn listeners_of(self: &Arc<Self>, service: ObjectKey) -> Vec<Listener> {
        let kernel = self.lock();
        kernel.clients(service).filter_map(|client| kernel.listener(client)).collect()
    }

    /// Gives up a client that has been told. The last one to do so has its driver dropped where a panic harms nobody.
    pub(in crate::sim) fn dismiss(self: &Arc<Self>, listener: Listener) {
        match listener.who {
            Who::UserClient(client) => self.let_go(client),
            Who::Service(hook) => self.lock().garbage.push(Box::new(hook)),
        }
    }

    /// The user clients among a service's clients, in the order in which they were attached.
    pub(in crate::sim) fn clients_of(self: &Arc<Self>, service: ObjectKey) -> Vec<Arc<Client>> {
        let kernel = self.lock();
        kernel.clients(service).filter_map(|client| kernel.client_of(client)).collect()
    }
}
