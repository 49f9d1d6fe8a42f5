//! What drivers are told: that a connection is closed, that its task has died, that a provider is going away.

use super::client::Client;
use super::keys::ObjectKey;
use super::report::Misuse;
use super::shared::Shared;
use super::state::Work;
use super::subscriber::Event;
use super::termination::{Step, Termination};
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
            self.tell_of_termination(&mut termination);
            termination.told = true;
        }
        // Phase 3 (TERM-10).
        self.lock().review(&mut termination);
        loop {
            let mut kernel = self.lock();
            let mut step = kernel.next_step(&mut termination);
            if step.is_none() {
                kernel.review(&mut termination);
                step = kernel.next_step(&mut termination);
            }
            match step {
                Some(Step::Finalize(victim)) => {
                    drop(kernel);
                    self.finalize(victim);
                }
                Some(Step::Stop(stop)) => {
                    drop(kernel);
                    self.stop(stop.client, stop.provider);
                    if stop.provider_goes && self.lock().is_leaf(stop.provider) {
                        termination.leaves.push_back(stop.provider);
                    }
                }
                None => {
                    if !termination.victims.is_empty() {
                        kernel.parked.push(Work::Terminate(termination));
                    }
                    return;
                }
            }
        }
    }

    /// Phase 2: providers are told first that they will go, leaves first that they have gone.
    fn tell_of_termination(self: &Arc<Self>, termination: &mut Termination) {
        let (victims, argument) = (termination.victims.clone(), MessageArgument::Value(termination.options));
        for &victim in &victims {
            self.decide(|kernel, families| {
                let is_settled = kernel.can_announce(&[Event::WillTerminate], victim, families);
                is_settled.then(|| kernel.announce(Event::WillTerminate, victim, families))
            });
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
            for listener in self.listeners_of(victim) {
                let mut defer = false;
                if let Some(client) = listener.user_client() {
                    let provider = self.lock().id_of(victim);
                    self.tell("didTerminate", || client.user_client.did_terminate(provider, &mut defer));
                }
                let mut kernel = self.lock();
                kernel.defer_stop(listener.object, victim, defer);
                let keeps_it = kernel.is_open_to(victim, listener.object);
                drop(kernel);
                if keeps_it && !defer {
                    // What it answers does not matter: it has closed by then, or it has not.
                    self.message_client(
                        &listener,
                        victim,
                        MessageType::SERVICE_IS_REQUESTING_CLOSE,
                        argument,
                    );
                }
                self.dismiss(listener);
            }
            self.lock().schedule_stops(termination, victim);
        }
    }

    fn finalize(self: &Arc<Self>, victim: ObjectKey) {
        let client = self.lock().client_of(victim);
        if let Some(client) = client {
            self.tell("finalize", || client.user_client.finalize());
            self.let_go(client);
        }
        let mut kernel = self.lock();
        if kernel.entry(victim).is_some_and(|entry| !entry.is_attached()) {
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
        self.stop_driver(client, provider);
        self.close_service(provider, client, 0);
        let mut kernel = self.lock();
        kernel.end_stop(client, provider);
        // Whoever waits for one of them may be who the next driver to be stopped waits for.
        self.notify();
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
                self.terminate(client.object, TerminateOptions::default());
            }
            Err(_) => self.lock().misuses.push(Misuse::Panic(function)),
        }
    }
}
