//! Termination, as far as it goes under the kernel's lock: phase 1, and what phases 2 and 3 wait for.

use super::client::Client;
use super::keys::ObjectKey;
use super::state::{PortKind, State, States, Termination, Work};
use crate::interface::TerminateOptions;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl State {
    /// Phase 1 (TERM-2), breadth first; the rest is put off. False if the service was inactive already (TERM-4).
    pub(super) fn terminate(&mut self, victim: ObjectKey, options: TerminateOptions) -> bool {
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
        let options = if options.synchronous { SYNCHRONOUS_OPTIONS } else { REQUIRED };
        self.work.push_back(Work::Terminate(Termination { victims, options, told: false }));
        true
    }

    fn make_inactive(&mut self, victim: ObjectKey) {
        if let Some(entry) = self.entry_mut(victim) {
            entry.states = States { inactive: true, ..Default::default() };
        }
    }

    /// TERM-5: every name for the service, and for the connections to it if it is a user client, dies. Those of a
    /// connection through which a task has mapped memory denote the mappings from now on (TERM-6).
    fn destroy_ports(&mut self, victim: ObjectKey) {
        if let Some(port) = self.objects[victim].object_port {
            self.destroy_port(port);
        }
        let Some(entry) = self.entry_mut(victim) else { return };
        let Some(port) = entry.connect_port else { return };
        match entry.mappings.take() {
            None => self.destroy_port(port),
            Some(mappings) => {
                entry.connect_port = None;
                let client = std::mem::replace(&mut self.ports[port].kind, PortKind::Mappings(mappings));
                self.garbage.push(Box::new(client));
                self.release(victim);
            }
        }
    }

    /// Something has ended that what is parked may have waited for: it tries again.
    pub(super) fn resume_parked(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        self.work.extend(parked);
    }

    pub(super) fn client_of(&self, object: ObjectKey) -> Option<Arc<Client>> {
        self.entry(object)?.client.clone()
    }

    /// Whether phase 2 has to wait: a matching round or an open is under way (TERM-8).
    pub(super) fn is_held(&self, victim: ObjectKey) -> bool {
        self.entry(victim).is_some_and(|entry| entry.holds > 0)
    }

    /// Lets go of the victims that are finalized and detached.
    pub(super) fn release_the_gone(&mut self, victims: &mut Vec<ObjectKey>) {
        let is_gone = |victim: &ObjectKey| {
            self.entry(*victim).is_none_or(|entry| entry.ending.finalized && entry.parents.is_empty())
        };
        let (gone, left): (Vec<_>, _) = std::mem::take(victims).into_iter().partition(is_gone);
        *victims = left;
        gone.into_iter().for_each(|victim| self.release(victim));
    }

    /// The next victim to be finalized, leaves first: none of its external methods runs (TERM-7), it is not being
    /// closed, and its clients are gone (TERM-10). It counts as finalized from here on.
    pub(super) fn next_to_finalize(&mut self, victims: &[ObjectKey]) -> Option<ObjectKey> {
        let can_go = |victim: &ObjectKey| {
            let client = self.client_of(*victim);
            client.iter().for_each(|client| client.watch());
            client.is_none_or(|client| client.in_flight() == 0 && !client.exclusive.load(Ordering::Relaxed))
                && self
                    .entry(*victim)
                    .is_some_and(|entry| entry.children.is_empty() && !entry.ending.finalized)
        };
        let victim = victims.iter().copied().rfind(can_go)?;
        self.entry_mut(victim)?.ending.finalized = true;
        Some(victim)
    }

    /// The next client to be stopped, with the provider that it loses (TERM-10): a client of a victim, or a victim that
    /// goes while its provider stays. Both are held until [`end_stop`](Self::end_stop).
    pub(super) fn next_to_stop(&mut self, victims: &[ObjectKey]) -> Option<(ObjectKey, ObjectKey)> {
        let entries = || victims.iter().rev().filter_map(|&victim| Some((victim, self.entry(victim)?)));
        let mut pairs = Vec::new();
        for (victim, entry) in entries() {
            pairs.extend(entry.children.iter().map(|&client| (client, victim)));
        }
        for (victim, entry) in entries() {
            let staying = entry.parents.iter().filter(|&&provider| !self.is_ending(provider));
            pairs.extend(staying.map(|&provider| (victim, provider)));
        }
        let (client, provider) =
            pairs.into_iter().find(|&(client, provider)| self.can_stop(client, provider))?;
        self.entry_mut(client)?.ending.stopping = true;
        self.retain(client);
        self.retain(provider);
        Some((client, provider))
    }

    /// An inactive client stops after it has been finalized, any other at once (TERM-2a); neither while it keeps open a
    /// provider that goes (TERM-9).
    fn can_stop(&self, client: ObjectKey, provider: ObjectKey) -> bool {
        let keeps_it = self.is_ending(provider) && self.is_open_to(provider, client);
        !keeps_it
            && self.entry(client).is_some_and(|entry| {
                (entry.ending.finalized || !entry.states.inactive) && !entry.ending.stopping
            })
    }

    fn is_ending(&self, service: ObjectKey) -> bool {
        self.entry(service).is_some_and(|entry| entry.ending.phase_3)
    }

    /// A client has been stopped: it comes off its provider. An inactive one that comes off its last is quiet (BQ-1).
    pub(super) fn end_stop(&mut self, client: ObjectKey, provider: ObjectKey) {
        if self.entry(client).is_some_and(|entry| entry.states.inactive && entry.parents == [provider]) {
            // The way to the root is needed to lower the busy counts on it.
            self.adjust_busy(client, false);
        }
        self.detach(client, provider);
        if let Some(entry) = self.entry_mut(client) {
            entry.ending.stopping = false;
            if entry.ending.finalized && entry.parents.is_empty() {
                // The user client is told nothing any more, and must not be kept by its own entry.
                let client = entry.client.take();
                self.garbage.push(Box::new(client));
            }
        }
        self.release(client);
        self.release(provider);
        self.resume_parked();
    }
}

/// `kIOServiceRequired`, which messages about an asynchronous termination carry (NT-17).
const REQUIRED: u64 = 1;

/// `kIOServiceSynchronous`, `kIOServiceTerminate` and `kIOServiceRequired`.
const SYNCHRONOUS_OPTIONS: u64 = 2 | 4 | REQUIRED;
