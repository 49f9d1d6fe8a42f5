//! Termination, as far as it goes under the kernel's lock: phase 1, and what phases 2 and 3 wait for.

use super::client::Client;
use super::keys::ObjectKey;
use super::matching::family::Families;
use super::place::PlaneKey;
use super::shared::Shared;
use super::state::{PortKind, State, Work};
use super::state_bits::States;
use super::subscriber::Event;
use super::termination::{Step, Stop, Termination};
use crate::interface::TerminateOptions;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Shared {
    /// [`State::terminate`], with families asked about those who want to hear of it (NT-9).
    pub(super) fn terminate(self: &Arc<Self>, victim: ObjectKey, options: TerminateOptions) -> bool {
        self.decide(|kernel, families| {
            if kernel.announcing_may_ask(Event::Terminated) {
                for victim in kernel.victims_of(victim) {
                    kernel.can_announce(&[Event::Terminated], victim, families);
                }
            }
            families.are_settled().then(|| kernel.terminate(victim, options, families))
        })
    }
}

impl State {
    /// Whom the end of a service will take along, itself included.
    fn victims_of(&self, victim: ObjectKey) -> Vec<ObjectKey> {
        let mut victims = vec![victim];
        let mut next = 0;
        while let Some(&victim) = victims.get(next) {
            victims.extend(self.clients(victim).filter(|&client| self.is_only_provider(client, victim)));
            next += 1;
        }
        victims
    }

    /// Phase 1 (TERM-2), breadth first; the rest is put off. False if the service was inactive already (TERM-4).
    pub(super) fn terminate(
        &mut self,
        victim: ObjectKey,
        options: TerminateOptions,
        families: &mut Families,
    ) -> bool {
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
            self.announce(Event::Terminated, victim, families);
            self.destroy_ports(victim);
            for client in self.clients(victim).collect::<Vec<_>>() {
                // `requestTerminate`: a client agrees if this provider is its only one.
                let agrees = self.is_only_provider(client, victim)
                    && self.entry(client).is_some_and(|entry| !entry.states.inactive);
                if agrees {
                    self.make_inactive(client);
                    queue.push_back(client);
                }
            }
        }
        let options = if options.synchronous { SYNCHRONOUS_OPTIONS } else { REQUIRED };
        self.work.push_back(Work::Terminate(Termination::new(victims, options)));
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
        // NT-9.
        let keeps_port = self.entry(victim).is_some_and(|entry| entry.keeps_port);
        if let Some(port) = self.objects[victim].object_port.filter(|_| !keeps_port) {
            self.destroy_port(port);
        }
        let Some(entry) = self.entry_mut(victim) else { return };
        let Some(port) = entry.connect_port else { return };
        match entry.mappings.take() {
            None => self.destroy_port(port),
            Some(mappings) => {
                entry.connect_port = None;
                let client = std::mem::replace(&mut self.ports[port].kind, PortKind::Mappings(*mappings));
                self.garbage.push(Box::new(client));
                self.release(victim);
            }
        }
    }

    /// Something has ended that what is parked may have waited for: it tries again.
    pub(super) fn resume_parked(&mut self) {
        self.given_up += 1;
        self.retry_parked();
    }

    fn retry_parked(&mut self) {
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

    /// A victim's clients have been told that it is gone: each is to be stopped, or when it has closed the victim (TERM-9).
    pub(super) fn schedule_stops(&self, termination: &mut Termination, victim: ObjectKey) {
        for client in self.clients(victim) {
            let stop = Stop { client, provider: victim, provider_goes: true };
            if self.keeps(client, victim) {
                termination.open.push(stop);
            } else {
                termination.scheduled.push_back(stop);
            }
        }
    }

    /// Whether a client has a provider open, or has put off its stop.
    fn keeps(&self, client: ObjectKey, provider: ObjectKey) -> bool {
        let link = self.link(client, provider, PlaneKey::SERVICE);
        self.is_open_to(provider, client) || link.is_some_and(|link| self.links[link].deferred)
    }

    /// A client puts off its stop, until it closes the provider (TERM-9).
    pub(super) fn defer_stop(&mut self, client: ObjectKey, provider: ObjectKey, deferred: bool) {
        if let Some(link) = self.link(client, provider, PlaneKey::SERVICE) {
            self.links[link].deferred = deferred;
        }
    }

    /// What phase 3 does next (TERM-10): first whatever can be finalized, then the first stop that can be. None if all
    /// waits for something, or is done. A client that is to be stopped, and its provider, are held until
    /// [`end_stop`](Self::end_stop).
    pub(super) fn next_step(&mut self, termination: &mut Termination) -> Option<Step> {
        if termination.given_up != self.given_up {
            self.look_again(termination);
        }
        while let Some(victim) = termination.leaves.pop_front() {
            if !self.is_leaf(victim) {
                continue;
            }
            if self.is_in_use(victim) {
                termination.busy_leaves.push(victim);
                continue;
            }
            self.entry_mut(victim)?.ending.finalized = true;
            let staying = self.providers(victim).filter(|&provider| !self.is_ending(provider));
            let stop = |provider| Stop { client: victim, provider, provider_goes: false };
            termination.scheduled.extend(staying.map(stop));
            return Some(Step::Finalize(victim));
        }
        while let Some(stop) = termination.scheduled.pop_front() {
            let Stop { client, provider, .. } = stop;
            if self.link(client, provider, PlaneKey::SERVICE).is_none() {
                // Another termination has taken them apart.
                continue;
            }
            if !self.can_stop(client) {
                termination.passed_over.push(stop);
                continue;
            }
            self.entry_mut(client)?.ending.stopping = true;
            self.retain(client);
            self.retain(provider);
            return Some(Step::Stop(stop));
        }
        None
    }

    /// Looks at everything again, as others may have done something too, and lets go of the victims that are gone.
    pub(super) fn review(&mut self, termination: &mut Termination) {
        let is_gone = |victim: &ObjectKey| {
            self.entry(*victim).is_none_or(|entry| entry.ending.finalized && !entry.is_attached())
        };
        let victims = std::mem::take(&mut termination.victims);
        let (gone, left): (Vec<_>, _) = victims.into_iter().partition(is_gone);
        termination.victims = left;
        self.look_again(termination);
        termination.busy_leaves.clear();
        let leaves = termination.victims.iter().rev().copied().filter(|&victim| self.is_leaf(victim));
        termination.leaves = leaves.collect();
        gone.into_iter().for_each(|victim| self.release(victim));
    }

    /// Looks again at what could not go on.
    fn look_again(&self, termination: &mut Termination) {
        termination.given_up = self.given_up;
        termination.leaves.extend(termination.busy_leaves.drain(..));
        for stop in termination.passed_over.drain(..).rev() {
            termination.scheduled.push_front(stop);
        }
        let closed = termination.open.extract_if(.., |stop| !self.keeps(stop.client, stop.provider));
        termination.scheduled.extend(closed);
    }

    /// Whether a victim's clients are gone, and it is to be finalized.
    pub(super) fn is_leaf(&self, victim: ObjectKey) -> bool {
        self.entry(victim).is_some_and(|entry| {
            entry.ending.phase_3 && entry.links.children.is_empty() && !entry.ending.finalized
        })
    }

    /// Whether one of its external methods runs (TERM-7), or it is being closed. From now on whoever leaves says so.
    fn is_in_use(&self, victim: ObjectKey) -> bool {
        let client = self.client_of(victim);
        client.iter().for_each(|client| client.watch());
        client.is_some_and(|client| client.in_flight() > 0 || client.exclusive.load(Ordering::Relaxed))
    }

    /// An inactive client stops after it has been finalized, any other at once (TERM-2a).
    fn can_stop(&self, client: ObjectKey) -> bool {
        self.entry(client)
            .is_some_and(|entry| (entry.ending.finalized || !entry.states.inactive) && !entry.ending.stopping)
    }

    fn is_ending(&self, service: ObjectKey) -> bool {
        self.entry(service).is_some_and(|entry| entry.ending.phase_3)
    }

    /// A client has been stopped: it comes off its provider. An inactive one that comes off its last is quiet (BQ-1).
    pub(super) fn end_stop(&mut self, client: ObjectKey, provider: ObjectKey) {
        if self.is_only_provider(client, provider)
            && self.entry(client).is_some_and(|entry| entry.states.inactive)
        {
            // The way to the root is needed to lower the busy counts on it.
            self.adjust_busy(client, false);
        }
        self.detach(client, provider);
        if let Some(entry) = self.entry_mut(client) {
            entry.ending.stopping = false;
            if entry.ending.finalized && !entry.is_attached() {
                // The user client is told nothing any more, and must not be kept by its own entry.
                let client = entry.client.take();
                self.garbage.push(Box::new(client));
            }
        }
        self.release(client);
        self.release(provider);
        self.retry_parked();
    }
}

/// `kIOServiceRequired`, which messages about an asynchronous termination carry (NT-17).
const REQUIRED: u64 = 1;

/// `kIOServiceSynchronous`, `kIOServiceTerminate` and `kIOServiceRequired`.
const SYNCHRONOUS_OPTIONS: u64 = 2 | 4 | REQUIRED;
