//! A matching dictionary as the kernel reads it, taken apart once: notifications test it again and again.

use super::keys::ClassKey;
use crate::error::IoReturn;
use crate::value::{Dictionary, Unfit, Value};
use std::sync::{Arc, OnceLock};

const PROVIDER_CLASS: &str = "IOProviderClass";
const NAME_MATCH: &str = "IONameMatch";
const LOCATION_MATCH: &str = "IOLocationMatch";
const PROPERTY_MATCH: &str = "IOPropertyMatch";
const PROPERTY_EXISTS_MATCH: &str = "IOPropertyExistsMatch";
const PATH_MATCH: &str = "IOPathMatch";
const ENTRY_ID: &str = "IORegistryEntryID";
const MATCHED_SERVICE_COUNT: &str = "IOMatchedServiceCountMatch";
const BSD_KEYS: [&str; 4] = ["BSD Name", "BSD Major", "BSD Minor", "BSD Unit"];
const PARENT_MATCH: &str = "IOParentMatch";
const RESOURCE_MATCH: &str = "IOResourceMatch";
/// The keys that the resources had when they were last matched (MT-16).
pub(super) const RESOURCE_MATCHED: &str = "IOResourceMatched";
const PROBE_SCORE: &str = "IOProbeScore";

/// What the kernel adds to the dictionary of every task (MT-6), and passes over.
const OF_A_TASK: &str = "IOServiceNotificationUser";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Task,
    /// The kernel itself, whose strings are symbols.
    Kernel,
}

/// A query. Keys of a type that the kernel does not read are not there (MT-8, MT-10, MT-12 … MT-14).
pub(super) struct Query {
    /// What a family is given to look at.
    pub(super) table: Dictionary,
    pub(super) class: Option<String>,
    /// The class, once the kernel knows it. It stays what it is.
    pub(super) class_key: OnceLock<ClassKey>,
    pub(super) names: Option<Value>,
    pub(super) location: Option<String>,
    pub(super) properties: Option<Value>,
    pub(super) existing: Option<Value>,
    pub(super) path: Option<String>,
    pub(super) id: Option<u64>,
    pub(super) clients: Option<u32>,
    pub(super) bsd: Vec<(&'static str, Value)>,
    /// Whether there is a key that is none of these, so that the family is asked (MT-16).
    pub(super) asks_family: bool,
    pub(super) resources: Option<Value>,
    pub(super) matched_resource: Option<Value>,
    /// MT-17.
    pub(super) parent: Option<Arc<Query>>,
    /// The older form of `IOLocationMatch` (MT-10).
    pub(super) location_table: Option<Arc<Query>>,
    pub(super) origin: Origin,
}

impl Query {
    /// A task's dictionary; `kIOReturnBadArgument` for what is none, or what the kernel cannot decode (MT-4, PR-7).
    pub(super) fn of_task(query: &Value) -> Result<Arc<Self>, IoReturn> {
        // Of its size there is no limit here (PR-8).
        if query.undecodable().is_some() {
            return Err(IoReturn::BAD_ARGUMENT);
        }
        let mut table = query.as_dictionary().ok_or(IoReturn::BAD_ARGUMENT)?.clone();
        table.insert(OF_A_TASK, true);
        Ok(Self::new(&table, Origin::Task))
    }

    /// [`of_task`](Self::of_task) for a notification, of whose size there is a limit (PR-8).
    pub(super) fn of_notification(query: &Value) -> Result<Arc<Self>, IoReturn> {
        match query.unfit() {
            Some(Unfit::Size(_)) => Err(IoReturn::MESSAGE_TOO_LARGE),
            _ => Self::of_task(query),
        }
    }

    pub(super) fn new(table: &Dictionary, origin: Origin) -> Arc<Self> {
        let text = |key| table.get(key).and_then(string).map(str::to_owned);
        let nested = |key| Some(Self::new(table.get(key)?.as_dictionary()?, origin));
        let number = |key| table.get(key).and_then(number);
        let mut this = Self {
            class: text(PROVIDER_CLASS),
            class_key: OnceLock::new(),
            names: table.get(NAME_MATCH).cloned(),
            location: text(LOCATION_MATCH),
            properties: table.get(PROPERTY_MATCH).cloned(),
            existing: table.get(PROPERTY_EXISTS_MATCH).cloned(),
            path: text(PATH_MATCH),
            id: number(ENTRY_ID),
            // Compared as 32 bits.
            clients: number(MATCHED_SERVICE_COUNT).map(|count| count as u32),
            bsd: BSD_KEYS.iter().filter_map(|&key| Some((key, table.get(key)?.clone()))).collect(),
            asks_family: false,
            resources: table.get(RESOURCE_MATCH).cloned(),
            matched_resource: table.get(RESOURCE_MATCHED).cloned(),
            parent: nested(PARENT_MATCH),
            location_table: nested(LOCATION_MATCH),
            origin,
            table: table.clone(),
        };
        this.asks_family = this.consumed() < table.len();
        Arc::new(this)
    }

    /// How many keys the kernel reads before it asks the family.
    fn consumed(&self) -> usize {
        let read = [
            self.table.get(OF_A_TASK).is_some(),
            self.class.is_some(),
            self.names.is_some(),
            self.location.is_some(),
            self.properties.is_some(),
            self.existing.is_some(),
            self.path.is_some(),
            self.id.is_some(),
            self.clients.is_some(),
        ];
        read.into_iter().filter(|&read| read).count() + self.bsd.len()
    }

    /// Whether it may come to asking a family, of a service or of one above it.
    pub(super) fn may_ask(&self) -> bool {
        self.asks_family
    }

    /// `IOProbeScore`, which the family is given (MT-21).
    pub(super) fn score(&self) -> i64 {
        let score = self.table.get(PROBE_SCORE).and_then(Value::as_number);
        score.and_then(|score| score.as_i64()).unwrap_or(0)
    }

    /// Whether `IOPathMatch` alone says which entry it is: another can pass by its own `IOPath` (MT-12).
    pub(super) fn is_of_one_path(&self) -> bool {
        self.path.is_some() && self.properties.is_none() && self.existing.is_none()
    }
}

/// A string as it reaches the kernel (PR-7).
pub(super) fn string(value: &Value) -> Option<&str> {
    value.as_str().map(up_to_nul)
}

pub(super) fn up_to_nul(text: &str) -> &str {
    text.split_once('\0').map_or(text, |(text, _)| text)
}

/// `unsigned64BitValue`.
fn number(value: &Value) -> Option<u64> {
    let number = value.as_number()?;
    number.as_u64().or_else(|| number.as_f64().map(|float| float as u64))
}

/// The strings of a collection, keys if it is a dictionary, up to the first that is none (MT-9, MT-11).
pub(super) fn strings(value: &Value) -> impl Iterator<Item = &str> {
    let members = value.as_array().or_else(|| value.as_set()).unwrap_or_default();
    let keys = value.as_dictionary().into_iter().flat_map(Dictionary::keys);
    let alone = string(value).into_iter();
    alone.chain(members.iter().map_while(string)).chain(keys.map(up_to_nul))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(entries: impl IntoIterator<Item = (&'static str, Value)>) -> bool {
        Query::of_task(&Value::dictionary(entries)).ok().unwrap().may_ask()
    }

    #[test]
    fn mt_16_a_family_is_asked_about_keys_that_nothing_else_has_read() {
        assert!(!asks([]), "the kernel's own key is read");
        let nested = || Value::dictionary([("IONameMatch", "x")]);
        let read: [(_, Value); 12] = [
            ("IOProviderClass", "x".into()),
            ("IONameMatch", 5.into()),
            ("IOLocationMatch", "1".into()),
            ("IOPropertyMatch", true.into()),
            ("IOPropertyExistsMatch", true.into()),
            ("IOPathMatch", "x".into()),
            ("IORegistryEntryID", 5.into()),
            ("IOMatchedServiceCountMatch", 5.into()),
            ("BSD Name", "x".into()),
            ("BSD Major", 5.into()),
            ("BSD Minor", 5.into()),
            ("BSD Unit", 5.into()),
        ];
        for (key, value) in read {
            assert!(!asks([(key, value.clone())]), "{key}");
            assert!(asks([(key, value), ("Colour", "red".into())]), "{key} and another");
        }
        let left: [(_, Value); 8] = [
            ("IOProviderClass", 5.into()),
            ("IOLocationMatch", nested()),
            ("IOPathMatch", 5.into()),
            ("IORegistryEntryID", "x".into()),
            ("IOMatchedServiceCountMatch", "x".into()),
            ("IOParentMatch", nested()),
            ("IOResourceMatch", "x".into()),
            ("IOProbeScore", 5.into()),
        ];
        for (key, value) in left {
            assert!(asks([(key, value)]), "{key}");
        }
    }

    #[test]
    fn pr_08_the_dictionary_of_a_notification_has_a_limit_and_that_of_a_look_up_has_none() {
        let large = Value::dictionary([("k", Value::data(vec![1; Value::MAX_SERIALIZED]))]);
        assert!(Query::of_task(&large).is_ok());
        assert_eq!(Query::of_notification(&large).err(), Some(IoReturn::MESSAGE_TOO_LARGE));
        assert!(Query::of_notification(&Value::dictionary([("k", 1)])).is_ok());
    }

    #[test]
    fn pr_07_the_kernel_refuses_what_is_nested_too_deep_or_too_long() {
        let nested = |levels| {
            (1..levels).fold(Value::dictionary([("k", 1)]), |value, _| Value::dictionary([("k", value)]))
        };
        assert!(Query::of_task(&nested(Value::MAX_NESTING)).is_ok());
        assert_eq!(Query::of_task(&nested(Value::MAX_NESTING + 1)).err(), Some(IoReturn::BAD_ARGUMENT));
        let text = |length: usize| Value::dictionary([("k", "x".repeat(length))]);
        assert!(Query::of_task(&text(Value::MAX_STRING)).is_ok());
        assert_eq!(Query::of_task(&text(Value::MAX_STRING + 1)).err(), Some(IoReturn::BAD_ARGUMENT));
        assert_eq!(Query::of_task(&text(Value::MAX_SERIALIZED + 1)).err(), Some(IoReturn::BAD_ARGUMENT));
    }
}
