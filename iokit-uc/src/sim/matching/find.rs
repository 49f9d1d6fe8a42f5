//! Which services match a query, and what tasks are given of them.

use super::family::Families;
use crate::backend::{MAIN_PORT_DEFAULT, NULL, PortName};
use crate::error::IoReturn;
use crate::interface::EntryId;
use crate::sim::keys::{ObjectKey, TaskKey};
use crate::sim::query::Query;
use crate::sim::shared::{Locked, settle_pending};
use crate::sim::state::State;
use crate::sim::state_bits::Needs;
use crate::sim::task::Task;
use crate::value::Value;
use std::sync::Arc;

/// MT-2.
const MATCHED: Needs = |states| states.matched;

impl Task {
    /// `IOServiceGetMatchingService`.
    pub(in crate::sim) fn first_matching(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
    ) -> Result<PortName, IoReturn> {
        let query = self.query(main_port, matching)?;
        let first = self.shared.decide(|kernel, families| {
            let found = kernel.find_first(&query, MATCHED, families)?;
            Some(found.map_or(Ok(NULL), |service| kernel.vend(self.key, service)))
        });
        settle_pending();
        first
    }

    /// `IOServiceGetMatchingServices`: the iterator, none if nothing matches (MT-3).
    pub(in crate::sim) fn all_matching(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
    ) -> Result<PortName, IoReturn> {
        let query = self.query(main_port, matching)?;
        let iterator = self.shared.decide(|kernel, families| {
            let found = kernel.find_all(&query, MATCHED, families)?;
            if found.is_empty() {
                return Some(Ok(NULL));
            }
            let iterator = kernel.make_iterator(found);
            let name = kernel.vend(self.key, iterator);
            kernel.release(iterator);
            Some(name)
        });
        settle_pending();
        iterator
    }

    /// `IOServiceMatchPropertyTable`: whatever the service has come to (MT-19).
    pub(in crate::sim) fn match_property_table(
        &self,
        service: PortName,
        matching: Option<&Value>,
    ) -> Result<bool, IoReturn> {
        let matching = matching.ok_or(IoReturn::BAD_ARGUMENT)?;
        let (kernel, service) = self.send_to_service(service)?;
        drop(kernel);
        let query = Query::of_task(matching)?;
        let matches = self.shared.decide(|kernel, families| kernel.passes(service, &query, families));
        settle_pending();
        Ok(matches)
    }

    /// A task's dictionary. The library looks whether there is one before it asks, and the kernel at the port first
    /// (MT-4).
    pub(in crate::sim) fn query(
        &self,
        main_port: PortName,
        matching: Option<&Value>,
    ) -> Result<Arc<Query>, IoReturn> {
        let matching = matching.ok_or(IoReturn::BAD_ARGUMENT)?;
        drop(self.send_to_main(main_port)?);
        Query::of_task(matching)
    }
}

impl Task {
    /// Sends a request to a service; `kIOReturnBadArgument` for what is none (P-6).
    pub(in crate::sim) fn send_to_service(
        &self,
        name: PortName,
    ) -> Result<(Locked<'_>, ObjectKey), IoReturn> {
        let (kernel, service) = self.send_to_entry(name)?;
        if kernel.is_service(service) { Ok((kernel, service)) } else { Err(IoReturn::BAD_ARGUMENT) }
    }

    /// `IOServiceRequestProbe` (OC-20).
    pub(in crate::sim) fn request_probe(&self, service: PortName, options: u32) -> IoReturn {
        let (kernel, service) = match self.send_to_service(service) {
            Ok(sent) => sent,
            Err(code) => return code,
        };
        let hooks = kernel.entry(service).and_then(|entry| entry.hooks.as_deref());
        let Some(probe) = hooks.and_then(|hooks| hooks.request_probe.clone()) else {
            return IoReturn::UNSUPPORTED;
        };
        drop(kernel);
        self.driver_is_called();
        let code = self.shared.run_driver("requestProbe", || probe(options));
        self.shared.lock().garbage.push(Box::new(probe));
        settle_pending();
        code
    }
}

impl State {
    fn is_service(&self, object: ObjectKey) -> bool {
        self.entry(object).is_some() && self.is_kind_of(object, "IOService")
    }

    /// `getProvider` as matching and busy states see it: the registry's root is no service.
    pub(in crate::sim) fn service_above(&self, service: ObjectKey) -> Option<ObjectKey> {
        self.provider(service).filter(|&provider| provider != self.root)
    }

    /// The host's I/O Kit, by default or by a name of its port (MT-4).
    pub(in crate::sim) fn main_port(&self, task: TaskKey, name: PortName) -> Result<(), IoReturn> {
        if name == MAIN_PORT_DEFAULT {
            return if self.task(task).alive { Ok(()) } else { Err(IoReturn::MACH_SEND_INVALID_DEST) };
        }
        if self.destination(task, name)? == self.main { Ok(()) } else { Err(IoReturn::NOT_PRIVILEGED) }
    }

    /// The first service that matches. None if a family is to be asked first.
    pub(in crate::sim) fn find_first(
        &self,
        query: &Arc<Query>,
        needs: Needs,
        families: &mut Families,
    ) -> Option<Option<ObjectKey>> {
        for service in self.candidates(query, needs) {
            if self.passes(service, query, families)? {
                return Some(Some(service));
            }
        }
        Some(None)
    }

    /// The services that match, in order (MT-5). None if families are to be asked first.
    pub(in crate::sim) fn find_all(
        &self,
        query: &Arc<Query>,
        needs: Needs,
        families: &mut Families,
    ) -> Option<Vec<ObjectKey>> {
        // Who is not decided yet is left to the next time, when everybody has been asked.
        let passes = |&service: &ObjectKey| self.passes(service, query, families).unwrap_or(true);
        let found = self.candidates(query, needs).filter(passes).collect();
        families.are_settled().then_some(found)
    }

    /// The services that a query is put to: those of its class (MT-5), or the one that it can only be (MT-7, MT-12, MT-13);
    /// registered, not gone, and as far as it `needs` (MT-1).
    fn candidates(&self, query: &Query, needs: Needs) -> impl Iterator<Item = ObjectKey> {
        let only = if query.class.as_deref() == Some("IOResources") {
            Some(Some(self.resources))
        } else if let Some(id) = query.id {
            Some(self.entries.get(&EntryId(id)).copied())
        } else if query.is_of_one_path() {
            Some(query.path.as_deref().and_then(|path| self.entry_at_path(path)))
        } else {
            None
        };
        let is_one = only.is_some();
        let class = (!is_one).then(|| self.classes.find(query.class.as_deref().unwrap_or("IOService")));
        let of_class = class.flatten().map(|class| self.classes.instances(class));
        let only = only.flatten().filter(|&one| self.is_service(one));
        only.into_iter().chain(of_class.into_iter().flatten()).filter(move |&service| {
            self.entry(service).is_some_and(|entry| {
                let states = &entry.states;
                states.first_publish && !states.inactive && needs(states)
            })
        })
    }
}
