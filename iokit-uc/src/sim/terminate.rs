//! Termination, as far as it goes under the kernel's lock: phase 1, and what phases 2 and 3 wait for.

use super::client::Client;
use super::keys::ObjectKey;
use super::state::{State, States, Termination, Work};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
            entry.states = States { inactive: true, ..Default::default() };
        }
    }

    /// TERM-5: every name for the service, and for the connections to it if it is a user client, dies.
    fn destroy_ports(&mut self, victim: ObjectKey) {
        let connect_port = self.entry(victim).and_then(|entry| entry.connect_port);
        for port in [self.objects[victim].object_port, connect_port].into_iter().flatten() {
            self.destroy_port(port);
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

    /// Whether phase 3 of a victim can begin: none of its external methods runs (TERM-7), it is not being closed, and
    /// its clients are gone (TERM-10).
    pub(super) fn can_go(&self, victim: ObjectKey) -> bool {
        let client = self.client_of(victim);
        client.iter().for_each(|client| client.watch());
        client.is_none_or(|client| client.in_flight() == 0 && !client.exclusive.load(Ordering::Relaxed))
            && self.entry(victim).is_none_or(|entry| entry.children.is_empty())
    }

    /// Who has another provider has not agreed to go, and loses this one alone (TERM-2a).
    pub(super) fn detach_survivors(&mut self, victim: ObjectKey) {
        for client in self.entry(victim).map(|entry| entry.children.clone()).unwrap_or_default() {
            if self.entry(client).is_some_and(|entry| !entry.states.inactive) {
                self.detach(client, victim);
            }
        }
    }
}
