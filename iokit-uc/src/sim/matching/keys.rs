//! What the keys of a query ask of a service (MT-8 … MT-17a), in the kernel's order.

use super::family::Families;
use crate::interface::EntryId;
use crate::sim::keys::{ClassKey, ObjectKey};
use crate::sim::personality::MATCH_CATEGORY;
use crate::sim::query::{Origin, Query, RESOURCE_MATCHED, string, strings, up_to_nul};
use crate::sim::state::{State, USER_SERVICE_PROPERTIES};
use crate::value::{Dictionary, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// The property in which a service names another whose parents are searched too (MT-17a).
const LEGACY_ID: &str = "IOServiceLegacyMatchingRegistryID";
const PATH: &str = "IOPath";

impl State {
    /// Whether a service matches by all rules. None if a family is to be asked first.
    pub(in crate::sim) fn passes(
        &self,
        service: ObjectKey,
        query: &Arc<Query>,
        families: &mut Families,
    ) -> Option<bool> {
        if !self.passes_here(service, query, families)? {
            return Some(false);
        }
        if let Some(parent) = &query.parent {
            return self.passes_above(service, parent, families);
        }
        match &query.location_table {
            Some(table) => match self.match_location(service) {
                Some(place) => self.passes(place, table, families),
                None => Some(false),
            },
            None => Some(true),
        }
    }

    /// The keys about the service itself, and its family's (MT-8 … MT-16).
    fn passes_here(&self, service: ObjectKey, query: &Arc<Query>, families: &mut Families) -> Option<bool> {
        // What the kernel reads itself decides before a family is asked.
        if !self.passes_kernel(service, query) {
            return Some(false);
        }
        if !query.asks_family {
            return Some(true);
        }
        let hooks = self.entry(service).and_then(|entry| entry.hooks.as_deref());
        match hooks.and_then(|hooks| hooks.match_property_table.as_ref()) {
            Some(hook) => families.answer(service, query, hook).map(|answer| answer.matches),
            None if self.is_resources(service) => Some(self.passes_resources(service, query)),
            None => Some(true),
        }
    }

    fn passes_kernel(&self, service: ObjectKey, query: &Query) -> bool {
        let Some(entry) = self.entry(service) else { return false };
        let passes_class = query.class.is_none()
            || self
                .class_of(query)
                .is_some_and(|class| self.classes.is_kind_of(self.objects[service].class, class));
        passes_class
            && query.names.as_ref().is_none_or(|names| self.matched_name(service, names).is_some())
            && query.location.as_deref().is_none_or(|wanted| self.location_of(service) == Some(wanted))
            && query.properties.as_ref().is_none_or(|wanted| has_properties(&entry.properties, wanted))
            && query
                .existing
                .as_ref()
                .is_none_or(|keys| strings(keys).any(|key| for_matching(&entry.properties, key).is_some()))
            && query.path.as_deref().is_none_or(|path| self.passes_path(service, query, path))
            && query.id.is_none_or(|id| self.id_of(service) == EntryId(id))
            && query.clients.is_none_or(|clients| self.matched_clients(service).count() as u32 == clients)
            && query.bsd.iter().all(|(key, wanted)| {
                self.property(service, key).is_some_and(|property| wanted.kernel_eq(property))
            })
    }

    /// The class that a query names, if there is one.
    fn class_of(&self, query: &Query) -> Option<ClassKey> {
        if let Some(class) = query.class_key.get() {
            return Some(*class);
        }
        let class = self.classes.find(query.class.as_deref()?)?;
        Some(*query.class_key.get_or_init(|| class))
    }

    /// MT-9: the name that matches, of one or of any of several up to the first that is not a string.
    pub(in crate::sim) fn matched_name<'a>(
        &'a self,
        service: ObjectKey,
        names: &'a Value,
    ) -> Option<&'a str> {
        strings(names).find_map(|wanted| self.name_by(service, wanted))
    }

    fn name_by<'a>(&'a self, service: ObjectKey, wanted: &'a str) -> Option<&'a str> {
        if self.name_of(service) == wanted {
            return Some(wanted);
        }
        // A nub made from the device tree goes by several names, and takes a trailing `*` (MT-9).
        let entry = self.entry(service).filter(|entry| entry.device_tree_names)?;
        ["name", "compatible", "device_type", "model"]
            .iter()
            .filter_map(|key| entry.properties.get(key))
            .flat_map(names_in)
            .find(|name| match wanted.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix.as_bytes()),
                None => *name == wanted.as_bytes(),
            })
            // What is no text is known by what it has been called.
            .map(|name| std::str::from_utf8(name).unwrap_or(wanted))
    }

    /// MT-12. A service's own `IOPath` counts where properties have been looked at.
    fn passes_path(&self, service: ObjectKey, query: &Query, path: &str) -> bool {
        let looks_at_properties = query.properties.is_some() || query.existing.is_some();
        let own = || {
            let properties = &self.entry(service)?.properties;
            for_matching(properties, PATH).map(|own| Value::from(path).kernel_eq(own))
        };
        self.entry_at_path(path) == Some(service) || (looks_at_properties && own() == Some(true))
    }

    /// MT-14: active clients that were matched by category.
    fn matched_clients(&self, service: ObjectKey) -> impl Iterator<Item = ObjectKey> {
        self.clients(service).filter(|&client| {
            self.entry(client).is_some_and(|entry| !entry.states.inactive)
                && self.property(client, MATCH_CATEGORY).is_some()
        })
    }

    /// Whether a service has an active client of a category (MT-21).
    pub(in crate::sim) fn serves_category(&self, service: ObjectKey, category: &str) -> bool {
        self.matched_clients(service)
            .any(|client| self.property(client, MATCH_CATEGORY).and_then(string) == Some(category))
    }

    pub(in crate::sim) fn is_resources(&self, service: ObjectKey) -> bool {
        ["IOResources", "IOUserResources"].into_iter().any(|class| self.is_kind_of(service, class))
    }

    /// What the family of IOResources and IOUserResources makes of its two keys (MT-16).
    fn passes_resources(&self, service: ObjectKey, query: &Query) -> bool {
        let has = |key: &str| self.property(service, up_to_nul(key)).is_some();
        if let Some(wanted) = &query.resources {
            return match (wanted.as_array().or_else(|| wanted.as_set()), wanted.as_dictionary()) {
                (Some(members), _) => members.iter().all(|member| string(member).is_some_and(has)),
                (_, Some(dictionary)) => dictionary.keys().all(has),
                _ => string(wanted).is_some_and(has),
            };
        }
        let Some(wanted) = &query.matched_resource else { return true };
        // Only the kernel's own strings are the symbols that the list is made of.
        let matched = self.property(service, RESOURCE_MATCHED).and_then(Value::as_array);
        query.origin == Origin::Kernel && matched.is_some_and(|keys| keys.contains(wanted))
    }

    /// MT-17, MT-17a: some service above must match, or one above another that is named on the way.
    fn passes_above(&self, service: ObjectKey, query: &Arc<Query>, families: &mut Families) -> Option<bool> {
        let (mut named, mut known) = (Vec::new(), HashSet::new());
        let mut place = Some(service);
        let mut is_above = false;
        loop {
            while let Some(here) = place {
                if is_above && self.passes(here, query, families)? {
                    return Some(true);
                }
                if let Some(id) = self.property(here, LEGACY_ID).and_then(Value::as_number) {
                    named.push(id.as_u64().unwrap_or(0));
                }
                place = self.service_above(here);
                is_above = true;
            }
            let Some(id) = named.pop() else { return Some(false) };
            let other = self.entries.get(&EntryId(id)).copied();
            place = other.filter(|&other| {
                // Two that name each other are looked at once.
                self.entry(other).is_some_and(|entry| entry.states.matched) && known.insert(other)
            });
        }
    }

    /// `matchLocation` of the provider: the nearest device of the platform's above it (MT-10).
    fn match_location(&self, service: ObjectKey) -> Option<ObjectKey> {
        std::iter::successors(self.service_above(service), |&place| self.service_above(place))
            .find(|&place| self.is_kind_of(place, "IOPlatformDevice"))
    }
}

/// A property as matching sees it: what is there for users comes before the rest (MT-11).
fn for_matching<'a>(properties: &'a Dictionary, key: &str) -> Option<&'a Value> {
    let for_users = properties.get(USER_SERVICE_PROPERTIES).and_then(Value::as_dictionary);
    for_users.and_then(|dictionary| dictionary.get(key)).or_else(|| properties.get(key))
}

/// MT-11: all of a dictionary, or of any of several up to the first that is none.
fn has_properties(properties: &Dictionary, wanted: &Value) -> bool {
    let has_all = |wanted: &Dictionary| {
        wanted.iter().all(|(key, value)| {
            for_matching(properties, key).is_some_and(|property| property.kernel_eq(value))
        })
    };
    match wanted.as_dictionary() {
        Some(dictionary) => has_all(dictionary),
        None => {
            let members = wanted.as_array().or_else(|| wanted.as_set()).unwrap_or_default();
            members.iter().map_while(Value::as_dictionary).any(has_all)
        }
    }
}

/// The NUL-separated strings of a device-tree property.
fn names_in(property: &Value) -> impl Iterator<Item = &[u8]> {
    let bytes = property.as_data().or_else(|| property.as_str().map(str::as_bytes)).unwrap_or_default();
    bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty())
}
