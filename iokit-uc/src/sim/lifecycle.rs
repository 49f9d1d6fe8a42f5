//! What drivers are told: that a connection is closed, that its task has died, that a provider is going away.

use super::client::Client;
use super::keys::ObjectKey;
use super::report::Misuse;
use super::shared::Shared;
use super::state::{Termination, Work};
use super::thread;
use crate::interface::{MessageArgument, MessageType, OnClose, TerminateOptions, UserClient};
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
        Work::Freed(client) => shared.core().work_loop().drop_jobs_of(client),
    }
}

impl Shared {
    /// Phase 2 (TERM-8, TERM-9), which external methods that run do not hold up, since they may wait for it; then phase
    /// 3 of whatever can go. The rest is parked.
    fn finish_termination(self: &Arc<Self>, mut termination: Termination) {
        if !termination.told {
            let mut kernel = self.lock();
            if termination.victims.iter().any(|&victim| kernel.is_held(victim)) {
                kernel.parked.push(Work::Terminate(termination));
                return;
            }
            drop(kernel);
            self.tell_of_termination(&termination);
            termination.told = true;
        }
        // Phase 3 (TERM-10).
        loop {
            let mut kernel = self.lock();
            kernel.release_the_gone(&mut termination.victims);
            let victims = &termination.victims;
            if let Some(victim) = kernel.next_to_finalize(victims) {
                drop(kernel);
                self.finalize(victim);
            } else if let Some((client, provider)) = kernel.next_to_stop(victims) {
                drop(kernel);
                self.stop(client, provider);
            } else {
                if !victims.is_empty() {
                    kernel.parked.push(Work::Terminate(termination));
                }
                return;
            }
        }
    }

    /// Phase 2: providers are told first that they will go, leaves first that they have gone.
    fn tell_of_termination(self: &Arc<Self>, Termination { victims, options, .. }: &Termination) {
        let argument = MessageArgument::Value(*options);
        for &victim in victims {
            for client in self.clients_of(victim) {
                let provider = self.lock().id_of(victim);
                self.tell("willTerminate", || client.user_client.will_terminate(provider));
                self.let_go(client);
            }
        }
        for &victim in victims.iter().rev() {
            if let Some(entry) = self.lock().entry_mut(victim) {
                entry.ending.phase_3 = true;
            }
            self.message_clients(victim, MessageType::SERVICE_IS_TERMINATED, argument, None);
            for client in self.clients_of(victim) {
                let provider = self.lock().id_of(victim);
                self.tell("didTerminate", || client.user_client.did_terminate(provider));
                let keeps_it = self.lock().is_open_to(victim, client.object);
                if keeps_it {
                    // What it answers does not matter: it has closed by then, or it has not.
                    self.message_client(&client, victim, MessageType::SERVICE_IS_REQUESTING_CLOSE, argument);
                }
                self.let_go(client);
            }
        }
    }

    fn finalize(self: &Arc<Self>, victim: ObjectKey) {
        let client = self.lock().client_of(victim);
        if let Some(client) = client {
            self.tell("finalize", || client.user_client.finalize());
            self.let_go(client);
        }
        let mut kernel = self.lock();
        if kernel.entry(victim).is_some_and(|entry| entry.parents.is_empty()) {
            // No provider is left to come off.
            kernel.adjust_busy(victim, false);
        }
    }

    /// `stop`, `close` of what is open still, `detach`.
    fn stop(self: &Arc<Self>, client: ObjectKey, provider: ObjectKey) {
        let kernel = self.lock();
        let (user_client, id) = (kernel.client_of(client), kernel.id_of(provider));
        drop(kernel);
        if let Some(user_client) = user_client {
            self.tell("stop", || user_client.user_client.stop(id));
            self.let_go(user_client);
        }
        self.close_service(provider, client, 0);
        let mut kernel = self.lock();
        kernel.end_stop(client, provider);
        let is_gone = kernel.client_of(client).is_none();
        drop(kernel);
        if is_gone {
            self.core().work_loop().drop_jobs_of(client);
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
                self.lock().terminate(client.object, TerminateOptions::default());
            }
            Err(_) => self.lock().misuses.push(Misuse::Panic(function)),
        }
    }
}
