//! Property-list values: what registry properties, matching dictionaries and drivers' settings are made of.

mod compare;
mod convert;
mod dictionary;
mod error;
mod number;
mod print;
#[cfg(feature = "serde")]
mod serde;
mod walk;

pub use self::dictionary::Dictionary;
pub use self::error::ValueError;
pub use self::number::Number;
#[cfg(feature = "serde")]
pub use self::serde::{ValueDeserializer, ValueSerializer};
pub(crate) use self::walk::Unfit;

use std::mem;
use std::sync::Arc;

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
/// a deep one does not exhaust the stack. The kernel takes [`MAX_NESTING`](Self::MAX_NESTING) levels,
/// [`MAX_STRING`](Self::MAX_STRING) bytes of a string, and [`MAX_SERIALIZED`](Self::MAX_SERIALIZED) bytes in all; it ends a string
/// at the first NUL. What gives a driver properties here refuses a value that the kernel would refuse or change, and says where it
/// is.
///
/// # Conversions
///
/// Everything that fits is made a value by `From`, and read by `TryFrom`, of which none changes what it reads:
///
/// ```
/// # use iokit_uc::Value;
/// let voltage = u16::try_from(Value::from(12_600u32))?;
/// assert_eq!(voltage, 12_600);
/// let error = u8::try_from(&Value::from(12_600u32)).unwrap_err();
/// assert_eq!(error.to_string(), "expected an unsigned 8-bit integer, found the number 12600");
/// # Ok::<(), iokit_uc::ValueError>(())
/// ```
///
/// - An integer keeps its bits and their number, not its sign. Asked for as an unsigned type it is the unsigned value of its bits,
///   asked for as a signed type that of two's complement *in its own size*: 32 bits `0xffffffff` are `u32::MAX`, and `-1i64`. It
///   fails if the type cannot hold that.
/// - A float is no integer. An integer is a float by its signed value, which is how CoreFoundation has it, if the float has that
///   value exactly. A 64-bit float is an `f32` if that has the same value, or if it is not a number.
/// - Data are `Vec<u8>`, strings `String`, booleans `bool`: nothing else is.
/// - Arrays and sets are `Vec<Value>`, dictionaries maps from `String` to `Value`.
#[cfg_attr(
    feature = "serde",
    doc = "
The feature `serde` makes types of one's own of values, and values of them, by the same rules:
[`deserialize_as`](Value::deserialize_as), [`from_serialize`](Value::from_serialize)."
)]
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
    /// The most bytes of a string, or of a key, that the kernel accepts.
    pub const MAX_STRING: usize = 262_141;
    /// The most bytes that properties to be set may have when they are serialized for the kernel.
    pub const MAX_SERIALIZED: usize = 4 << 20;

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
        let mut members: Vec<Value> = members.into_iter().map(V::into).collect();
        let compare = |&a: &usize, &b: &usize| compare::compare(&members[a], &members[b]);
        let mut sorted: Vec<usize> = (0..members.len()).collect();
        // Equal ones stay in order, so that the first of them is the one that is kept.
        sorted.sort_by(compare);
        sorted.dedup_by(|a, b| compare(a, b).is_eq());
        if sorted.len() < members.len() {
            let mut kept = sorted.clone();
            kept.sort_unstable();
            let mut indices = 0..;
            members.retain(|_| indices.next().is_some_and(|index| kept.binary_search(&index).is_ok()));
            sorted.iter_mut().for_each(|index| *index = kept.partition_point(|other| other < index));
        }
        Value(Repr::Set(Arc::new(Set { members, sorted })))
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

    /// An array's elements, or a set's members.
    fn as_list(&self) -> Option<&[Value]> {
        self.as_array().or_else(|| self.as_set())
    }

    /// What tells a value from others, if it has contents that others may share.
    pub(crate) fn identity(&self) -> Option<*const ()> {
        fn shared<T: ?Sized>(contents: &Arc<T>) -> Option<*const ()> {
            (Arc::strong_count(contents) > 1).then_some(Arc::as_ptr(contents).cast())
        }
        match &self.0 {
            Repr::Boolean(_) | Repr::Number(_) => None,
            Repr::String(text) => shared(text),
            Repr::Data(bytes) => shared(bytes),
            Repr::Array(elements) => shared(elements),
            Repr::Set(set) => shared(set),
            Repr::Dictionary(dictionary) => dictionary.identity(),
        }
    }
}

const LEAF: Repr = Repr::Boolean(false);

impl Drop for Value {
    /// Takes collections apart one by one: letting the contents drop themselves would recurse.
    fn drop(&mut self) {
        if !matches!(self.0, Repr::Array(_) | Repr::Set(_) | Repr::Dictionary(_)) {
            return;
        }
        let (mut next, mut pending) = (mem::replace(&mut self.0, LEAF), Vec::new());
        loop {
            // Of several threads that drop the last clones, `into_inner` gives the contents to exactly one.
            let contents = match next {
                Repr::Array(elements) => Arc::into_inner(elements).unwrap_or_default(),
                Repr::Set(set) => Arc::into_inner(set).map(|set| set.members).unwrap_or_default(),
                Repr::Dictionary(dictionary) => dictionary.into_values(),
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
    fn of_equal_members_of_a_set_the_first_stays() {
        // Some come once, some often; the least last.
        let count = if cfg!(miri) { 50 } else { 20_000 };
        let members = || (0..count).rev().map(|number| (number * number) % (count / 3));
        let mut firsts = Vec::new();
        let mut seen = std::collections::HashSet::new();
        firsts.extend(members().filter(|&member| seen.insert(member)).map(Value::from));
        assert!(firsts.len() < count as usize / 3);
        let set = Value::set(members());
        assert_eq!(set.as_set(), Some(&*firsts));
        assert_eq!(set, Value::set(members().rev()));
        assert_ne!(set, Value::set(firsts.into_iter().skip(1)));
    }
}
