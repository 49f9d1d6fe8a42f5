//! Dictionaries of a property list.

use super::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::Arc;

/// `OSDictionary`: values by key, in the order in which the keys were first put in.
///
/// ```
/// # use iokit_uc::{Dictionary, Value};
/// let mut query = Dictionary::default();
/// query.insert("IOProviderClass", "AppleSMC");
/// query.insert("IOMatchCategory", "example");
/// assert_eq!(query.insert("IOProviderClass", "IOPlatformDevice"), Some(Value::from("AppleSMC")));
/// assert!(query.keys().eq(["IOProviderClass", "IOMatchCategory"]));
/// ```
///
/// Two are equal if they have the same keys and equal values, in whatever order. A clone shares the contents
/// until either is changed.
#[derive(Clone, Default)]
#[doc(alias = "CFDictionary")]
pub struct Dictionary(
    /// None is empty: a registry has many dictionaries of no keys.
    Option<Arc<Entries>>,
);

#[derive(Clone, Default)]
struct Entries {
    list: Vec<(Arc<str>, Value)>,
    /// The places of the keys, if there are more than [`FEW`]. Boxed, for most have none.
    #[expect(clippy::box_collection, reason = "a word instead of three in every small dictionary")]
    index: Option<Box<BTreeMap<Arc<str>, usize>>>,
}

/// So many keys are looked through about as fast as an index is asked.
const FEW: usize = 8;

impl Entries {
    fn place(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.list.iter().position(|(other, _)| **other == *key),
        }
    }

    fn push(&mut self, key: Arc<str>, value: Value) {
        match &mut self.index {
            Some(index) => drop(index.insert(Arc::clone(&key), self.list.len())),
            None if self.list.len() == FEW => {
                let keys = self.list.iter().map(|(key, _)| key).chain([&key]);
                self.index = Some(Box::new(keys.cloned().zip(0..).collect()));
            }
            None => {}
        }
        self.list.push((key, value));
    }

    fn remove(&mut self, place: usize) -> Value {
        let (key, value) = self.list.remove(place);
        if let Some(index) = &mut self.index {
            index.remove(&key);
            index.values_mut().filter(|other| **other > place).for_each(|other| *other -= 1);
        }
        value
    }
}

impl Dictionary {
    pub(super) fn entries(&self) -> &[(Arc<str>, Value)] {
        self.0.as_ref().map_or(&[], |entries| &entries.list)
    }

    /// The entries in the order of their keys.
    pub(super) fn by_key(&self) -> Vec<&(Arc<str>, Value)> {
        let entries = self.entries();
        if let Some(Entries { index: Some(index), .. }) = self.0.as_deref() {
            return index.values().map(|&place| &entries[place]).collect();
        }
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| key);
        sorted
    }

    /// The values, if nobody else has this dictionary.
    pub(super) fn into_values(mut self) -> Vec<Value> {
        // Of several threads that drop the last clones, `into_inner` gives the contents to exactly one.
        let entries = self.0.take().and_then(Arc::into_inner).unwrap_or_default();
        entries.list.into_iter().map(|(_, value)| value).collect()
    }

    /// Whether both are one, which need not be looked into.
    pub(super) fn shares(&self, other: &Dictionary) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }

    /// What tells it from others, if it has contents that others may share.
    pub(super) fn identity(&self) -> Option<*const ()> {
        let entries = self.0.as_ref()?;
        (Arc::strong_count(entries) > 1).then_some(Arc::as_ptr(entries).cast())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let entries = self.0.as_deref()?;
        entries.place(key).map(|place| &entries.list[place].1)
    }

    /// Sets the value of a key, and returns the one it had. A new key comes last.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        match entries.place(&key) {
            Some(place) => Some(mem::replace(&mut entries.list[place].1, value)),
            None => {
                entries.push(key.into(), value);
                None
            }
        }
    }

    /// [`insert`](Self::insert) of a key that other dictionaries have too, which all share.
    #[allow(dead_code, reason = "for the simulator and for archives, which are features")]
    pub(crate) fn insert_shared(&mut self, key: &Arc<str>, value: Value) -> Option<Value> {
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        match entries.place(key) {
            Some(place) => Some(mem::replace(&mut entries.list[place].1, value)),
            None => {
                entries.push(Arc::clone(key), value);
                None
            }
        }
    }

    /// Removes a key, and returns the value it had. The others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let entries = self.0.as_mut()?;
        let place = entries.place(key)?;
        Some(Arc::make_mut(entries).remove(place))
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.entries().iter().map(|(key, value)| (&**key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.iter().map(|(key, _)| key)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }
}

impl<K: Into<String>, V: Into<Value>> Extend<(K, V)> for Dictionary {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Dictionary {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut dictionary = Dictionary::default();
        dictionary.extend(entries);
        dictionary
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Dictionary) -> bool {
        Value::from(self.clone()) == Value::from(other.clone())
    }
}

impl Eq for Dictionary {}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::from(self.clone()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_keeps_the_order_of_its_keys() {
        let mut dictionary: Dictionary = [("c", 1u8), ("a", 2), ("b", 3), ("c", 4)].into_iter().collect();
        assert!(dictionary.keys().eq(["c", "a", "b"]));
        assert_eq!(dictionary.get("c"), Some(&Value::from(4u8)));
        let before = dictionary.clone();
        assert_eq!(dictionary.remove("c"), Some(Value::from(4u8)));
        assert_eq!(dictionary.remove("c"), None);
        assert_eq!(dictionary.insert("c", 5u8), None);
        assert!(dictionary.keys().eq(["a", "b", "c"]));
        assert_eq!(dictionary.get("b"), Some(&Value::from(3u8)));
        assert_eq!((before.len(), before.get("c")), (3, Some(&Value::from(4u8))));
        assert!(before != dictionary && !before.is_empty() && Dictionary::default().is_empty());
        assert_eq!(format!("{dictionary:?}"), r#"{"a": 2u8, "b": 3u8, "c": 5u8}"#);
        dictionary.extend([("c", 4u8)]);
        assert_eq!(before, dictionary);
    }

    #[test]
    fn many_keys_are_kept_and_found_as_few_are() {
        let key = |number: u32| format!("key {}", number * 7 % 31);
        let mut dictionary: Dictionary = (0..31).map(|number| (key(number), number)).collect();
        assert!(dictionary.keys().map(str::to_owned).eq((0..31).map(key)));
        assert!((0..31).all(|number| dictionary.get(&key(number)) == Some(&number.into())));
        assert_eq!(dictionary.insert(key(20), 99u32), Some(20u32.into()));
        assert_eq!(dictionary.remove(&key(3)), Some(3u32.into()));
        assert_eq!((dictionary.get(&key(3)), dictionary.len()), (None, 30));
        assert_eq!(dictionary.get(&key(20)), Some(&99u32.into()));
        assert_eq!(dictionary.get("key"), None);
        let reversed: Dictionary = dictionary.iter().rev().map(|(key, value)| (key, value.clone())).collect();
        assert_eq!(dictionary, reversed);
        // As few as had no index.
        (0..28).for_each(|number| drop(dictionary.remove(&key(number))));
        assert!(dictionary.keys().map(str::to_owned).eq((28..31).map(key)));
        assert_eq!(dictionary, (28..31).rev().map(|number| (key(number), number)).collect::<Dictionary>());
    }

    #[test]
    fn a_shared_key_is_one_string() {
        let key: Arc<str> = "IOProviderClass".into();
        let mut dictionaries = [Dictionary::default(), Dictionary::default()];
        for dictionary in &mut dictionaries {
            assert_eq!(dictionary.insert_shared(&key, 1u8.into()), None);
            assert_eq!(dictionary.insert_shared(&key, 2u8.into()), Some(1u8.into()));
        }
        assert_eq!(Arc::strong_count(&key), 3);
        assert_eq!(dictionaries[0], dictionaries[1]);
    }

    #[test]
    fn a_small_dictionary_is_small() {
        assert_eq!(size_of::<Dictionary>(), 8);
        assert_eq!(size_of::<(Arc<str>, Value)>(), 40);
        assert!(size_of::<Entries>() <= 32);
    }
}
