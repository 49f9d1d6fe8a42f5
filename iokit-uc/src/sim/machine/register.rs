//! Rounds of registration and matching (NT-3, BQ-3).

use super::Machine;
use crate::interface::EntryId;
use crate::sim::driver_work::DriverWork;
use crate::sim::keys::ObjectKey;
use crate::sim::matching::family::Families;
use crate::sim::query::RESOURCE_MATCHED;
use crate::sim::report::Misuse;
use crate::sim::shared::{Shared, settle_pending};
use crate::sim::state::State;
use crate::sim::subscriber::Event;
use crate::sim::work_loop::{self, Refused};
use crate::value::Value;
use std::sync::Arc;

/// How `registerService` is to work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterOptions {
    /// `kIOServiceSynchronous`: it returns when drivers have been looked for, and the service's busy count is back to what
    /// it was. So does registering a service whose provider was registered so.
    pub synchronous: bool,
    /// `kIOServiceAsynchronous`: it returns at once, whatever else is said.
    pub asynchronous: bool,
}

/// What registering a service comes to.
enum Requested {
    /// Nothing: the service is inactive, or not in the registry.
    Ignored,
    /// One more loop of the round that is pending or under way.
    Loop,
    /// A round. The busy count was `busy_before` it.
    Round { synchronous: bool, busy_before: u32 },
}

/// A matching round that has begun: drivers are being looked for (NT-3). Ends when dropped.
#[must_use = "the round ends when this is dropped"]
#[derive(Debug)]
pub struct MatchingRound {
    machine: Machine,
    /// None if no round of its own has come of it.
    service: Option<ObjectKey>,
}

impl Drop for MatchingRound {
    fn drop(&mut self) {
        if let Some(service) = self.service {
            self.machine.shared.finish_round(service);
        }
    }
}

impl Machine {
    /// `registerService`: drivers are looked for, and tasks are told (NT-3). Nothing happens to a service that is inactive
    /// or not attached, for which this returns false. A round that is pending or under way goes round once more.
    ///
    /// By default this returns at once, and the machine's work loop does it; the service is busy until that is done
    /// ([`wait_until_idle`](Self::wait_until_idle)).
    #[doc(alias = "registerService")]
    pub fn register(&self, service: EntryId, options: RegisterOptions) -> bool {
        let mut kernel = self.shared.lock();
        let Some(&object) = kernel.entries.get(&service) else { return false };
        let requested = kernel.request_round(object, options);
        let is_later = matches!(requested, Requested::Round { synchronous: false, .. });
        if is_later {
            kernel.rounds.push_back(object);
        }
        drop(kernel);
        match requested {
            Requested::Ignored => return false,
            Requested::Loop => {}
            Requested::Round { synchronous: false, .. } => self.shared.schedule_round(),
            Requested::Round { synchronous: true, busy_before } => {
                self.shared.run_round(object);
                self.shared.wait_until_busy_is(object, busy_before);
            }
        }
        settle_pending();
        true
    }

    /// The start of `registerService`: the service is registered, and drivers are being looked for until the round is
    /// dropped (NT-3). Until the first round has ended the service is not found (MT-2). Nothing happens to a service
    /// that is inactive (TERM-3); one that is in a round goes round once more (BQ-3).
    pub fn start_matching(&self, service: EntryId) -> MatchingRound {
        MatchingRound { machine: self.clone(), service: self.shared.start_round(service) }
    }

    /// `publishResource`: IOResources has a property of this name from now on, and is registered again, so that what waits
    /// for it is matched (MT-16).
    #[doc(alias = "publishResource")]
    pub fn publish_resource(&self, key: impl Into<String>, value: impl Into<Value>) {
        let mut kernel = self.shared.lock();
        let resources = kernel.resources;
        if let Some(entry) = kernel.entry_mut(resources) {
            entry.properties.insert(key, value);
        }
        let id = kernel.id_of(resources);
        drop(kernel);
        self.shared.match_now(id);
    }
}

impl Shared {
    /// Begins a round, if one of its own comes of it.
    fn start_round(self: &Arc<Self>, service: EntryId) -> Option<ObjectKey> {
        let mut kernel = self.lock();
        let object = kernel.entries.get(&service).copied().filter(|&service| {
            let requested = kernel.request_round(service, RegisterOptions::default());
            matches!(requested, Requested::Round { .. })
        })?;
        drop(kernel);
        self.decide(|kernel, families| kernel.begin_loop(object, families));
        Some(object)
    }

    /// The rest of a round that has been started.
    fn finish_round(self: &Arc<Self>, service: ObjectKey) {
        self.probe_candidates(service);
        if self.decide(|kernel, families| kernel.end_loop(service, families)) {
            self.run_round(service);
        }
        self.notify();
        settle_pending();
    }

    /// A round from its beginning to its end, on this thread.
    pub(in crate::sim) fn match_now(self: &Arc<Self>, service: EntryId) {
        if let Some(service) = self.start_round(service) {
            self.finish_round(service);
        }
    }

    /// The same, unless one is under way that will notice by itself what has changed.
    pub(in crate::sim) fn match_again(self: &Arc<Self>, service: EntryId) {
        let kernel = self.lock();
        let entry = kernel.entries.get(&service).and_then(|&service| kernel.entry(service));
        let is_under_way = entry.is_some_and(|entry| entry.round.is_under_way());
        drop(kernel);
        if !is_under_way {
            self.match_now(service);
        }
    }

    /// Leaves the rounds that are put off to the work loop.
    fn schedule_round(self: &Arc<Self>) {
        let (machine, core) = (Arc::downgrade(self), Arc::downgrade(self.core()));
        let next = async move {
            if let Some(machine) = machine.upgrade() {
                machine.run_next_round();
            }
        };
        let work = DriverWork::own(Box::pin(next), move |function| {
            if let Some(core) = core.upgrade() {
                core.change(|kernel| kernel.misuses.push(Misuse::Panic(function)));
            }
        });
        match self.core().work_loop().add(ObjectKey::default(), work) {
            Ok(begin) => drop(begin),
            // Without a thread of the machine's own it is this one's.
            Err((Refused::NoThread, _)) => drop(self.run_next_round()),
            Err((Refused::Ended, _)) => {}
        }
    }

    /// Does the first of the rounds that are put off. Returns whether there was one.
    fn run_next_round(self: &Arc<Self>) -> bool {
        let next = self.lock().rounds.pop_front();
        next.inspect(|&service| self.run_round(service)).is_some()
    }

    /// `doServiceMatch`, for a round that has been requested.
    fn run_round(self: &Arc<Self>, service: ObjectKey) {
        loop {
            if self.decide(|kernel, families| kernel.begin_loop(service, families)) {
                self.probe_candidates(service);
            }
            if !self.decide(|kernel, families| kernel.end_loop(service, families)) {
                break;
            }
        }
        self.notify();
    }

    /// What a synchronous registration waits for; not if the service is gone by then.
    fn wait_until_busy_is(self: &Arc<Self>, service: ObjectKey, busy: u32) {
        loop {
            let kernel = self.lock();
            let waits =
                kernel.entry(service).is_some_and(|entry| entry.busy > busy && !entry.states.inactive);
            if !waits {
                return;
            }
            if !work_loop::is_this_thread() || kernel.has_own_work() {
                drop(kernel.wait_for_work(None));
                continue;
            }
            // Nobody else does what is left to this thread.
            drop(kernel);
            if !self.run_next_round() {
                return;
            }
        }
    }
}

impl State {
    /// The service of the kernel's own that is registered before there is anybody to be told.
    pub(in crate::sim) fn register_first(&mut self, service: ObjectKey) {
        let mut nobody = Families::default();
        if let Requested::Round { .. } = self.request_round(service, RegisterOptions::default()) {
            self.begin_loop(service, &mut nobody);
            self.end_loop(service, &mut nobody);
        }
    }

    /// `registerService` and `startMatching`, as far as they go under the lock. A round keeps its service.
    fn request_round(&mut self, service: ObjectKey, options: RegisterOptions) -> Requested {
        let top = std::iter::successors(Some(service), |&place| self.provider(place)).last();
        let provider = self.provider(service).and_then(|provider| self.entry(provider));
        let like_provider = provider.is_some_and(|provider| provider.round.is_synchronous);
        let synchronous = (options.synchronous || like_provider) && !options.asynchronous;
        let root = self.root;
        let Some(entry) = self.entry_mut(service) else { return Requested::Ignored };
        if entry.states.inactive || top != Some(root) {
            return Requested::Ignored;
        }
        let is_under_way = entry.round.is_under_way();
        entry.round.requested = true;
        entry.round.is_synchronous = synchronous;
        if is_under_way {
            return Requested::Loop;
        }
        let busy_before = entry.busy;
        entry.holds += 1;
        self.retain(service);
        self.adjust_busy(service, true);
        Requested::Round { synchronous, busy_before }
    }

    /// The beginning of a loop: the service is registered, and whoever wants to hear of it does (NT-3). Returns whether
    /// drivers are to be looked for; nothing if families are to be asked first.
    fn begin_loop(&mut self, service: ObjectKey, families: &mut Families) -> Option<bool> {
        let entry = self.entry(service)?;
        if entry.states.inactive {
            return Some(false);
        }
        let is_first = !entry.states.first_publish;
        let events: &[Event] = match (is_first, entry.round.requested) {
            (true, _) => &[Event::FirstPublish, Event::Publish],
            (false, true) => &[Event::Publish],
            // The catalogue has changed, and nothing else.
            (false, false) => &[],
        };
        if !self.can_announce(events, service, families) {
            return None;
        }
        let (class, generation) = (self.objects[service].class, self.catalogue.generation());
        let is_resources = service == self.resources || service == self.user_resources;
        let keys = is_resources.then(|| {
            let keys = self.entry(service).into_iter().flat_map(|entry| entry.properties.keys());
            Box::new(Value::array(keys))
        });
        let entry = self.entry_mut(service)?;
        entry.states.first_publish = true;
        entry.states.registered = true;
        entry.round.requested = false;
        entry.round.running = true;
        entry.round.generation = generation;
        entry.round.keys = keys;
        if is_first {
            self.classes.add_instance(class, service);
        }
        events.iter().for_each(|&event| self.announce(event, service, families));
        Some(true)
    }

    /// The end of a loop, and of the round unless another is to follow: `IOServiceGetMatchingServices` finds the service
    /// from now on (MT-2, NT-3). Returns whether another follows; nothing if families are to be asked first.
    fn end_loop(&mut self, service: ObjectKey, families: &mut Families) -> Option<bool> {
        let generation = self.catalogue.generation();
        let entry = self.entry(service)?;
        if !entry.states.inactive {
            if entry.round.requested || entry.round.generation != generation {
                return Some(true);
            }
            let events: &[Event] = match entry.states.first_match {
                true => &[Event::Matched],
                false => &[Event::Matched, Event::FirstMatch],
            };
            if !self.can_announce(events, service, families) {
                return None;
            }
            let entry = self.entry_mut(service)?;
            if let Some(keys) = entry.round.keys.take() {
                entry.properties.insert(RESOURCE_MATCHED, *keys);
            }
            entry.states.matched = true;
            entry.states.first_match = true;
            events.iter().for_each(|&event| self.announce(event, service, families));
        }
        let entry = self.entry_mut(service)?;
        entry.round.requested = false;
        entry.round.running = false;
        self.adjust_busy(service, false);
        self.end_hold(service);
        self.release(service);
        Some(false)
    }

    /// A matching round or an open is over: terminations that waited for it try again.
    pub(in crate::sim) fn end_hold(&mut self, object: ObjectKey) {
        if let Some(entry) = self.entry_mut(object) {
            entry.holds -= 1;
        }
        self.resume_parked();
    }
}
