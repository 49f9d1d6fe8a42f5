//! Property-list values: what registry properties, matching dictionaries and drivers' settings are made of.

use std::{cmp::Ordering, collections::BTreeMap, fmt, mem, sync::Arc};

/// A property-list value: a dictionary, array, set, string, number, boolean, or data.
///
/// The kernel holds them as OSDictionary, OSArray, OSSet, OSString (or OSSymbol), OSNumber, OSBoolean and
/// OSData.
///
/// ```
/// # use iokit_uc::Value;
/// let settings = Value::dictionary([
///     ("Mode", Value::from("loopback")),
///     ("Channels", Value::array([0u32, 1, 5])),
///     ("Key", Value::data([0xca, 0xfe])),
/// ]);
/// let settings = settings.as_dictionary().unwrap();
/// assert_eq!(settings.get("Mode").unwrap().as_str(), Some("loopback"));
/// assert_eq!(settings.get("Channels").unwrap().as_array().unwrap().len(), 3);
/// ```
///
/// `==` is exact: numbers must have the same width and bits; order counts in arrays, but not in sets and
/// dictionaries. Matching in the kernel compares by other rules: [`kernel_eq`](Self::kernel_eq).
///
/// A clone is cheap: it shares the contents. Values nest without limit here; dropping, comparing and printing
/// a deep one does not exhaust the stack. The kernel takes [`MAX_NESTING`](Self::MAX_NESTING) levels, and no
/// string of 262142 bytes or more; it ends a string at the first NUL.
#[derive(Clone)]
#[doc(alias = "CFPropertyList")]
pub struct Value(Repr);

#[derive(Clone)]
enum Repr {
    Boolean(bool),
    Number(Number),
    String(Arc<str>),
    Data(Arc<[u8]>),
    Array(Arc<Vec<Value>>),
    Set(Arc<Set>),
    Dictionary(Dictionary),
}

#[derive(Default)]
struct Set {
    members: Vec<Value>,
    /// Indices of the members in the order of [`compare`]: to sort them there would recurse.
    sorted: Vec<usize>,
}

impl Value {
    /// The most non-empty collections, one within the other, that the kernel accepts. Of a deeper value it
    /// refuses the whole.
    pub const MAX_NESTING: usize = 63;

    /// A dictionary. Of several entries with one key the last stays, in the place of the first.
    pub fn dictionary<K: Into<String>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        entries.into_iter().collect::<Dictionary>().into()
    }

    /// An array.
    pub fn array<V: Into<Value>>(elements: impl IntoIterator<Item = V>) -> Self {
        Value(Repr::Array(Arc::new(elements.into_iter().map(V::into).collect())))
    }

    /// A set. Of equal members the first stays.
    pub fn set<V: Into<Value>>(members: impl IntoIterator<Item = V>) -> Self {
        let mut set = Set::default();
        for member in members.into_iter().map(V::into) {
            let order = |&other: &usize| compare(&set.members[other], &member);
            if let Err(place) = set.sorted.binary_search_by(order) {
                set.sorted.insert(place, set.members.len());
                set.members.push(member);
            }
        }
        Value(Repr::Set(Arc::new(set)))
    }

    /// Data: bytes that are no text.
    pub fn data(bytes: impl AsRef<[u8]>) -> Self {
        Value(Repr::Data(bytes.as_ref().into()))
    }

    /// What it is: "dictionary", "array", "set", "string", "data", "number" or "boolean".
    pub fn type_name(&self) -> &'static str {
        match &self.0 {
            Repr::Boolean(_) => "boolean",
            Repr::Number(_) => "number",
            Repr::String(_) => "string",
            Repr::Data(_) => "data",
            Repr::Array(_) => "array",
            Repr::Set(_) => "set",
            Repr::Dictionary(_) => "dictionary",
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        let Repr::String(text) = &self.0 else { return None };
        Some(text)
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        let Repr::Boolean(value) = self.0 else { return None };
        Some(value)
    }

    /// A number.
    pub fn as_number(&self) -> Option<Number> {
        let Repr::Number(number) = self.0 else { return None };
        Some(number)
    }

    /// The bytes of data.
    pub fn as_data(&self) -> Option<&[u8]> {
        let Repr::Data(bytes) = &self.0 else { return None };
        Some(bytes)
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        let Repr::Array(array) = &self.0 else { return None };
        Some(array)
    }

    /// The members of a set, in the order in which they were put in.
    pub fn as_set(&self) -> Option<&[Value]> {
        let Repr::Set(set) = &self.0 else { return None };
        Some(&set.members)
    }

    /// A dictionary.
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        let Repr::Dictionary(it) = &self.0 else {
            return None;
        };
        Some(it)
    }

    /// `isEqualTo`: whether the kernel finds `argument` equal to `self`, the receiver. In matching by
    /// properties the receiver is the service's property. The two sides are not interchangeable:
    ///
    /// - Strings are compared by bytes, data by length and bytes, booleans by value.
    /// - A receiver that is data equals a string of the same bytes; the data may have one NUL more.
    /// - A receiver that is a string equals data of the same bytes and one or two NULs more, never none. (If
    ///   the kernel holds the receiver as an OSSymbol it equals no data at all. A value does not tell the two
    ///   apart.)
    /// - Numbers are compared by the unsigned value of their bits, whatever the width; a float by its integer
    ///   part, where what is below zero counts as 0.
    /// - Arrays are compared element by element; dictionaries must have the same keys and equal values.
    /// - Sets must have as many members and are compared in order, and there the argument's member is the
    ///   receiver; a boolean may be anywhere in the other set.
    ///
    /// ```
    /// # use iokit_uc::Value;
    /// let (text, bytes) = (Value::from("disk"), Value::data("disk"));
    /// assert!(bytes.kernel_eq(&text));
    /// assert!(!text.kernel_eq(&bytes));
    /// assert!(text.kernel_eq(&Value::data("disk\0")));
    /// ```
    #[doc(alias = "isEqualTo")]
    pub fn kernel_eq(&self, argument: &Value) -> bool {
        let mut pending = vec![(self, argument)];
        while let Some((receiver, argument)) = pending.pop() {
            let equal = match (&receiver.0, &argument.0) {
                _ if receiver.shares(argument) => true,
                (Repr::Boolean(a), Repr::Boolean(b)) => a == b,
                (Repr::Number(a), Repr::Number(b)) => a.kernel_value() == b.kernel_value(),
                (Repr::String(a), Repr::String(b)) => a == b,
                (Repr::Data(a), Repr::Data(b)) => a == b,
                (Repr::Data(a), Repr::String(b)) => matches!(a.strip_prefix(b.as_bytes()), Some([] | [0])),
                (Repr::String(a), Repr::Data(b)) => {
                    matches!(b.strip_prefix(a.as_bytes()), Some([0] | [0, 0]))
                }
                (Repr::Array(a), Repr::Array(b)) => push(&mut pending, a.iter(), b.iter()).is_eq(),
                (Repr::Set(a), Repr::Set(b)) => {
                    // There is one true and one false in the kernel, and a set looks for the object first.
                    let elsewhere = |member: &Value| member.as_bool().is_some() && a.members.contains(member);
                    let pairs = b.members.iter().zip(&a.members);
                    pending.extend(pairs.filter(|(member, _)| !elsewhere(member)));
                    a.members.len() == b.members.len()
                }
                (Repr::Dictionary(a), Repr::Dictionary(b)) => {
                    let found = a.iter().filter_map(|(key, value)| Some((value, b.get(key)?)));
                    pending.extend(found);
                    a.len() == b.len() && a.keys().all(|key| b.get(key).is_some())
                }
                _ => false,
            };
            if !equal {
                return false;
            }
        }
        true
    }

    /// Whether both are one collection, which need not be looked into.
    fn shares(&self, other: &Value) -> bool {
        match (&self.0, &other.0) {
            (Repr::Array(a), Repr::Array(b)) => Arc::ptr_eq(a, b),
            (Repr::Set(a), Repr::Set(b)) => Arc::ptr_eq(a, b),
            (Repr::Dictionary(a), Repr::Dictionary(b)) => Arc::ptr_eq(&a.0, &b.0),
            _ => false,
        }
    }
}

/// A total order, of no meaning but that it tells equal from unequal, takes no stack, and sorts sets.
fn compare(a: &Value, b: &Value) -> Ordering {
    let (mut next, mut pending) = (Some((a, b)), Vec::new());
    while let Some((a, b)) = next {
        let order = match (&a.0, &b.0) {
            _ if a.shares(b) => Ordering::Equal,
            (Repr::Boolean(a), Repr::Boolean(b)) => a.cmp(b),
            (Repr::Number(a), Repr::Number(b)) => a.cmp(b),
            (Repr::String(a), Repr::String(b)) => a.cmp(b),
            (Repr::Data(a), Repr::Data(b)) => a.cmp(b),
            (Repr::Array(a), Repr::Array(b)) => push(&mut pending, a.iter(), b.iter()),
            (Repr::Set(a), Repr::Set(b)) => push(&mut pending, a.in_order(), b.in_order()),
            (Repr::Dictionary(a), Repr::Dictionary(b)) => {
                let keys = a.0.index.keys().cmp(b.0.index.keys());
                keys.then_with(|| push(&mut pending, a.0.by_key(), b.0.by_key()))
            }
            _ => a.type_name().cmp(b.type_name()),
        };
        if order.is_ne() {
            return order;
        }
        next = pending.pop();
    }
    Ordering::Equal
}

/// Leaves pairs to be compared, the first on top, if there are as many of `a` as of `b`.
fn push<'a, I>(pending: &mut Vec<(&'a Value, &'a Value)>, a: I, b: I) -> Ordering
where
    I: DoubleEndedIterator<Item = &'a Value> + ExactSizeIterator,
{
    let order = a.len().cmp(&b.len());
    if order.is_eq() {
        pending.extend(a.zip(b).rev());
    }
    order
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        compare(self, other).is_eq()
    }
}

impl Eq for Value {}

impl Set {
    fn in_order(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.sorted.iter().map(|&index| &self.members[index])
    }
}

const LEAF: Repr = Repr::Boolean(false);

impl Drop for Value {
    /// Takes collections apart one by one: letting the contents drop themselves would recurse.
    fn drop(&mut self) {
        let (mut next, mut pending) = (mem::replace(&mut self.0, LEAF), Vec::new());
        loop {
            // Of several threads that drop the last clones, `into_inner` gives the contents to exactly one.
            let contents = match next {
                Repr::Array(elements) => Arc::into_inner(elements).unwrap_or_default(),
                Repr::Set(set) => Arc::into_inner(set).map(|set| set.members).unwrap_or_default(),
                Repr::Dictionary(dictionary) => {
                    let entries = Arc::into_inner(dictionary.0).unwrap_or_default().list;
                    entries.into_iter().map(|(_, value)| value).collect()
                }
                _ => Vec::new(),
            };
            pending.extend(contents);
            match pending.pop() {
                Some(mut value) => next = mem::replace(&mut value.0, LEAF),
                None => return,
            }
        }
    }
}

/// Prints no more than [`MAX_NESTING`](Value::MAX_NESTING) levels.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Level(self, 0).fmt(f)
    }
}

struct Level<'a>(&'a Value, usize);

impl fmt::Debug for Level<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Level(value, depth) = *self;
        let within = |value| Level(value, depth + 1);
        match &value.0 {
            Repr::Boolean(boolean) => boolean.fmt(f),
            Repr::Number(number) => number.fmt(f),
            Repr::String(text) => text.fmt(f),
            Repr::Data(bytes) => {
                f.write_str("<")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(">")
            }
            _ if depth == Value::MAX_NESTING => f.write_str("..."),
            Repr::Array(elements) => f.debug_list().entries(elements.iter().map(within)).finish(),
            Repr::Set(set) => {
                f.write_str("set ")?;
                f.debug_set().entries(set.members.iter().map(within)).finish()
            }
            Repr::Dictionary(dictionary) => {
                f.debug_map().entries(dictionary.iter().map(|(key, value)| (key, within(value)))).finish()
            }
        }
    }
}

macro_rules! values {
    ($($type:ty: $value:ident => $repr:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Value($repr)
            }
        }
    )*};
}

values! {
    bool: boolean => Repr::Boolean(boolean);
    &str: text => Repr::String(text.into());
    String: text => Repr::String(text.into());
    &[u8]: bytes => Repr::Data(bytes.into());
    Vec<u8>: bytes => Repr::Data(bytes.into());
    Number: number => Repr::Number(number);
    Dictionary: dictionary => Repr::Dictionary(dictionary);
}

/// `OSNumber`: an integer of 8, 16, 32 or 64 bits, or a float of 32 or 64.
///
/// An integer is its bits; whether they mean a signed or an unsigned one is not kept, so that
/// `Number::from(-1i32) == Number::from(u32::MAX)`. Read it as what it is meant to be:
/// [`as_i64`](Self::as_i64) gives every signed integer back, [`as_u64`](Self::as_u64) every unsigned one.
///
/// A property that a driver published with 8 or 16 bits is read from user space as one of 32, with the same
/// unsigned value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "CFNumber")]
pub struct Number {
    width: Width,
    bits: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Width {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
}

impl Number {
    /// The size in bits: 8, 16, 32 or 64.
    pub fn bits(self) -> u32 {
        match self.width {
            Width::Int8 => 8,
            Width::Int16 => 16,
            Width::Int32 | Width::Float32 => 32,
            Width::Int64 | Width::Float64 => 64,
        }
    }

    /// Whether it is a float.
    pub fn is_float(self) -> bool {
        matches!(self.width, Width::Float32 | Width::Float64)
    }

    /// The integer whose bits these are in two's complement of this size. `None` for a float.
    pub fn as_i64(self) -> Option<i64> {
        let unused = 64 - self.bits();
        (!self.is_float()).then_some((self.bits << unused) as i64 >> unused)
    }

    /// The unsigned integer whose bits these are. `None` for a float.
    pub fn as_u64(self) -> Option<u64> {
        (!self.is_float()).then_some(self.bits)
    }

    /// The value of a float, exactly. `None` for an integer, which may mean either of two values.
    pub fn as_f64(self) -> Option<f64> {
        match self.width {
            Width::Float32 => Some(f32::from_bits(self.bits as u32).into()),
            Width::Float64 => Some(f64::from_bits(self.bits)),
            _ => None,
        }
    }

    fn kernel_value(self) -> u64 {
        self.as_f64().map_or(self.bits, |float| float as u64)
    }
}

macro_rules! numbers {
    ($($type:ty: $value:ident => $width:ident $bits:expr;)*) => {
        $(
            impl From<$type> for Number {
                fn from($value: $type) -> Self {
                    Number { width: Width::$width, bits: $bits }
                }
            }
        )*
        values! { $($type: number => Repr::Number(number.into());)* }
    };
}

numbers! {
    i8: value => Int8 value.cast_unsigned().into();
    u8: value => Int8 value.into();
    i16: value => Int16 value.cast_unsigned().into();
    u16: value => Int16 value.into();
    i32: value => Int32 value.cast_unsigned().into();
    u32: value => Int32 value.into();
    i64: value => Int64 value.cast_unsigned();
    u64: value => Int64 value;
    f32: value => Float32 value.to_bits().into();
    f64: value => Float64 value.to_bits();
}

/// The unsigned value and the size: `255u8`, `4294967295u32`, `0.5f64`.
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_f64() {
            Some(float) => write!(f, "{float:?}f{}", self.bits()),
            None => write!(f, "{}u{}", self.bits, self.bits()),
        }
    }
}

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
pub struct Dictionary(Arc<Entries>);

#[derive(Clone, Default)]
struct Entries {
    list: Vec<(Arc<str>, Value)>,
    index: BTreeMap<Arc<str>, usize>,
}

impl Entries {
    fn by_key(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.index.values().map(|&place| &self.list[place].1)
    }
}

impl Dictionary {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.index.get(key).map(|&place| &self.0.list[place].1)
    }

    /// Sets the value of a key, and returns the one it had. A new key comes last.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        let entries = Arc::make_mut(&mut self.0);
        if let Some(&place) = entries.index.get(&*key) {
            return Some(mem::replace(&mut entries.list[place].1, value));
        }
        let key: Arc<str> = key.into();
        entries.index.insert(key.clone(), entries.list.len());
        entries.list.push((key, value));
        None
    }

    /// Removes a key, and returns the value it had. The others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let removed = *self.0.index.get(key)?;
        let entries = Arc::make_mut(&mut self.0);
        entries.index.remove(key);
        entries.index.values_mut().filter(|place| **place > removed).for_each(|place| *place -= 1);
        Some(entries.list.remove(removed).1)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.list.iter().map(|(key, value)| (&**key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.iter().map(|(key, _)| key)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.list.is_empty()
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

    const DEPTH: usize = if cfg!(miri) { 90 } else { 100_000 };

    /// `innermost` within `DEPTH` collections of every kind.
    fn nested(innermost: &str) -> Value {
        (0..DEPTH).fold(Value::from(innermost), |value, level| match level % 3 {
            0 => Value::array([value]),
            1 => Value::set([Value::from(true), value]),
            _ => Value::dictionary([("child", value)]),
        })
    }

    #[test]
    fn depth_costs_no_stack() {
        let (deep, same, other) = (nested("a"), nested("a"), nested("b"));
        assert_eq!(deep, same);
        assert_ne!(deep, other);
        assert!(deep.kernel_eq(&same) && !deep.kernel_eq(&other));
        assert!(format!("{deep:?}").contains("..."));
        let clone = deep.clone();
        drop((deep, same, other));
        assert!(clone.as_array().or(clone.as_set()).is_some() || clone.as_dictionary().is_some());
    }

    #[test]
    fn what_two_values_share_is_not_compared() {
        let twice = |value: Value, level: u32| match level % 2 {
            0 => Value::array([value.clone(), value]),
            _ => Value::dictionary([("a", value.clone()), ("b", value)]),
        };
        let wide = (0..64).fold(Value::set(["shared"]), twice);
        assert!(wide == wide.clone() && wide.kernel_eq(&wide.clone()));
    }

    #[test]
    fn threads_may_drop_clones_of_a_deep_value_at_once() {
        let deep = nested("a");
        let clones = [deep.clone(), deep];
        let threads = clones.map(|clone| std::thread::spawn(|| drop(clone)));
        assert!(threads.into_iter().all(|thread| thread.join().is_ok()));
    }

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
    fn a_value_reads_as_what_it_is_and_as_nothing_else() {
        let dictionary: Dictionary = [("a", 1)].into_iter().collect();
        let values = [
            Value::from(true),
            Value::from(1),
            Value::from(String::from("a")),
            Value::from(vec![7u8]),
            Value::array([1]),
            Value::set([1]),
            Value::from(dictionary.clone()),
        ];
        let types = values.each_ref().map(Value::type_name);
        assert_eq!(types, ["boolean", "number", "string", "data", "array", "set", "dictionary"]);
        let ones = [Value::from(1)];
        for (index, value) in values.iter().enumerate() {
            let only = |place| (index == place).then_some(());
            assert_eq!(value.as_bool(), only(0).map(|()| true));
            assert_eq!(value.as_number(), only(1).map(|()| Number::from(1)));
            assert_eq!(value.as_str(), only(2).map(|()| "a"));
            assert_eq!(value.as_data(), only(3).map(|()| &[7][..]));
            assert_eq!(value.as_array(), only(4).map(|()| &ones[..]));
            assert_eq!(value.as_set(), only(5).map(|()| &ones[..]));
            assert_eq!(value.as_dictionary(), only(6).map(|()| &dictionary));
            assert_eq!(values.iter().filter(|other| *other == value).count(), 1);
        }
        assert_ne!(Value::from(true), Value::from(false));
        assert_ne!(Value::data("a"), Value::data("b"));
    }

    #[test]
    fn order_counts_in_arrays_only() {
        assert_ne!(Value::array([1, 2]), Value::array([2, 1]));
        assert_eq!(Value::set([1, 2, 3]), Value::set([3, 1, 2, 1]));
        assert_eq!(Value::set([3, 1, 3]).as_set(), Some(&[3.into(), 1.into()][..]));
        let inner = |members: [i32; 2]| Value::set([Value::set(members), Value::set([7])]);
        assert_eq!(inner([1, 2]), inner([2, 1]));
        assert_eq!(Value::dictionary([("a", 1), ("b", 2)]), Value::dictionary([("b", 2), ("a", 1)]));
        assert_ne!(Value::dictionary([("a", 1), ("b", 2)]), Value::dictionary([("b", 1), ("a", 2)]));
        assert_ne!(Value::dictionary([("a", 1)]), Value::dictionary([("b", 1)]));
        assert_ne!(Value::array([0u8; 0]), Value::set([0u8; 0]));
    }

    #[test]
    fn pr_7_a_number_keeps_its_width_and_its_bits() {
        for (number, bits, signed, unsigned) in [
            (Number::from(-1i8), 8, -1, 0xff),
            (Number::from(0x8000u16), 16, -0x8000, 0x8000),
            (Number::from(u32::MAX), 32, -1, 0xffff_ffff),
            (Number::from(7i32), 32, 7, 7),
            (Number::from(i64::MIN), 64, i64::MIN, 1 << 63),
        ] {
            assert_eq!((number.bits(), number.is_float()), (bits, false));
            assert_eq!(
                (number.as_i64(), number.as_u64(), number.as_f64()),
                (Some(signed), Some(unsigned), None)
            );
        }
        let float = Number::from(0.1f32);
        assert_eq!((float.bits(), float.as_f64(), float.as_u64()), (32, Some(f64::from(0.1f32)), None));
        assert_ne!(Value::from(1u8), Value::from(1u64));
        assert_eq!(Value::from(-1i32), Value::from(u32::MAX));
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
    }

    #[test]
    fn pr_13_the_receiver_decides_how_strings_and_data_compare() {
        let text = Value::from("ab");
        let data = ["a", "ab", "ab\0", "ab\0\0", "ab\0\0\0", "abc", "abc\0"].map(Value::data);
        let string_receives = data.each_ref().map(|data| text.kernel_eq(data));
        assert_eq!(string_receives, [false, false, true, true, false, false, false]);
        let data_receives = data.each_ref().map(|data| data.kernel_eq(&text));
        assert_eq!(data_receives, [false, true, true, false, false, false, false]);
        let within = |value: &Value| Value::dictionary([("k", Value::array([value.clone()]))]);
        assert!(within(&data[1]).kernel_eq(&within(&text)));
        assert!(!within(&text).kernel_eq(&within(&data[1])));
    }

    #[test]
    fn pr_13_numbers_compare_by_unsigned_value() {
        assert!(Value::from(255u8).kernel_eq(&Value::from(255u64)));
        assert!(Value::from(-1i8).kernel_eq(&Value::from(255u16)));
        assert!(!Value::from(-1i8).kernel_eq(&Value::from(-1i16)));
        assert!(Value::from(2.9f64).kernel_eq(&Value::from(2u8)));
        assert!(!Value::from(1u8).kernel_eq(&Value::from(true)));
    }

    #[test]
    fn pr_13_the_rest_compares_in_full() {
        assert!(!Value::array([1, 2]).kernel_eq(&Value::array([1])));
        assert!(!Value::dictionary([("a", 1)]).kernel_eq(&Value::dictionary([("a", 1), ("b", 2)])));
        assert!(!Value::dictionary([("a", 1)]).kernel_eq(&Value::dictionary([("b", 1)])));
        assert!(!Value::set([1, 2]).kernel_eq(&Value::set([2, 1])));
        assert!(Value::set([true, false]).kernel_eq(&Value::set([false, true])));
        assert!(Value::set([true, false]).kernel_eq(&Value::set([true, false])));
        assert!(Value::from(true).kernel_eq(&Value::from(true)));
        assert!(!Value::from(true).kernel_eq(&Value::from(false)));
        assert!(Value::data("ab").kernel_eq(&Value::data("ab")));
        assert!(!Value::data("ab").kernel_eq(&Value::data("ab\0")));
        let (text, data) = (Value::set(["ab"]), Value::set([Value::data("ab")]));
        assert!(text.kernel_eq(&data) && !data.kernel_eq(&text));
    }

    #[test]
    fn debug_reads_like_a_property_list() {
        let members = [Value::from("x"), Value::data([1, 0xff]), Value::from(-1i8), Value::from(0.5f64)];
        let value = Value::dictionary([("a", Value::array(members)), ("b", Value::set([true]))]);
        assert_eq!(format!("{value:?}"), r#"{"a": ["x", <01ff>, 255u8, 0.5f64], "b": set {true}}"#);
    }
}
