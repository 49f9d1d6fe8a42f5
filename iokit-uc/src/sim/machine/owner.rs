//! `IOService::open` and `close`: one client at a time has a service to itself (TERM-12). What tasks open are
//! connections, which is another matter (`task/open.rs`).

use super::Machine;
use crate::error::IoReturn;
use crate::interface::{EntryId, MessageArgument, MessageType, SERVICE_SEIZE, UserClient};
use crate::sim::keys::ObjectKey;
use crate::sim::shared::{Shared, settle_pending};
use crate::sim::state::State;
use std::sync::Arc;

impl Machine {
    /// `IOService::open` of the default kind: one client at a time (TERM-12). Returns whether the service is `client`'s
    /// now; not if it is inactive, and not if it is open, to whomever, unless [`SERVICE_SEIZE`] is among the options
    /// and the client that has it answers `kIOMessageServiceIsRequestingClose` with success, and has closed.
    ///
    /// Everybody but the client is told first (NT-17), with the options.
    #[doc(alias = "open")]
    pub fn open_service(&self, service: EntryId, client: EntryId, options: u32) -> bool {
        self.with_both(service, client, |shared, service, client| {
            shared.open_service(service, client, options)
        })
        .unwrap_or(false)
    }

    /// `IOService::close`. Nothing happens unless `client` has the service open.
    ///
    /// Everybody but the client is told (NT-17), with the options, unless the service's termination has waited for this:
    /// then that goes on (TERM-9).
    #[doc(alias = "close")]
    pub fn close_service(&self, service: EntryId, client: EntryId, options: u32) {
        self.with_both(service, client, |shared, service, client| {
            shared.close_service(service, client, options);
        });
    }

    /// The number of a user client's own entry, from its `start` until it is gone: for drivers, to open their provider
    /// with.
    pub fn id_of(&self, client: &dyn UserClient) -> Option<EntryId> {
        let kernel = self.shared.lock();
        kernel.entries.iter().find_map(|(&id, &object)| {
            let attached = kernel.entry(object)?.client.as_ref()?;
            std::ptr::addr_eq(Arc::as_ptr(&attached.user_client), client).then_some(id)
        })
    }

    fn with_both<R>(
        &self,
        service: EntryId,
        client: EntryId,
        run: impl FnOnce(&Arc<Shared>, ObjectKey, ObjectKey) -> R,
    ) -> Option<R> {
        let mut kernel = self.shared.lock();
        let both = [kernel.entries.get(&service).copied()?, kernel.entries.get(&client).copied()?];
        both.into_iter().for_each(|object| kernel.retain(object));
        drop(kernel);
        let result = run(&self.shared, both[0], both[1]);
        let mut kernel = self.shared.lock();
        both.into_iter().for_each(|object| kernel.release(object));
        drop(kernel);
        settle_pending();
        Some(result)
    }
}

impl Shared {
    fn open_service(self: &Arc<Self>, service: ObjectKey, client: ObjectKey, options: u32) -> bool {
        let argument = MessageArgument::Value(options.into());
        self.message_clients(service, MessageType::SERVICE_IS_ATTEMPTING_OPEN, argument, Some(client));
        if self.lock().take(service, client) {
            return true;
        }
        if options & SERVICE_SEIZE == 0 {
            return false;
        }
        let kernel = self.lock();
        let is_inactive = kernel.entry(service).is_none_or(|entry| entry.states.inactive);
        let holder = kernel.entry(service).and_then(|entry| kernel.listener(entry.owner?));
        drop(kernel);
        // A holder that hears no messages answers as the default does: unsupported.
        let Some(holder) = holder else { return false };
        if is_inactive {
            self.dismiss(holder);
            return false;
        }
        let message = MessageType::SERVICE_IS_REQUESTING_CLOSE;
        let answer = self.message_client(&holder, service, message, argument);
        self.dismiss(holder);
        answer == IoReturn::SUCCESS && self.lock().take(service, client)
    }

    pub(in crate::sim) fn close_service(
        self: &Arc<Self>,
        service: ObjectKey,
        client: ObjectKey,
        options: u32,
    ) {
        let mut kernel = self.lock();
        let Some(entry) = kernel.entry_mut(service).filter(|entry| entry.owner == Some(client)) else {
            return;
        };
        entry.owner = None;
        if entry.ending.phase_3 {
            kernel.defer_stop(client, service, false);
            kernel.resume_parked();
            return;
        }
        drop(kernel);
        let argument = MessageArgument::Value(options.into());
        self.message_clients(service, MessageType::SERVICE_WAS_CLOSED, argument, Some(client));
    }
}

impl State {
    /// `handleOpen`.
    fn take(&mut self, service: ObjectKey, client: ObjectKey) -> bool {
        match self.entry_mut(service) {
            Some(entry) if !entry.states.inactive && entry.owner.is_none() => {
                entry.owner = Some(client);
                true
            }
            _ => false,
        }
    }

    pub(in crate::sim) fn is_open_to(&self, service: ObjectKey, client: ObjectKey) -> bool {
        self.entry(service).is_some_and(|entry| entry.owner == Some(client))
    }
}
