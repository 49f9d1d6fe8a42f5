//! Walks over all that is in a value, however deep it is and however often its parts are shared. None recurses.

#[cfg(feature = "sim")]
use super::Dictionary;
use super::error::Step;
use super::{Repr, Value, ValueError};
use std::collections::{HashMap, HashSet};
use std::slice;
use std::sync::Arc;

/// What is in a collection.
enum Contents<'a> {
    List(std::iter::Enumerate<slice::Iter<'a, Value>>),
    Entries(slice::Iter<'a, (Arc<str>, Value)>),
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Key(&'a Arc<str>),
    Index(usize),
}

impl<'a> Iterator for Contents<'a> {
    type Item = (Place<'a>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Contents::List(list) => list.next().map(|(index, value)| (Place::Index(index), value)),
            Contents::Entries(entries) => entries.next().map(|(key, value)| (Place::Key(key), value)),
        }
    }
}

impl Place<'_> {
    fn step(self) -> Step {
        match self {
            Place::Key(key) => Step::Key(Arc::clone(key)),
            Place::Index(index) => Step::Index(index),
        }
    }
}

impl Value {
    /// What is in it, if it is a collection.
    fn contents(&self) -> Option<Contents<'_>> {
        match self.as_list() {
            Some(list) => Some(Contents::List(list.iter().enumerate())),
            None => Some(Contents::Entries(self.as_dictionary()?.entries().iter())),
        }
    }

    /// How many non-empty collections there are, one within the other, at the deepest place: what
    /// [`MAX_NESTING`](Self::MAX_NESTING) limits.
    ///
    /// ```
    /// # use iokit_uc::Value;
    /// let list = Value::array([Value::dictionary([("a", 1)]), Value::array([0u8; 0])]);
    /// assert_eq!(list.nesting(), 2);
    /// ```
    pub fn nesting(&self) -> usize {
        let mut known = HashMap::new();
        let mut levels: Vec<(&Value, Contents<'_>, usize)> = Vec::new();
        let mut next = self;
        loop {
            let mut nesting = match next.identity().and_then(|identity| known.get(&identity)) {
                Some(&known) => known,
                None => match next.contents() {
                    Some(contents) => {
                        levels.push((next, contents, 0));
                        0
                    }
                    None => 0,
                },
            };
            // Up to the next one that has not been looked at.
            next = loop {
                let Some((value, contents, deepest)) = levels.last_mut() else { return nesting };
                *deepest = nesting.max(*deepest);
                if let Some((_, within)) = contents.next() {
                    break within;
                }
                let is_empty = value.contents().is_none_or(|mut contents| contents.next().is_none());
                nesting = if is_empty { 0 } else { *deepest + 1 };
                if let Some(identity) = value.identity() {
                    known.insert(identity, nesting);
                }
                levels.pop();
            };
        }
    }

    /// Visits every value once, collections before what is in them, and says whether it is there again. Ends with the first that
    /// `visit` returns, and the way to it.
    fn visit<'a, R>(
        &'a self,
        mut visit: impl FnMut(Option<&'a str>, &'a Value, bool) -> Option<R>,
    ) -> Option<(R, Vec<Step>)> {
        let mut seen = HashSet::new();
        let mut levels: Vec<(Contents<'a>, Option<Place<'a>>)> = Vec::new();
        let mut next = (None, self);
        loop {
            let (place, value) = next;
            let again = value.identity().is_some_and(|identity| !seen.insert(identity));
            let key = match place {
                Some(Place::Key(key)) => Some(&**key),
                _ => None,
            };
            if let Some(result) = visit(key, value, again) {
                let path = levels.iter().rev().filter_map(|(_, place)| Some((*place)?.step()));
                return Some((result, path.collect()));
            }
            if !again && let Some(contents) = value.contents() {
                levels.push((contents, None));
            }
            next = loop {
                let (contents, current) = levels.last_mut()?;
                match contents.next() {
                    Some((place, value)) => {
                        *current = Some(place);
                        break (Some(place), value);
                    }
                    None => drop(levels.pop()),
                }
            };
        }
    }

    /// What is in it more than once and is a collection, or long: to be written out once.
    pub(crate) fn repeated(&self) -> HashSet<*const ()> {
        const LONG: usize = 64;
        let mut repeated = HashSet::new();
        self.visit(|_, value, again| {
            let length = match &value.0 {
                Repr::String(text) => text.len(),
                Repr::Data(bytes) => bytes.len(),
                _ => usize::MAX,
            };
            if again && length > LONG {
                repeated.extend(value.identity());
            }
            None::<()>
        });
        repeated
    }

    /// The bytes that it has when it is serialized for the kernel (PR-7): a word for each object and its length, what it has padded to
    /// words, and a word where an object is there again.
    pub(crate) fn serialized_size(&self) -> usize {
        const WORD: usize = 4;
        let mut size = WORD;
        self.visit(|key, value, again| {
            size += key.map_or(0, |key| WORD + (key.len() + 1).next_multiple_of(WORD)) + WORD;
            size += match &value.0 {
                _ if again => 0,
                Repr::Number(_) => 8,
                Repr::String(text) => text.len().next_multiple_of(WORD),
                Repr::Data(bytes) => bytes.len().next_multiple_of(WORD),
                _ => 0,
            };
            None::<()>
        });
        size
    }

    /// What the kernel would make it refuse this value.
    pub(crate) fn unfit(&self) -> Option<Unfit> {
        let size = self.serialized_size();
        if size > Self::MAX_SERIALIZED {
            return Some(Unfit::Size(size));
        }
        self.undecodable()
    }

    /// What the kernel cannot decode, of whatever size (PR-7).
    pub(crate) fn undecodable(&self) -> Option<Unfit> {
        let nesting = self.nesting();
        if nesting > Self::MAX_NESTING {
            return Some(Unfit::Nesting(nesting));
        }
        let too_long = |text: &str| (text.len() > Self::MAX_STRING).then_some(text.len());
        let found = self.visit(|key, value, _| match key.and_then(too_long) {
            Some(length) => Some(("key", length)),
            None => Some(("string", too_long(value.as_str()?)?)),
        });
        let ((what, length), path) = found?;
        // The key itself would be most of the way there.
        let path = path.into_iter().skip(usize::from(what == "key"));
        let path = path.fold(ValueError::other("too long"), ValueError::within).path();
        Some(Unfit::String { what, length, path })
    }

    /// Where the kernel would end a string or a key early: the way there, and the byte that is NUL.
    pub(crate) fn interior_nul(&self) -> Option<ValueError> {
        let nul = |text: &str| text.bytes().position(|byte| byte == 0);
        let in_either = |key: Option<&str>, value: &Value| match key.and_then(nul) {
            Some(byte) => Some(("key", byte)),
            None => Some(("string", nul(value.as_str()?)?)),
        };
        let ((what, byte), path) = self.visit(|key, value, _| in_either(key, value))?;
        let error = ValueError::other(format_args!("the {what} has a NUL at byte {byte}"));
        Some(path.into_iter().fold(error, ValueError::within))
    }

    /// The same with other leaves and other keys, where there are others; what is shared stays so. Of keys that become the same the
    /// last stays.
    #[cfg(feature = "sim")]
    pub(crate) fn replace(
        &self,
        leaf: impl Fn(&Value) -> Option<Value>,
        key: impl Fn(&str) -> Option<&str>,
    ) -> Value {
        let is_other = |name: Option<&str>, value: &Value| {
            (name.and_then(&key).is_some() || (value.contents().is_none() && leaf(value).is_some()))
                .then_some(())
        };
        if self.visit(|key, value, _| is_other(key, value)).is_none() {
            return self.clone();
        }
        let mut known: HashMap<*const (), Value> = HashMap::new();
        let mut levels: Vec<(&Value, Contents<'_>, Vec<Value>)> = Vec::new();
        let mut next = self;
        loop {
            let mut made = match next.identity().and_then(|identity| known.get(&identity)) {
                Some(known) => known.clone(),
                None => match next.contents() {
                    Some(mut contents) => match contents.next() {
                        Some((_, first)) => {
                            levels.push((next, contents, Vec::new()));
                            next = first;
                            continue;
                        }
                        None => next.clone(),
                    },
                    None => {
                        let made = leaf(next).unwrap_or_else(|| next.clone());
                        if let Some(identity) = next.identity() {
                            known.insert(identity, made.clone());
                        }
                        made
                    }
                },
            };
            next = loop {
                let Some((_, contents, others)) = levels.last_mut() else { return made };
                others.push(made);
                if let Some((_, within)) = contents.next() {
                    break within;
                }
                let Some((value, _, others)) = levels.pop() else { return self.clone() };
                made = value.of_the_same_kind(others, &key);
                if let Some(identity) = value.identity() {
                    known.insert(identity, made.clone());
                }
            };
        }
    }

    /// A collection like this one with other contents.
    #[cfg(feature = "sim")]
    fn of_the_same_kind(&self, contents: Vec<Value>, key: impl Fn(&str) -> Option<&str>) -> Value {
        match &self.0 {
            Repr::Dictionary(dictionary) => {
                let mut other = Dictionary::default();
                for ((name, _), value) in dictionary.entries().iter().zip(contents) {
                    match key(name) {
                        Some(name) => drop(other.insert(name, value)),
                        None => drop(other.insert_shared(name, value)),
                    }
                }
                other.into()
            }
            Repr::Set(_) => Value::set(contents),
            _ => Value::from(contents),
        }
    }
}

/// Why the kernel refuses a value (PR-7, PR-8).
pub(crate) enum Unfit {
    /// So many bytes serialized.
    Size(usize),
    /// So many collections, one within the other.
    Nesting(usize),
    /// `what` is a string or a key, and of so many bytes; a key in the dictionary to which the path leads.
    String { what: &'static str, length: usize, path: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `innermost` within so many arrays and dictionaries.
    fn nested(levels: usize, innermost: Value) -> Value {
        (0..levels).fold(innermost, |value, level| match level % 2 {
            0 => Value::array([value]),
            _ => Value::dictionary([("child", value)]),
        })
    }

    /// Twice what is twice what is twice ...
    fn shared(levels: usize) -> Value {
        (0..levels).fold(Value::from("leaf"), |value, _| Value::array([value.clone(), value]))
    }

    #[test]
    fn empty_collections_do_not_nest() {
        assert_eq!(Value::from(1).nesting(), 0);
        assert_eq!(Value::array([0u8; 0]).nesting(), 0);
        assert_eq!(nested(3, Value::set([0u8; 0])).nesting(), 3);
        assert_eq!(
            Value::array([nested(1, 1.into()), nested(4, 1.into()), nested(2, 1.into())]).nesting(),
            5
        );
        let depth = if cfg!(miri) { 70 } else { 100_000 };
        assert_eq!(nested(depth, 1.into()).nesting(), depth);
    }

    #[test]
    fn what_is_shared_is_walked_once() {
        let wide = shared(100);
        assert_eq!(wide.nesting(), 100);
        // A word for the signature, two for each array and its second element, and the leaf.
        assert_eq!(wide.serialized_size(), 4 + 100 * 8 + 8);
        assert!(matches!(wide.unfit(), Some(Unfit::Nesting(100))));
        assert!(shared(63).unfit().is_none() && wide.interior_nul().is_none());
        assert_eq!(Value::array([wide.clone(), wide.clone()]), Value::array([wide.clone(), wide]));
    }

    #[test]
    fn pr_07_a_value_is_as_long_as_it_is_serialized() {
        let value = Value::dictionary([
            ("abc", Value::from("abcde")),
            ("d", Value::data([1, 2, 3, 4])),
            ("e", Value::from(7u8)),
            ("f", true.into()),
        ]);
        let (keys, values) = (4 * 4 + 4 * 4, (4 + 8) + (4 + 4) + (4 + 8) + 4);
        assert_eq!(value.serialized_size(), 4 + 4 + keys + values);
        let large = Value::data(vec![0; Value::MAX_SERIALIZED - 8]);
        assert!(large.unfit().is_none());
        let Some(Unfit::Size(size)) = Value::array([large]).unfit() else { panic!("it fits") };
        assert_eq!(size, Value::MAX_SERIALIZED + 4);
    }

    #[test]
    fn pr_07_a_long_string_is_found_where_it_is() {
        let text = |length| "x".repeat(length);
        let long =
            Value::dictionary([("a", Value::array([Value::from(1), text(Value::MAX_STRING + 1).into()]))]);
        let Some(Unfit::String { what, length, path }) = long.unfit() else { panic!("it fits") };
        assert_eq!((what, length, &*path), ("string", Value::MAX_STRING + 1, "a[1]"));
        assert!(Value::dictionary([(text(Value::MAX_STRING), 1)]).unfit().is_none());
        let long_key = Value::array([Value::dictionary([(text(Value::MAX_STRING + 1), 1)])]).unfit();
        let Some(Unfit::String { what, path, .. }) = long_key else { panic!("it fits") };
        assert_eq!((what, &*path), ("key", "[0]"));
        assert!(matches!(nested(64, 1.into()).unfit(), Some(Unfit::Nesting(64))));
    }

    #[test]
    fn a_nul_is_found_in_strings_and_in_keys() {
        let value = Value::dictionary([("a", Value::array([Value::from("b"), "c\0d".into()]))]);
        let error = value.interior_nul().unwrap();
        assert_eq!(error.to_string(), "`a[1]`: the string has a NUL at byte 1");
        let error = Value::array([Value::dictionary([("xy\0", 1)])]).interior_nul().unwrap();
        assert_eq!(error.to_string(), r#"`[0]["xy\0"]`: the key has a NUL at byte 2"#);
    }

    #[cfg(feature = "sim")]
    #[test]
    fn leaves_and_keys_are_replaced_at_any_depth() {
        fn leaf(value: &Value) -> Option<Value> {
            (value.as_str() == Some("leaf")).then(|| "other".into())
        }
        fn key(key: &str) -> Option<&str> {
            (key == "child").then_some("kid")
        }
        let depth = if cfg!(miri) { 70 } else { 10_000 };
        let replaced = nested(depth, "leaf".into()).replace(leaf, key);
        let expected = (0..depth).fold(Value::from("other"), |value, level| match level % 2 {
            0 => Value::array([value]),
            _ => Value::dictionary([("kid", value)]),
        });
        assert_eq!(replaced, expected);
        let wide = shared(100).replace(leaf, key);
        assert_eq!((wide.nesting(), wide.serialized_size()), (100, 4 + 100 * 8 + 4 + 8));
        let set = Value::set([Value::from("leaf"), "other".into(), Value::array([0u8; 0])]);
        assert_eq!(set.replace(leaf, key), Value::set([Value::from("other"), Value::array([0u8; 0])]));
        let both = Value::dictionary([("child", 1), ("kid", 2)]);
        assert_eq!(both.replace(leaf, key), Value::dictionary([("kid", 2)]));
        let same = nested(3, 1.into());
        assert_eq!(same.replace(leaf, |_| None), same);
    }
}
