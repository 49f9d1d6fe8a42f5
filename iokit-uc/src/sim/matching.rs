//! Finding services (MT-1 … MT-9).

use super::keys::{ObjectKey, TaskKey};
use super::report::Misuse;
use super::state::State;
use crate::backend::PortName;
use crate::error::IoReturn;
use crate::value::{Dictionary, Value};

/// Keys that this kernel reads, in the order in which it does.
const PROVIDER_CLASS: &str = "IOProviderClass";
const NAME_MATCH: &str = "IONameMatch";
const ENTRY_ID: &str = "IORegistryEntryID";

/// Keys that the real kernel reads and this one does not yet: nothing matches them, and asking is recorded.
const NOT_MODELLED: &[&str] = &[
    "IOLocationMatch",
    "IOPropertyMatch",
    "IOPropertyExistsMatch",
    "IOPathMatch",
    "IOMatchedServiceCountMatch",
    "BSD Name",
    "BSD Major",
    "BSD Minor",
    "BSD Unit",
    "IOParentMatch",
];

/// Keys that the real kernel reads for IOResources and IOUserResources alone (MT-16), and this one does not yet.
const RESOURCE_KEYS: &[&str] = &["IOResourceMatch", "IOResourceMatched"];

impl State {
    /// The services that match, in order; `kIOReturnBadArgument` for what is no dictionary (MT-4).
    pub(super) fn matching(&mut self, query: &Value) -> Result<Vec<ObjectKey>, IoReturn> {
        let query = query.as_dictionary().ok_or(IoReturn::BAD_ARGUMENT)?;
        let of_resources =
            matches!(query.get(PROVIDER_CLASS).and_then(string), Some("IOResources" | "IOUserResources"));
        let unknown = query
            .keys()
            .find(|key| NOT_MODELLED.contains(key) || (of_resources && RESOURCE_KEYS.contains(key)));
        if let Some(key) = unknown {
            let key = key.to_owned();
            self.misuses.push(Misuse::NotModelled(format!("matching by {key}")));
            return Ok(Vec::new());
        }
        // A class key that is not a string is as good as none (MT-8).
        let class = query.get(PROVIDER_CLASS).and_then(string).unwrap_or("IOService");
        let candidates = match self.classes.find(class) {
            // IOResources stands for the one object of that class (MT-7).
            _ if class == "IOResources" => vec![self.resources],
            Some(class) => self.classes.instances(class),
            None => Vec::new(),
        };
        Ok(candidates
            .into_iter()
            .filter(|&service| self.is_found(service) && self.matches(service, query))
            .collect())
    }

    /// The host's I/O Kit, by default or by a name of its port (MT-4).
    pub(super) fn main_port(&self, task: TaskKey, name: PortName) -> Result<(), IoReturn> {
        if name == crate::backend::MAIN_PORT_DEFAULT {
            return if self.task(task).alive { Ok(()) } else { Err(IoReturn::MACH_SEND_INVALID_DEST) };
        }
        if self.destination(task, name)? == self.main { Ok(()) } else { Err(IoReturn::NOT_PRIVILEGED) }
    }

    /// Registered, through its first round, and not gone (MT-1, MT-2).
    fn is_found(&self, service: ObjectKey) -> bool {
        self.entry(service)
            .is_some_and(|entry| entry.states.first_publish && entry.states.matched && !entry.states.inactive)
    }

    /// Whether all keys that are there pass; keys that nobody reads pass (MT-16).
    fn matches(&self, service: ObjectKey, query: &Dictionary) -> bool {
        query.get(NAME_MATCH).is_none_or(|names| self.matches_name(service, names))
            && query
                .get(ENTRY_ID)
                .and_then(Value::as_number)
                .is_none_or(|id| id.as_u64() == Some(self.id_of(service).0))
    }

    /// MT-9: one name, or any of several up to the first that is not a string.
    fn matches_name(&self, service: ObjectKey, names: &Value) -> bool {
        let any = |names: &mut dyn Iterator<Item = &Value>| {
            names.map_while(string).any(|name| self.has_name(service, name))
        };
        if let Some(name) = string(names) {
            self.has_name(service, name)
        } else if let Some(array) = names.as_array() {
            any(&mut array.iter())
        } else if let Some(set) = names.as_set() {
            any(&mut set.iter())
        } else if let Some(dictionary) = names.as_dictionary() {
            dictionary.keys().any(|name| self.has_name(service, up_to_nul(name)))
        } else {
            false
        }
    }

    fn has_name(&self, service: ObjectKey, wanted: &str) -> bool {
        if self.name_of(service) == wanted {
            return true;
        }
        // A nub made from the device tree goes by several names, and takes a trailing `*` (MT-9).
        self.entry(service).filter(|entry| entry.device_tree_names).is_some_and(|entry| {
            ["name", "compatible", "device_type", "model"]
                .iter()
                .filter_map(|key| entry.properties.get(key))
                .flat_map(names_in)
                .any(|name| match wanted.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix.as_bytes()),
                    None => name == wanted.as_bytes(),
                })
        })
    }
}

/// A string as it reaches the kernel (PR-7).
fn string(value: &Value) -> Option<&str> {
    value.as_str().map(up_to_nul)
}

fn up_to_nul(text: &str) -> &str {
    text.split_once('\0').map_or(text, |(text, _)| text)
}

/// The NUL-separated strings of a device-tree property.
fn names_in(property: &Value) -> impl Iterator<Item = &[u8]> {
    let bytes = property.as_data().or_else(|| property.as_str().map(str::as_bytes)).unwrap_or_default();
    bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty())
}
