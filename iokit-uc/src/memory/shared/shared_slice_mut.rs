use super::bulk::{self, Width};
use super::error::{bad_argument, same_length, within};
use super::shared_slice::{SharedSlice, past_the_end};
use crate::error::Result;
use crate::memory::{Address, CacheMode};
use crate::wire::Structure;
use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::ptr::NonNull;

/// A slice of mapped memory, to write; what is there is read [back](Self::read_back).
///
/// A driver may use the memory at any time: an element that is a number is written by one instruction, and of a larger one
/// the driver may see a part. How wide an access is, is told at [`SharedSlice`]. Memory mapped with
/// [`CacheMode::WriteCombine`] is best written upwards and without gaps.
pub struct SharedSliceMut<'m, T = u8> {
    base: Address,
    length: usize,
    cache: CacheMode,
    mapped: PhantomData<&'m mut ()>,
    elements: PhantomData<fn() -> T>,
}

impl<'m, T: Structure> SharedSliceMut<'m, T> {
    /// # Safety
    ///
    /// As for [`SharedSlice::new`], for reading and writing.
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

    /// The same slice, to read: slow if it is [`CacheMode::WriteCombine`] memory.
    #[inline]
    #[doc(alias = "as_shared")]
    pub fn read_back(&self) -> SharedSlice<'_, T> {
        // SAFETY: it is mapped for reading too, for longer than this is borrowed.
        unsafe { SharedSlice::new(self.base.0, self.length, self.cache) }
    }

    /// The same slice for a shorter time, where a function would take this one away.
    #[inline]
    pub fn reborrow(&mut self) -> SharedSliceMut<'_, T> {
        // SAFETY: it stays mapped for longer than this is borrowed.
        unsafe { SharedSliceMut::new(self.base.0, self.length, self.cache) }
    }

    /// Writes an element.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if there is none at this index.
    #[inline]
    pub fn set(&mut self, index: usize, value: T) -> Result<()> {
        if index >= self.length {
            let figures = format!("there is no element {index} among {}", self.length);
            return Err(bad_argument("SharedSliceMut::set", figures));
        }
        // SAFETY: the element lies within memory that is mapped for writing.
        unsafe { bulk::store(self.cache, self.base.0.as_ptr().add(index * size_of::<T>()), value) }
        Ok(())
    }

    /// A part of it.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the range does not lie within the slice.
    #[inline]
    pub fn subslice(self, range: impl RangeBounds<usize>) -> Result<Self> {
        let range = within("SharedSliceMut::subslice", range, self.length)?;
        // SAFETY: the range lies within the slice, which is given up for it.
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
    pub fn split_at(self, middle: usize) -> Result<(Self, Self)> {
        let head = within("SharedSliceMut::split_at", ..middle, self.length)?;
        // SAFETY: the middle lies within the slice, which is given up for its two parts.
        unsafe {
            let tail = self.base.0.add(middle * size_of::<T>());
            let tail = Self::new(tail, self.length - middle, self.cache);
            Ok((Self::new(self.base.0, head.len(), self.cache), tail))
        }
    }

    /// Copies all of `from` into it.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the lengths differ.
    #[inline]
    pub fn copy_from_slice(&mut self, from: &[T]) -> Result<()> {
        same_length("SharedSliceMut::copy_from_slice", self.length, from.len())?;
        let (from, size) = (from.as_ptr().cast(), size_of_val(from));
        // SAFETY: both are `size` bytes, which are a whole number of elements, and the base is aligned for them.
        unsafe { bulk::write(Width::of::<T>(self.cache), from, self.base.0.as_ptr(), size) }
        Ok(())
    }

    /// Copies the elements of a range to where index `to` is; the two places may overlap.
    ///
    /// It reads the memory: slow if it is [`CacheMode::WriteCombine`] memory.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if either place does not lie within the slice.
    pub fn copy_within(&mut self, range: impl RangeBounds<usize>, to: usize) -> Result<()> {
        const FUNCTION: &str = "SharedSliceMut::copy_within";
        let from = within(FUNCTION, range, self.length)?;
        let to = within(FUNCTION, to..to.saturating_add(from.len()), self.length)?;
        let size = size_of::<T>();
        let base = self.base.0.as_ptr();
        // SAFETY: both places lie within the slice; they are whole numbers of elements, and the base is aligned for them.
        unsafe {
            let (from, to, length) =
                (base.add(from.start * size), base.add(to.start * size), from.len() * size);
            bulk::copy_within(Width::of::<T>(self.cache), from, to, length);
        }
        Ok(())
    }

    /// Writes `value` to every element.
    #[inline]
    pub fn fill(&mut self, value: T) {
        // SAFETY: the base is aligned for a `T`, and the first of `length`.
        unsafe { bulk::fill(Width::of::<T>(self.cache), self.base.0.as_ptr(), value, self.length) }
    }
}

impl SharedSliceMut<'_> {
    /// Writes a structure to where the byte `offset` is, which need not be a multiple of its alignment.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if it would end past the slice.
    #[inline]
    pub fn write<S: Structure>(&mut self, offset: usize, value: &S) -> Result<()> {
        match offset.checked_add(size_of::<S>()) {
            Some(end) if end <= self.length => {
                // SAFETY: the structure lies within the slice.
                unsafe { bulk::store(self.cache, self.base.0.as_ptr().add(offset), *value) }
                Ok(())
            }
            _ => Err(past_the_end::<S>("SharedSliceMut::write", offset, self.length)),
        }
    }
}

impl<T> fmt::Debug for SharedSliceMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, length, cache, .. } = self;
        f.debug_struct("SharedSliceMut")
            .field("base", &base.0)
            .field("length", length)
            .field("cache", cache)
            .finish()
    }
}
