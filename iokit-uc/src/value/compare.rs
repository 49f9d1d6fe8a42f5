//! What is equal: exactly, and to the kernel. Neither recurses.

use super::{Repr, Set, Value};
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

impl Value {
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
        let (mut next, mut pending) = (Some((self, argument)), Vec::new());
        let mut seen = Seen::default();
        while let Some((receiver, argument)) = next {
            let equal = match (&receiver.0, &argument.0) {
                _ if receiver.shares(argument) => true,
                _ if !pending.is_empty() && seen.has(receiver, argument) => true,
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
            next = pending.pop();
        }
        true
    }

    /// Whether both are one collection, which need not be looked into.
    fn shares(&self, other: &Value) -> bool {
        match (&self.0, &other.0) {
            (Repr::Array(a), Repr::Array(b)) => Arc::ptr_eq(a, b),
            (Repr::Set(a), Repr::Set(b)) => Arc::ptr_eq(a, b),
            (Repr::Dictionary(a), Repr::Dictionary(b)) => a.shares(b),
            _ => false,
        }
    }

    fn is_collection(&self) -> bool {
        matches!(self.0, Repr::Array(_) | Repr::Set(_) | Repr::Dictionary(_))
    }
}

/// The pairs of collections that are in several places, and have been looked into in one: otherwise
/// what is shared would be compared as often as it is there.
#[derive(Default)]
struct Seen(HashSet<[*const (); 2]>);

impl Seen {
    /// Whether a pair has come before. Nothing is in itself, so that is over with by now, and found nothing.
    fn has(&mut self, a: &Value, b: &Value) -> bool {
        match (a.identity(), b.identity()) {
            (Some(one), Some(other)) if a.is_collection() && b.is_collection() => {
                !self.0.insert([one, other])
            }
            _ => false,
        }
    }
}

/// A total order, of no meaning but that it tells equal from unequal, takes no stack, and sorts sets.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    let (mut next, mut pending) = (Some((a, b)), Vec::new());
    let mut seen = Seen::default();
    while let Some((a, b)) = next {
        let order = match (&a.0, &b.0) {
            _ if a.shares(b) => Ordering::Equal,
            _ if !pending.is_empty() && seen.has(a, b) => Ordering::Equal,
            (Repr::Boolean(a), Repr::Boolean(b)) => a.cmp(b),
            (Repr::Number(a), Repr::Number(b)) => a.cmp(b),
            (Repr::String(a), Repr::String(b)) => a.cmp(b),
            (Repr::Data(a), Repr::Data(b)) => a.cmp(b),
            (Repr::Array(a), Repr::Array(b)) => push(&mut pending, a.iter(), b.iter()),
            (Repr::Set(a), Repr::Set(b)) => push(&mut pending, a.in_order(), b.in_order()),
            (Repr::Dictionary(a), Repr::Dictionary(b)) => {
                let (a, b) = (a.by_key(), b.by_key());
                let keys = a.iter().map(|(key, _)| key).cmp(b.iter().map(|(key, _)| key));
                keys.then_with(|| {
                    push(&mut pending, a.iter().map(|(_, value)| value), b.iter().map(|(_, value)| value))
                })
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
fn push<'a>(
    pending: &mut Vec<(&'a Value, &'a Value)>,
    a: impl DoubleEndedIterator<Item = &'a Value> + ExactSizeIterator,
    b: impl DoubleEndedIterator<Item = &'a Value> + ExactSizeIterator,
) -> Ordering {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_compared_once() {
        let doubled = |innermost: u8| {
            (0..60).fold(Value::array([innermost]), |value, level| match level % 3 {
                0 => Value::array([value.clone(), value]),
                1 => Value::set([value.clone(), Value::array([value])]),
                _ => Value::dictionary([("a", value.clone()), ("b", value)]),
            })
        };
        let (a, same, other) = (doubled(1), doubled(1), doubled(2));
        assert!(a == same && a != other);
        assert!(a.kernel_eq(&same) && !a.kernel_eq(&other));
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
}
