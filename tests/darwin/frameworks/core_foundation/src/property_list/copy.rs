//! Copies of property lists, of their own all the way down.

use super::tree::MOST_NESTING;
use crate::abi::{CFAllocatorRef, CFOptionFlags, CFPropertyListRef, Opaque};
use crate::array::Array;
use crate::boolean::Truth;
use crate::callbacks::{
    Functions, kCFTypeArrayCallBacks, kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks,
};
use crate::data::Data;
use crate::date::Date;
use crate::dictionary::Dictionary;
use crate::number::Number;
use crate::object::{lookup, make};
use crate::ownership::Hold;
use crate::string::Text;
use darwin_calls::misuse;
use std::ptr;

/// `CFPropertyListMutabilityOptions`
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Mutability {
    None,
    Containers,
    Leaves,
}

impl Mutability {
    pub(super) fn of(options: CFOptionFlags) -> Self {
        match options {
            0 => Mutability::None,
            1 => Mutability::Containers,
            2 => Mutability::Leaves,
            _ => misuse(format_args!("there are no mutability options {options:#x}")),
        }
    }
}

/// Null if the object is not a property list.
pub(crate) fn CFPropertyListCreateDeepCopy(
    allocator: CFAllocatorRef,
    object: CFPropertyListRef,
    options: CFOptionFlags,
) -> CFPropertyListRef {
    copy(allocator, Opaque(object), Mutability::of(options), MOST_NESTING)
        .map_or(ptr::null(), Hold::into_reference)
}

fn copy(allocator: CFAllocatorRef, object: Opaque, mutability: Mutability, nesting: usize) -> Option<Hold> {
    let object = lookup(object.get()).ok()?;
    let (containers, leaves) = (mutability >= Mutability::Containers, mutability == Mutability::Leaves);
    let within = |value| copy(allocator, value, mutability, nesting.checked_sub(1)?);
    let copy = if object.downcast::<Truth>().is_some() {
        return Some(Hold::new(&object));
    } else if let Some(&number) = object.downcast::<Number>() {
        crate::number::create(allocator, number)
    } else if let Some(Date(time)) = object.downcast() {
        make(allocator, Date(*time))
    } else if let Some(text) = object.downcast::<Text>() {
        let units = text.units().to_vec();
        make(allocator, if leaves { Text::mutable(units) } else { Text::of_units(units) })
    } else if let Some(data) = object.downcast::<Data>() {
        let bytes = data.to_vec();
        make(allocator, if leaves { Data::mutable(bytes) } else { Data::new(bytes) })
    } else if let Some(array) = object.downcast::<Array>() {
        let elements: Vec<_> = array.snapshot().into_iter().map(within).collect::<Option<_>>()?;
        let values: Vec<_> = elements.iter().map(Hold::reference).collect();
        make(allocator, Array::new(containers, Functions::from(&kCFTypeArrayCallBacks), &values))
    } else {
        let entries = object.downcast::<Dictionary>()?.snapshot();
        let keys = Functions::from(&kCFTypeDictionaryKeyCallBacks);
        let copy = Dictionary::new(containers, keys, Functions::from(&kCFTypeDictionaryValueCallBacks));
        for entry in entries {
            let key = lookup(entry.key.get()).ok()?.downcast::<Text>()?.units().to_vec();
            let key = Hold::take(make(ptr::null(), Text::of_units(key)));
            copy.add(key.reference(), within(entry.value)?.reference());
        }
        make(allocator, copy)
    };
    Some(Hold::take(copy))
}
