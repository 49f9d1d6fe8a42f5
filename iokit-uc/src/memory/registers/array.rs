//! Views of several registers or blocks, one after the other.

use super::base::{Base, BaseMut};
use super::part::Part;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

/// An array of registers or blocks that others see too.
///
/// There are `N` of them, each a `P`, `STRIDE` bytes apart, and the first of them at `OFFSET` in its block. What comes out is
/// a [`Reg`](super::Reg), or the view of a block.
#[must_use = "registers are touched when they are read"]
#[repr(transparent)]
pub struct RegArray<'m, P, const N: usize, const OFFSET: usize, const STRIDE: usize> {
    base: Base<'m>,
    parts: PhantomData<fn() -> P>,
}

/// An array of registers or blocks that nobody else has.
///
/// It is as [`RegArray`]; what comes out is a [`RegMut`](super::RegMut), or the view of a block that writes.
#[must_use = "registers are touched when they are read or written"]
#[repr(transparent)]
pub struct RegArrayMut<'m, P, const N: usize, const OFFSET: usize, const STRIDE: usize> {
    base: BaseMut<'m>,
    parts: PhantomData<fn() -> P>,
}

impl<P, const N: usize, const OFFSET: usize, const STRIDE: usize> Clone
    for RegArray<'_, P, N, OFFSET, STRIDE>
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, const N: usize, const OFFSET: usize, const STRIDE: usize> Copy
    for RegArray<'_, P, N, OFFSET, STRIDE>
{
}

impl<'m, P: Part, const N: usize, const OFFSET: usize, const STRIDE: usize>
    RegArray<'m, P, N, OFFSET, STRIDE>
{
    /// # Safety
    ///
    /// The block that begins at `base` has such an array at this offset, aligned.
    #[inline(always)]
    pub(super) unsafe fn new(base: Base<'m>) -> Self {
        Self { base, parts: PhantomData }
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        N
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        N == 0
    }

    /// Number `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<P::View<'m, OFFSET>> {
        // SAFETY: there is such a number.
        (index < N).then(|| unsafe { self.part(index) })
    }

    /// Number `INDEX`. That there is one is proved by the compiler.
    #[inline]
    pub fn at<const INDEX: usize>(&self) -> P::View<'m, OFFSET> {
        const { assert!(INDEX < N, "the array has no register of this number") };
        // SAFETY: there is such a number.
        unsafe { self.part(INDEX) }
    }

    /// Each of them, in order.
    #[inline]
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = P::View<'m, OFFSET>>
    + DoubleEndedIterator
    + FusedIterator
    + use<'m, P, N, OFFSET, STRIDE> {
        let this = *self;
        // SAFETY: the numbers are those that there are.
        (0..N).map(move |index| unsafe { this.part(index) })
    }

    /// # Safety
    ///
    /// `index` is less than `N`.
    #[inline(always)]
    unsafe fn part(&self, index: usize) -> P::View<'m, OFFSET> {
        // SAFETY: number `index` belongs to the block.
        let base = unsafe { self.base.add(index * STRIDE) };
        // SAFETY: `new` was told that an array of these lies at `OFFSET`; so from this base on there lies one.
        unsafe { P::view(base) }
    }
}

impl<'m, P: Part, const N: usize, const OFFSET: usize, const STRIDE: usize>
    RegArrayMut<'m, P, N, OFFSET, STRIDE>
{
    /// # Safety
    ///
    /// The block that begins at `base` has such an array at this offset, aligned.
    #[inline(always)]
    pub(super) unsafe fn new(base: BaseMut<'m>) -> Self {
        Self { base, parts: PhantomData }
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        N
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        N == 0
    }

    /// Number `index`, if there is one.
    #[inline]
    pub fn get(&mut self, index: usize) -> Option<P::ViewMut<'_, OFFSET>> {
        // SAFETY: there is such a number, and while its view lives this one cannot be used.
        (index < N).then(|| unsafe { self.reborrow().into_part(index) })
    }

    /// Number `INDEX`. That there is one is proved by the compiler.
    ///
    /// ```
    /// use iokit_uc::memory::{RegArrayMut, WriteOnly};
    ///
    /// fn ring(bells: &mut RegArrayMut<'_, WriteOnly<u32>, 4, 0x10, 4>) {
    ///     bells.at::<3>().write(1);
    /// }
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use iokit_uc::memory::{RegArrayMut, WriteOnly};
    ///
    /// fn ring(bells: &mut RegArrayMut<'_, WriteOnly<u32>, 4, 0x10, 4>) {
    ///     bells.at::<4>().write(1);
    /// }
    /// # let _: fn(&mut RegArrayMut<'_, WriteOnly<u32>, 4, 0x10, 4>) = ring;
    /// ```
    #[inline]
    pub fn at<const INDEX: usize>(&mut self) -> P::ViewMut<'_, OFFSET> {
        const { assert!(INDEX < N, "the array has no register of this number") };
        // SAFETY: as for `get`.
        unsafe { self.reborrow().into_part(INDEX) }
    }

    /// Each of them, in order.
    #[inline]
    pub fn iter(
        &mut self,
    ) -> impl ExactSizeIterator<Item = P::ViewMut<'_, OFFSET>> + DoubleEndedIterator + FusedIterator {
        self.reborrow().into_parts()
    }

    /// All of them at once, for different threads to have.
    #[inline]
    pub fn split(self) -> [P::ViewMut<'m, OFFSET>; N] {
        // SAFETY: there are these numbers, each of them once.
        std::array::from_fn(|index| unsafe { self.duplicate().into_part(index) })
    }

    /// The same array, to read for as long as nobody writes it.
    #[inline]
    pub fn as_view(&self) -> RegArray<'_, P, N, OFFSET, STRIDE> {
        // SAFETY: it is the one that `new` was told of.
        unsafe { RegArray::new(self.base.shared()) }
    }

    /// The same array, for someone else to have for a while.
    #[inline]
    pub fn reborrow(&mut self) -> RegArrayMut<'_, P, N, OFFSET, STRIDE> {
        // SAFETY: it is the one that `new` was told of.
        unsafe { RegArrayMut::new(self.base.reborrow()) }
    }

    #[inline]
    fn into_parts(
        self,
    ) -> impl ExactSizeIterator<Item = P::ViewMut<'m, OFFSET>> + DoubleEndedIterator + FusedIterator {
        // SAFETY: there are these numbers, each of them once.
        (0..N).map(move |index| unsafe { self.duplicate().into_part(index) })
    }

    /// # Safety
    ///
    /// Of these only one is used for each number.
    #[inline(always)]
    unsafe fn duplicate(&self) -> Self {
        // SAFETY: elements are `STRIDE` bytes apart, which is no less than their size: no two share a register.
        let base = unsafe { self.base.duplicate() };
        // SAFETY: it is the array that `new` was told of.
        unsafe { Self::new(base) }
    }

    /// # Safety
    ///
    /// `index` is less than `N`.
    #[inline(always)]
    unsafe fn into_part(self, index: usize) -> P::ViewMut<'m, OFFSET> {
        // SAFETY: number `index` belongs to the block.
        let base = unsafe { self.base.add(index * STRIDE) };
        // SAFETY: `new` was told that an array of these lies at `OFFSET`; so from this base on there lies one.
        unsafe { P::view_mut(base) }
    }
}

/// The address of the first; nothing is read.
impl<P: Part, const N: usize, const OFFSET: usize, const STRIDE: usize> fmt::Debug
    for RegArray<'_, P, N, OFFSET, STRIDE>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the array belongs to the block.
        let first = unsafe { self.base.add(OFFSET) }.address();
        f.debug_struct("RegArray").field("first", &first).field("length", &N).finish()
    }
}

/// The address of the first; nothing is read.
impl<P: Part, const N: usize, const OFFSET: usize, const STRIDE: usize> fmt::Debug
    for RegArrayMut<'_, P, N, OFFSET, STRIDE>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: the array belongs to the block.
        let first = unsafe { self.base.shared().add(OFFSET) }.address();
        f.debug_struct("RegArrayMut").field("first", &first).field("length", &N).finish()
    }
}
