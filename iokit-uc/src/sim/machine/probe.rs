//! How drivers come to their services: `probeCandidates` (MT-21).

use super::Machine;
use crate::sim::catalogue::Known;
use crate::sim::hooks::DriverInstance;
use crate::sim::keys::{ClassKey, ObjectKey};
use crate::sim::personality::{Personality, set_score};
use crate::sim::report::Misuse;
use crate::sim::shared::{Shared, settle_pending};
use crate::sim::state::{Entry, State};
use crate::sim::thread;
use std::cmp::Reverse;
use std::sync::Arc;

/// A personality that has matched a service, with the score that the family has left it.
struct Candidate {
    known: Arc<Known>,
    score: i64,
    name: Option<String>,
}

/// An instance that has been probed, held by a reference.
struct Probed {
    known: Arc<Known>,
    driver: ObjectKey,
    score: i64,
}

impl Machine {
    /// Adds a driver to the machine's catalogue: services that are registered are matched again, and those that register from
    /// now on are matched with it too. A service that is in a round goes round once more.
    ///
    /// That is done on return; the real kernel does it on threads of its own. A personality that nests too deep for the kernel,
    /// or has a string that is too long, is a [`Misuse`](crate::sim::Misuse), and no driver is added.
    #[doc(alias = "IOKitPersonalities")]
    pub fn add_driver(&self, personality: Personality) {
        let Some(query) = personality.query() else {
            let class = personality.class.clone();
            return self.shared.lock().misuses.push(Misuse::Personality { class });
        };
        let known = Arc::new(Known { query, personality });
        let mut kernel = self.shared.lock();
        if !kernel.catalogue.add(&known) {
            return;
        }
        drop(kernel);
        let services = self.shared.decide(|kernel, families| {
            let registered = kernel.find_all(&known.query, |states| states.registered, families)?;
            Some(registered.into_iter().map(|service| kernel.id_of(service)).collect::<Vec<_>>())
        });
        // One in a round sees for itself that the catalogue has changed.
        services.into_iter().for_each(|service| self.shared.match_again(service));
        settle_pending();
    }
}

impl State {
    /// The personalities for a service's class, best first: by score, by how near their class is to its own, by their age.
    fn personalities(&self, service: ObjectKey) -> Vec<Arc<Known>> {
        if self.catalogue.is_empty() {
            return Vec::new();
        }
        let class = self.objects[service].class;
        let classes = std::iter::successors(Some(class), |&class: &ClassKey| self.classes.superclass(class));
        let mut found: Vec<_> = classes
            .flat_map(|class| self.catalogue.for_class(self.classes.name(class)))
            .map(Arc::clone)
            .collect();
        found.sort_by_key(|known| Reverse(known.personality.score()));
        found
    }

    /// An instance of a driver, which nothing is attached to yet.
    fn make_driver(&mut self, candidate: &Candidate) -> ObjectKey {
        let Candidate { known, score, name } = candidate;
        let personality = &known.personality;
        self.classes.define(&personality.superclass, "IOService");
        let class = self.classes.define(&personality.class, &personality.superclass);
        if let Some(bundle) = &personality.bundle {
            self.classes.set_bundle(class, bundle);
        }
        let entry = Entry {
            properties: personality.instance_properties(*score, name.clone()),
            hooks: Some(Box::new(personality.hooks())),
            ..Entry::default()
        };
        self.make_entry(class, entry)
    }

    /// What a driver's functions are told.
    pub(in crate::sim) fn driver_instance(&self, driver: ObjectKey, provider: ObjectKey) -> DriverInstance {
        let properties = self.entry(driver).map(|entry| entry.properties.clone()).unwrap_or_default();
        DriverInstance { driver: self.id_of(driver), provider: self.id_of(provider), properties }
    }
}

impl Shared {
    /// `probeCandidates`: looks for drivers for a service, which a round holds, and starts the best of each category.
    pub(in crate::sim) fn probe_candidates(self: &Arc<Self>, service: ObjectKey) {
        let known = self.lock().personalities(service);
        let mut candidates: Vec<Candidate> =
            known.into_iter().filter_map(|known| self.candidate(service, known)).collect();
        candidates.sort_by_key(|candidate| Reverse(candidate.score));

        let mut by_category: Vec<(String, Vec<Probed>)> = Vec::new();
        for probed in candidates.into_iter().filter_map(|candidate| self.probe(service, candidate)) {
            let category = probed.known.personality.category();
            match by_category.iter_mut().find(|(known, _)| known == category) {
                Some((_, drivers)) => drivers.push(probed),
                None => by_category.push((category.to_owned(), vec![probed])),
            }
        }
        for (_, mut drivers) in by_category {
            drivers.sort_by_key(|probed| Reverse(probed.score));
            let mut started = false;
            for Probed { known, driver, .. } in drivers {
                started = started || self.start_driver(service, driver, &known.personality);
                self.lock().release(driver);
            }
        }
    }

    /// Whether a personality is for a service whose category is not served (MT-21).
    fn candidate(self: &Arc<Self>, service: ObjectKey, known: Arc<Known>) -> Option<Candidate> {
        let (score, name) = self.decide(|kernel, families| {
            let is_inactive = kernel.entry(service).is_none_or(|entry| entry.states.inactive);
            if is_inactive || kernel.serves_category(service, known.personality.category()) {
                return Some(None);
            }
            let passes = kernel.passes(service, &known.query, families)?;
            Some(passes.then(|| {
                let names = known.personality.names();
                let name = names.and_then(|names| kernel.matched_name(service, names));
                (families.score(service, &known.query), name.map(str::to_owned))
            }))
        })?;
        Some(Candidate { known, score, name })
    }

    /// Makes an instance, and has it probed while it is attached.
    fn probe(self: &Arc<Self>, service: ObjectKey, candidate: Candidate) -> Option<Probed> {
        let mut kernel = self.lock();
        let driver = kernel.make_driver(&candidate);
        if !kernel.attach(driver, service) {
            kernel.release(driver);
            return None;
        }
        let instance = kernel.driver_instance(driver, service);
        drop(kernel);
        let Candidate { known, score, .. } = candidate;
        let mut score = score as i32;
        let probed = match &known.personality.probe {
            Some(probe) => self.ask_driver("probe", || probe(&instance, &mut score)),
            None => true,
        };
        let mut kernel = self.lock();
        kernel.detach(driver, service);
        if !probed {
            kernel.release(driver);
            return None;
        }
        let score = score.into();
        if let Some(entry) = kernel.entry_mut(driver) {
            set_score(&mut entry.properties, score);
        }
        drop(kernel);
        Some(Probed { known, driver, score })
    }

    /// `startCandidate`: whether the driver drives the service now.
    fn start_driver(
        self: &Arc<Self>,
        service: ObjectKey,
        driver: ObjectKey,
        personality: &Personality,
    ) -> bool {
        let mut kernel = self.lock();
        if !kernel.attach(driver, service) {
            return false;
        }
        let instance = kernel.driver_instance(driver, service);
        drop(kernel);
        let started = match &personality.start {
            Some(start) => self.ask_driver("start", || start(&instance)),
            None => true,
        };
        if !started {
            self.lock().detach(driver, service);
        }
        started
    }

    /// What a driver answers; false if it panics.
    fn ask_driver(self: &Arc<Self>, function: &'static str, ask: impl FnOnce() -> bool) -> bool {
        thread::in_driver(std::ptr::null(), ask).unwrap_or_else(|_| {
            self.lock().misuses.push(Misuse::Panic(function));
            false
        })
    }

    /// `stop` of a driver that has been started by matching.
    pub(in crate::sim) fn stop_driver(self: &Arc<Self>, driver: ObjectKey, provider: ObjectKey) {
        let kernel = self.lock();
        let hooks = kernel.entry(driver).and_then(|entry| entry.hooks.as_deref());
        let Some(stop) = hooks.and_then(|hooks| hooks.stop.clone()) else { return };
        let instance = kernel.driver_instance(driver, provider);
        drop(kernel);
        self.ask_driver("stop", || {
            stop(&instance);
            true
        });
        self.lock().garbage.push(Box::new(stop));
    }
}
