//! `CFArray`.

use crate::abi::*;
use crate::callbacks::Functions;
use crate::memory;
use crate::object::{Class, Contents, Kind, Object, make, of};
use crate::range::{NOT_FOUND, bounds, index, length};
use darwin_calls::misuse;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) struct Array {
    mutable: bool,
    functions: Functions,
    /// Not locked while a function of the program runs.
    values: Mutex<Vec<Opaque>>,
}

pub(crate) static CLASS: Class = Class { name: "CFArray", id: 19 };

impl Contents for Array {
    fn class(&self) -> &'static Class {
        &CLASS
    }

    fn equal(&self, other: &Object) -> bool {
        let Some(other) = other.downcast::<Array>() else { return false };
        let (values, others) = (self.snapshot(), other.snapshot());
        values.len() == others.len()
            && values.iter().zip(others).all(|(value, other)| self.functions.equal(value.get(), other.get()))
    }

    fn hash(&self) -> Option<usize> {
        Some(self.lock().len())
    }

    fn description(&self) -> String {
        let values = self.snapshot();
        let kind = if self.mutable { "mutable" } else { "immutable" };
        let lines = values.iter().enumerate().map(|(place, &value)| {
            let value = self.functions.describe(value);
            format!("\n\t{place} : {value}")
        });
        format!("type = {kind}, count = {}, values = ({}\n)", values.len(), lines.collect::<String>())
    }

    fn summary(&self) -> String {
        format!("of {}", self.lock().len())
    }

    fn dismantle(&self) {
        let values = std::mem::take(&mut *self.lock());
        values.into_iter().for_each(|value| self.functions.release(value));
    }
}

impl Kind for Array {
    const CLASS: &'static Class = &CLASS;
}

impl Array {
    /// Retains the values by the functions.
    pub(crate) fn new(mutable: bool, functions: Functions, values: &[*const c_void]) -> Self {
        let values = values.iter().map(|&value| functions.retain(value)).collect();
        Self { mutable, functions, values: Mutex::new(values) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Opaque>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For changes: the values, none of which may be released before they are unlocked.
    fn lock_mut(&self) -> MutexGuard<'_, Vec<Opaque>> {
        if !self.mutable {
            misuse("the CFArray is immutable")
        }
        self.lock()
    }

    pub(crate) fn snapshot(&self) -> Vec<Opaque> {
        self.lock().clone()
    }

    fn replace(&self, object: &Object, range: CFRange, values: &[*const c_void]) {
        if !self.mutable {
            misuse("the CFArray is immutable")
        }
        bounds(object, range, self.lock().len());
        let new: Vec<_> = values.iter().map(|&value| self.functions.retain(value)).collect();
        let mut values = self.lock_mut();
        let bounds = bounds(object, range, values.len());
        let old: Vec<_> = values.splice(bounds, new).collect();
        drop(values);
        old.into_iter().for_each(|value| self.functions.release(value));
    }

    /// The places in a range whose values are equal to `value`.
    fn places(&self, object: &Object, range: CFRange, value: *const c_void) -> Vec<usize> {
        let values = self.snapshot();
        let bounds = bounds(object, range, values.len());
        bounds.filter(|&place| self.functions.equal(values[place].get(), value)).collect()
    }
}

fn pointers(values: &[Opaque]) -> Vec<*const c_void> {
    values.iter().map(|value| value.get()).collect()
}

pub(crate) unsafe fn CFArrayCreate(
    allocator: CFAllocatorRef,
    values: *mut *const c_void,
    count: CFIndex,
    callbacks: *const CFArrayCallBacks,
) -> CFArrayRef {
    // SAFETY: so many values, and callbacks or null, by the caller's promise.
    let (values, functions) = unsafe { (memory::values(values, count), Functions::of(callbacks)) };
    make(allocator, Array::new(false, functions, &values))
}

pub(crate) fn CFArrayCreateCopy(allocator: CFAllocatorRef, array: CFArrayRef) -> CFArrayRef {
    let array = of::<Array>(array);
    make(allocator, Array::new(false, array.functions, &pointers(&array.snapshot())))
}

pub(crate) unsafe fn CFArrayCreateMutable(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    callbacks: *const CFArrayCallBacks,
) -> CFMutableArrayRef {
    length(capacity);
    // SAFETY: callbacks or null by the caller's promise.
    make(allocator, Array::new(true, unsafe { Functions::of(callbacks) }, &[]))
}

pub(crate) fn CFArrayCreateMutableCopy(
    allocator: CFAllocatorRef,
    capacity: CFIndex,
    array: CFArrayRef,
) -> CFMutableArrayRef {
    length(capacity);
    let array = of::<Array>(array);
    make(allocator, Array::new(true, array.functions, &pointers(&array.snapshot())))
}

pub(crate) fn CFArrayGetCount(array: CFArrayRef) -> CFIndex {
    of::<Array>(array).lock().len().cast_signed()
}

pub(crate) fn CFArrayGetValueAtIndex(array: CFArrayRef, place: CFIndex) -> *const c_void {
    let array = of::<Array>(array);
    let values = array.lock();
    values[index(array.object(), place, values.len())].get()
}

pub(crate) unsafe fn CFArrayGetValues(array: CFArrayRef, range: CFRange, values: *mut *const c_void) {
    let array = of::<Array>(array);
    let all = pointers(&array.snapshot());
    let part = &all[bounds(array.object(), range, all.len())];
    // SAFETY: room for as many values as are in the range, by the caller's promise.
    unsafe { values.copy_from(part.as_ptr(), part.len()) };
}

pub(crate) fn CFArrayGetCountOfValue(array: CFArrayRef, range: CFRange, value: *const c_void) -> CFIndex {
    let array = of::<Array>(array);
    array.places(array.object(), range, value).len().cast_signed()
}

pub(crate) fn CFArrayContainsValue(array: CFArrayRef, range: CFRange, value: *const c_void) -> Boolean {
    (CFArrayGetFirstIndexOfValue(array, range, value) != NOT_FOUND).into()
}

pub(crate) fn CFArrayGetFirstIndexOfValue(
    array: CFArrayRef,
    range: CFRange,
    value: *const c_void,
) -> CFIndex {
    let array = of::<Array>(array);
    array.places(array.object(), range, value).first().map_or(NOT_FOUND, |place| place.cast_signed())
}

pub(crate) fn CFArrayGetLastIndexOfValue(array: CFArrayRef, range: CFRange, value: *const c_void) -> CFIndex {
    let array = of::<Array>(array);
    array.places(array.object(), range, value).last().map_or(NOT_FOUND, |place| place.cast_signed())
}

pub(crate) unsafe fn CFArrayApplyFunction(
    array: CFArrayRef,
    range: CFRange,
    applier: CFArrayApplierFunction,
    context: *mut c_void,
) {
    let array = of::<Array>(array);
    let values = array.snapshot();
    let Some(applier) = applier else { misuse("a null pointer was given for a function") };
    for value in &values[bounds(array.object(), range, values.len())] {
        // SAFETY: the program gave the function for these values.
        unsafe { applier(value.get(), context) };
    }
}

/// The place of `value` in a sorted array, or where it belongs.
pub(crate) unsafe fn CFArrayBSearchValues(
    array: CFArrayRef,
    range: CFRange,
    value: *const c_void,
    comparator: CFComparatorFunction,
    context: *mut c_void,
) -> CFIndex {
    let array = of::<Array>(array);
    let values = array.snapshot();
    let bounds = bounds(array.object(), range, values.len());
    let Some(comparator) = comparator else { misuse("a null pointer was given for a function") };
    // SAFETY: the program gave the function for these values.
    let order = |other: &Opaque| unsafe { comparator(other.get(), value, context) }.cmp(&0);
    let place = match values[bounds.clone()].binary_search_by(order) {
        Ok(place) | Err(place) => bounds.start + place,
    };
    place.cast_signed()
}

pub(crate) fn CFArrayAppendValue(array: CFMutableArrayRef, value: *const c_void) {
    let array = of::<Array>(array);
    if !array.mutable {
        misuse("the CFArray is immutable")
    }
    let value = array.functions.retain(value);
    array.lock_mut().push(value);
}

pub(crate) fn CFArrayAppendArray(array: CFMutableArrayRef, other: CFArrayRef, range: CFRange) {
    let other = of::<Array>(other);
    let others = pointers(&other.snapshot());
    let bounds = bounds(other.object(), range, others.len());
    for &value in &others[bounds] {
        CFArrayAppendValue(array, value);
    }
}

pub(crate) fn CFArrayInsertValueAtIndex(array: CFMutableArrayRef, place: CFIndex, value: *const c_void) {
    let array = of::<Array>(array);
    array.replace(array.object(), CFRange { location: place, length: 0 }, &[value]);
}

/// At the end of the array it appends.
pub(crate) fn CFArraySetValueAtIndex(array: CFMutableArrayRef, place: CFIndex, value: *const c_void) {
    let array = of::<Array>(array);
    let end = array.lock().len().cast_signed() == place;
    array.replace(array.object(), CFRange { location: place, length: (!end).into() }, &[value]);
}

pub(crate) fn CFArrayRemoveValueAtIndex(array: CFMutableArrayRef, place: CFIndex) {
    let array = of::<Array>(array);
    array.replace(array.object(), CFRange { location: place, length: 1 }, &[]);
}

pub(crate) fn CFArrayRemoveAllValues(array: CFMutableArrayRef) {
    let array = of::<Array>(array);
    let values = std::mem::take(&mut *array.lock_mut());
    values.into_iter().for_each(|value| array.functions.release(value));
}

pub(crate) unsafe fn CFArrayReplaceValues(
    array: CFMutableArrayRef,
    range: CFRange,
    new: *mut *const c_void,
    count: CFIndex,
) {
    let array = of::<Array>(array);
    // SAFETY: so many values by the caller's promise.
    array.replace(array.object(), range, &unsafe { memory::values(new, count) });
}

pub(crate) fn CFArrayExchangeValuesAtIndices(array: CFMutableArrayRef, a: CFIndex, b: CFIndex) {
    let array = of::<Array>(array);
    let mut values = array.lock_mut();
    let [a, b] = [a, b].map(|place| index(array.object(), place, values.len()));
    values.swap(a, b);
}

pub(crate) unsafe fn CFArraySortValues(
    array: CFMutableArrayRef,
    range: CFRange,
    comparator: CFComparatorFunction,
    context: *mut c_void,
) {
    let array = of::<Array>(array);
    let mut values = array.snapshot();
    let bounds = bounds(array.object(), range, values.len());
    let Some(comparator) = comparator else { misuse("a null pointer was given for a function") };
    // SAFETY: the program gave the function for these values.
    let after = |a: &Opaque, b: &Opaque| unsafe { comparator(a.get(), b.get(), context) } > 0;
    sort(&mut values[bounds.clone()], &after);
    let mut current = array.lock_mut();
    // Unless the program has changed the array meanwhile.
    if let Some(place) = current.get_mut(bounds.clone()) {
        place.copy_from_slice(&values[bounds]);
    }
}

/// Sorts by merging, which no comparison upsets: the standard library may panic on one that contradicts itself.
fn sort<T: Copy>(values: &mut [T], after: &impl Fn(&T, &T) -> bool) {
    if values.len() < 2 {
        return;
    }
    let (left, right) = values.split_at_mut(values.len() / 2);
    sort(left, after);
    sort(right, after);
    let (left, right) = (left.to_vec(), right.to_vec());
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    for place in values {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if after(a, b) => right.next(),
            (Some(_), _) => left.next(),
            (None, _) => right.next(),
        };
        *place = *next.expect("as many as there are places");
    }
}

pub(crate) fn CFArrayGetTypeID() -> CFTypeID {
    CLASS.id
}
