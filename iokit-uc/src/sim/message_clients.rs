//! `messageClients`: what a service tells those that use it (NT-16).

use super::client::Client;
use super::keys::ObjectKey;
use super::machine::{Machine, no_entry};
use super::notifier::InterestKind;
use super::report::Misuse;
use super::shared::{Shared, settle_pending};
use super::thread;
use crate::error::{IoReturn, Result};
use crate::interface::{EntryId, MessageArgument, MessageType, code_of};
use std::sync::Arc;

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

impl Shared {
    /// `messageClients`, but for one client. The caller holds the service.
    pub(super) fn message_clients(
        self: &Arc<Self>,
        service: ObjectKey,
        message: MessageType,
        argument: MessageArgument<'_>,
        except: Option<ObjectKey>,
    ) {
        for client in self.clients_of(service) {
            if Some(client.object) != except {
                self.message_client(&client, service, message, argument);
            }
            self.let_go(client);
        }
        self.lock().tell_interested(service, InterestKind::General, message, argument);
    }

    /// `messageClient`: a user client's answer.
    pub(super) fn message_client(
        self: &Arc<Self>,
        client: &Client,
        provider: ObjectKey,
        message: MessageType,
        argument: MessageArgument<'_>,
    ) -> IoReturn {
        let provider = self.lock().id_of(provider);
        let tell = || client.user_client.message(message, provider, argument);
        thread::in_driver(std::ptr::null(), tell).map_or_else(
            |panicked| {
                self.lock().misuses.push(Misuse::Panic("message"));
                panicked
            },
            code_of,
        )
    }

    /// The user clients among a service's clients, in the order in which they were attached.
    pub(super) fn clients_of(self: &Arc<Self>, service: ObjectKey) -> Vec<Arc<Client>> {
        let kernel = self.lock();
        let children = kernel.entry(service).map(|entry| entry.children.as_slice()).unwrap_or_default();
        children.iter().filter_map(|&child| kernel.client_of(child)).collect()
    }
}
