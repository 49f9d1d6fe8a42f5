use super::bulk::{self, Width};
use super::error::{bad_argument, same_length, within};
use crate::error::Result;
use crate::memory::{Address, CacheMode};
use crate::wire::Structure;
use bytemuck::zeroed_vec;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::ptr::NonNull;

/// A slice of mapped memory, to read.
///
/// A driver may change what lies there at any time, so no reference points there: every reading copies. An element that is
/// a number is read by one instruction; of a larger one, parts may come from before a change and parts from after it.
///
/// # How wide an access is
///
/// Memory mapped with [`CacheMode::Default`] or [`CacheMode::Inhibit`] may be a device's. Whatever is copied there is copied
/// by aligned words as wide as the widest field of `T`, upwards, one after the other. Bytes declare no width: they go by
/// words of 64 bits, and singly before the first and after the last of these. In other memory a copy is whatever the
/// processor does fastest.
///
/// Reading [`CacheMode::WriteCombine`] memory is slow, as no cache helps.
pub struct SharedSlice<'m, T = u8> {
    base: Address,
    length: usize,
    cache: CacheMode,
    mapped: PhantomData<&'m ()>,
    elements: PhantomData<fn() -> T>,
}

impl<T> Clone for SharedSlice<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for SharedSlice<'_, T> {}

impl<'m, T: Structure> SharedSlice<'m, T> {
    /// # Safety
    ///
    /// `base` is aligned for `T`, and the first byte of `length` elements that stay mapped for reading for `'m`.
    #[inline]
    pub(crate) unsafe fn new(base: NonNull<u8>, length: usize, cache: CacheMode) -> Self {
        Self { base: Address(base), length, cache, mapped: PhantomData, elements: PhantomData }
    }

    /// How many elements there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How the memory is cached.
    #[inline]
    pub fn cache_mode(&self) -> CacheMode {
        self.cache
    }

    /// Where it begins.
    #[inline]
    pub(in crate::memory) fn base(&self) -> NonNull<u8> {
        self.base.0
    }

    /// Reads an element; `None` past the end.
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        // SAFETY: the index is one of the slice's.
        (index < self.length).then(|| unsafe { self.load(index) })
    }

    /// # Safety
    ///
    /// `index` is less than the length.
    #[inline(always)]
    unsafe fn load(&self, index: usize) -> T {
        // SAFETY: the element lies within memory that is mapped for reading.
        unsafe { bulk::load(self.cache, self.base.0.as_ptr().add(index * size_of::<T>())) }
    }

    /// A part of it.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the range does not lie within the slice.
    #[inline]
    pub fn subslice(&self, range: impl RangeBounds<usize>) -> Result<Self> {
        let range = within("SharedSlice::subslice", range, self.length)?;
        // SAFETY: the range lies within the slice.
        unsafe {
            let base = self.base.0.add(range.start * size_of::<T>());
            Ok(Self::new(base, range.len(), self.cache))
        }
    }

    /// What comes before the index `middle`, and the rest.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if `middle` is more than the length.
    #[inline]
    pub fn split_at(&self, middle: usize) -> Result<(Self, Self)> {
        let head = within("SharedSlice::split_at", ..middle, self.length)?;
        Ok((self.subslice(head)?, self.subslice(middle..)?))
    }

    /// Copies all of it to `to`.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the lengths differ.
    #[inline]
    pub fn copy_to_slice(&self, to: &mut [T]) -> Result<()> {
        same_length("SharedSlice::copy_to_slice", self.length, to.len())?;
        let (to, size) = (to.as_mut_ptr().cast(), size_of_val(to));
        // SAFETY: both are `size` bytes, which are a whole number of elements, and the base is aligned for them.
        unsafe { bulk::read(Width::of::<T>(self.cache), self.base.0.as_ptr(), to, size) }
        Ok(())
    }

    /// Copies all of it.
    pub fn to_vec(&self) -> Vec<T> {
        let mut elements: Vec<T> = zeroed_vec(self.length);
        let to = elements.as_mut_ptr().cast();
        let size = self.length * size_of::<T>();
        // SAFETY: as in `copy_to_slice`; the vector has as many elements.
        unsafe { bulk::read(Width::of::<T>(self.cache), self.base.0.as_ptr(), to, size) }
        elements
    }

    /// The elements, each read when it is its turn.
    #[inline]
    pub fn iter(&self) -> Iter<'m, T> {
        Iter { slice: *self, next: 0, end: self.length }
    }
}

impl SharedSlice<'_> {
    /// Reads the structure that begins at the byte `offset`, which need not be a multiple of its alignment.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if it would end past the slice.
    #[inline]
    pub fn read<S: Structure>(&self, offset: usize) -> Result<S> {
        match offset.checked_add(size_of::<S>()) {
            // SAFETY: the structure lies within the slice.
            Some(end) if end <= self.length => unsafe {
                Ok(bulk::load(self.cache, self.base.0.as_ptr().add(offset)))
            },
            _ => Err(past_the_end::<S>("SharedSlice::read", offset, self.length)),
        }
    }
}

/// The error for a structure that ends past a slice.
#[cold]
pub(super) fn past_the_end<S>(function: &'static str, offset: usize, length: usize) -> crate::error::Error {
    let size = size_of::<S>();
    bad_argument(function, format!("{size} bytes at offset {offset} do not lie within {length} bytes"))
}

impl<T> fmt::Debug for SharedSlice<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, length, cache, .. } = self;
        f.debug_struct("SharedSlice")
            .field("base", &base.0)
            .field("length", length)
            .field("cache", cache)
            .finish()
    }
}

impl<'m, T: Structure> IntoIterator for SharedSlice<'m, T> {
    type Item = T;
    type IntoIter = Iter<'m, T>;

    #[inline]
    fn into_iter(self) -> Iter<'m, T> {
        self.iter()
    }
}

/// The elements of a [`SharedSlice`], each read when it is its turn.
#[derive(Clone, Debug)]
pub struct Iter<'m, T> {
    slice: SharedSlice<'m, T>,
    next: usize,
    end: usize,
}

impl<T: Structure> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let index = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        // SAFETY: the index is before the end, which is at most the slice's.
        Some(unsafe { self.slice.load(index) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next;
        (left, Some(left))
    }

    #[inline]
    fn nth(&mut self, count: usize) -> Option<T> {
        self.next += count.min(self.end - self.next);
        self.next()
    }
}

impl<T: Structure> DoubleEndedIterator for Iter<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.end = (self.next < self.end).then(|| self.end - 1)?;
        // SAFETY: the index is not before the next, and before what was the end.
        Some(unsafe { self.slice.load(self.end) })
    }
}

impl<T: Structure> ExactSizeIterator for Iter<'_, T> {}
impl<T: Structure> FusedIterator for Iter<'_, T> {}
