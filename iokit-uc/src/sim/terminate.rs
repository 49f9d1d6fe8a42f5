//! Termination: phase 1 under the kernel's lock, what drivers are told after it.

use super::client::Client;
use super::machine::Shared;
use super::report::Misuse;
use super::state::{ObjectKey, State, Work};
use super::thread;
use crate::interface::{EntryId, OnClose, UserClient};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A tree that has gone through phase 1: its services, providers before clients, each held by a reference.
pub(super) struct Termination {
    victims: Vec<ObjectKey>,
    /// Whether phase 2 is done.
    told: bool,
}

impl State {
    /// Phase 1 (TERM-2), breadth first; the rest is put off. False if the service was inactive already (TERM-4).
    pub(super) fn terminate(&mut self, victim: ObjectKey) -> bool {
        if self.entry(victim).is_none_or(|entry| entry.states.inactive) {
            return false;
        }
        let mut victims = Vec::new();
        self.make_inactive(victim);
        let mut queue = VecDeque::from([victim]);
        while let Some(victim) = queue.pop_front() {
            self.retain(victim);
            victims.push(victim);
            self.adjust_busy(victim, true);
            self.destroy_ports(victim);
            for client in self.entry(victim).map(|entry| entry.children.clone()).unwrap_or_default() {
                // `requestTerminate`: a client agrees if this provider is its only one.
                let agrees = self
                    .entry(client)
                    .is_some_and(|entry| entry.parents == [victim] && !entry.states.inactive);
                if agrees {
                    self.make_inactive(client);
                    queue.push_back(client);
                }
            }
        }
        self.work.push_back(Work::Terminate(Termination { victims, told: false }));
        true
    }

    fn make_inactive(&mut self, victim: ObjectKey) {
        if let Some(entry) = self.entry_mut(victim) {
            entry.states = super::state::States { inactive: true, ..Default::default() };
        }
    }

    /// TERM-5: every name for the service, and for the connections to it if it is a user client, dies.
    fn destroy_ports(&mut self, victim: ObjectKey) {
        let connect_port = self.entry(victim).and_then(|entry| entry.connect_port);
        for port in [self.objects[victim].object_port, connect_port].into_iter().flatten() {
            self.destroy_port(port);
        }
    }

    /// Something has ended that terminations may have waited for: they try again.
    pub(super) fn resume_parked(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        self.work.extend(parked.into_iter().map(Work::Terminate));
    }

    fn client_of(&self, object: ObjectKey) -> Option<Arc<Client>> {
        self.entry(object)?.client.clone()
    }

    /// Whether phase 2 has to wait: a matching round or an open is under way (TERM-8).
    fn is_held(&self, victim: ObjectKey) -> bool {
        self.entry(victim).is_some_and(|entry| entry.holds > 0)
    }

    /// Whether phase 3 of a victim can begin: none of its external methods runs (TERM-7), and its clients are gone
    /// (TERM-10).
    fn can_go(&self, victim: ObjectKey) -> bool {
        let client = self.client_of(victim);
        client.iter().for_each(|client| client.watch());
        client.is_none_or(|client| client.in_flight() == 0)
            && self.entry(victim).is_none_or(|entry| entry.children.is_empty())
    }

    /// Who has another provider has not agreed to go, and loses this one alone (TERM-2a).
    fn detach_survivors(&mut self, victim: ObjectKey) {
        for client in self.entry(victim).map(|entry| entry.children.clone()).unwrap_or_default() {
            if self.entry(client).is_some_and(|entry| !entry.states.inactive) {
                self.detach(client, victim);
            }
        }
    }
}

impl Shared {
    /// Phase 2 (TERM-8, TERM-9), which external methods that run do not hold up, since they may wait for it; then phase
    /// 3 of whatever can go. The rest is parked.
    pub(super) fn finish_termination(self: &Arc<Self>, termination: Termination) {
        let Termination { mut victims, told } = termination;
        if !told {
            let mut kernel = self.lock();
            if victims.iter().any(|&victim| kernel.is_held(victim)) {
                kernel.parked.push(Termination { victims, told });
                return;
            }
            drop(kernel);
            for &victim in &victims {
                self.tell_clients(victim, "willTerminate", |client, provider| client.will_terminate(provider));
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
                    kernel.parked.push(Termination { victims, told: true });
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
    pub(super) fn client_died(self: &Arc<Self>, client: &Arc<Client>) {
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
