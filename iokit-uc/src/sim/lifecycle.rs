//! What drivers are told: that a connection is closed, that its task has died, that a provider is going away.

use super::client::Client;
use super::keys::ObjectKey;
use super::report::Misuse;
use super::shared::Shared;
use super::state::{Termination, Work};
use super::thread;
use crate::interface::{EntryId, OnClose, UserClient};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Does what has been put off.
pub(super) fn perform(shared: &Arc<Shared>, work: Work) {
    match work {
        Work::ClientDied(client) => {
            shared.client_died(&client);
            shared.let_go(client);
        }
        Work::TaskExited(client) => {
            let mut kernel = shared.lock();
            client.watch();
            if client.in_flight() > 0 {
                kernel.parked.push(Work::TaskExited(client));
                return;
            }
            drop(kernel);
            shared.client_died(&client);
            shared.let_go(client);
        }
        Work::Terminate(termination) => shared.finish_termination(termination),
    }
}

impl Shared {
    /// Phase 2 (TERM-8, TERM-9), which external methods that run do not hold up, since they may wait for it; then phase
    /// 3 of whatever can go. The rest is parked.
    fn finish_termination(self: &Arc<Self>, termination: Termination) {
        let Termination { mut victims, told } = termination;
        if !told {
            let mut kernel = self.lock();
            if victims.iter().any(|&victim| kernel.is_held(victim)) {
                kernel.parked.push(Work::Terminate(Termination { victims, told }));
                return;
            }
            drop(kernel);
            for &victim in &victims {
                self.tell_clients(victim, "willTerminate", |client, provider| {
                    client.will_terminate(provider)
                });
            }
            for &victim in victims.iter().rev() {
                self.tell_clients(victim, "didTerminate", |client, provider| client.did_terminate(provider));
                self.lock().detach_survivors(victim);
            }
        }
        loop {
            let mut kernel = self.lock();
            // Leaves first.
            let Some(position) = victims.iter().rposition(|&victim| kernel.can_go(victim)) else {
                if !victims.is_empty() {
                    kernel.parked.push(Work::Terminate(Termination { victims, told: true }));
                }
                return;
            };
            drop(kernel);
            self.finalize(victims.remove(position));
        }
    }

    /// Phase 3 of one victim (TERM-10): `finalize`, `stop`, `detach`.
    fn finalize(self: &Arc<Self>, victim: ObjectKey) {
        let kernel = self.lock();
        let client = kernel.client_of(victim);
        let providers = kernel.entry(victim).map(|entry| entry.parents.clone()).unwrap_or_default();
        drop(kernel);
        if let Some(client) = client {
            self.tell("finalize", || client.user_client.finalize());
            for &provider in &providers {
                let id = self.lock().id_of(provider);
                self.tell("stop", || client.user_client.stop(id));
            }
            self.let_go(client);
        }
        let mut kernel = self.lock();
        // The way to the root is needed to lower the busy counts on it.
        kernel.adjust_busy(victim, false);
        providers.into_iter().for_each(|provider| kernel.detach(victim, provider));
        if let Some(entry) = kernel.entry_mut(victim) {
            // The user client is told nothing any more, and must not be kept by its own entry.
            let client = entry.client.take();
            kernel.garbage.push(Box::new(client));
        }
        kernel.release(victim);
        kernel.resume_parked();
    }

    fn tell_clients(
        self: &Arc<Self>,
        victim: ObjectKey,
        function: &'static str,
        tell: impl Fn(&dyn UserClient, EntryId),
    ) {
        let kernel = self.lock();
        let provider = kernel.id_of(victim);
        let children = kernel.entry(victim).map(|entry| entry.children.clone()).unwrap_or_default();
        let clients: Vec<_> = children.into_iter().filter_map(|child| kernel.client_of(child)).collect();
        drop(kernel);
        for client in clients {
            self.tell(function, || tell(&*client.user_client, provider));
            self.let_go(client);
        }
    }

    fn tell(self: &Arc<Self>, function: &'static str, tell: impl FnOnce()) {
        if thread::in_driver(std::ptr::null(), tell).is_err() {
            self.lock().misuses.push(Misuse::Panic(function));
        }
    }

    /// `clientClose` once, or every time for a shared instance (OC-10).
    pub(super) fn close_client(self: &Arc<Self>, client: &Arc<Client>) {
        // A close that comes second does not wait for the first.
        let again = client.closed.swap(true, Ordering::Relaxed) && !client.is_shared_instance();
        if !again {
            client.exclusively(self, || self.on_close(client, "clientClose", |client| client.client_close()));
        }
    }

    /// No senders: the last task has let go of the connection (OC-11).
    fn client_died(self: &Arc<Self>, client: &Arc<Client>) {
        client.exclusively(self, || {
            let closed = client.closed.swap(true, Ordering::Relaxed) && !client.is_shared_instance();
            self.on_close(client, "clientDied", |user_client| user_client.client_died(closed));
        });
    }

    fn on_close(
        self: &Arc<Self>,
        client: &Arc<Client>,
        function: &'static str,
        close: impl FnOnce(&dyn UserClient) -> OnClose,
    ) {
        match thread::in_driver(std::ptr::null(), || close(&*client.user_client)) {
            Ok(OnClose::Stay) => {}
            Ok(OnClose::Terminate) => {
                self.lock().terminate(client.object);
            }
            Err(_) => self.lock().misuses.push(Misuse::Panic(function)),
        }
    }
}
