//! Where a block begins.

use crate::memory::Address;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The first byte of a block, a `B`, that is mapped for `'m`.
#[repr(transparent)]
pub struct Base<'m, B = ()>(Address, PhantomData<&'m ()>, PhantomData<fn() -> B>);

/// The first byte of a block, a `B`, that is mapped for writing for `'m`, in the one view that may write what the view reaches.
#[repr(transparent)]
pub struct BaseMut<'m, B = ()>(NonNull<u8>, PhantomData<&'m mut ()>, PhantomData<fn() -> B>);

// SAFETY: it is an address. Whoever has it has it alone, on whichever thread.
unsafe impl<B> Send for BaseMut<'_, B> {}

impl<B> Clone for Base<'_, B> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Base<'_, B> {}

impl<'m, B> Base<'m, B> {
    /// # Safety
    ///
    /// It is the address of such a block, aligned, which stays mapped for `'m`.
    #[inline(always)]
    pub unsafe fn new(address: NonNull<u8>) -> Self {
        Self(Address(address), PhantomData, PhantomData)
    }

    /// The same for its fields, which take whatever is a base.
    #[inline(always)]
    pub fn of_fields(self) -> Base<'m> {
        Base(self.0, PhantomData, PhantomData)
    }

    /// A block that is a field of this one.
    ///
    /// # Safety
    ///
    /// Such a block lies at this offset.
    #[inline(always)]
    pub unsafe fn block<C, const OFFSET: usize>(self) -> Base<'m, C> {
        // SAFETY: it belongs to the block.
        Base(Address(unsafe { self.0.0.add(OFFSET) }), PhantomData, PhantomData)
    }

    #[inline(always)]
    pub(super) fn address(self) -> NonNull<u8> {
        self.0.0
    }

    /// # Safety
    ///
    /// What lies `bytes` further on belongs to the same block.
    #[inline(always)]
    pub(super) unsafe fn add(self, bytes: usize) -> Self {
        // SAFETY: a block is mapped in one piece.
        Self(Address(unsafe { self.0.0.add(bytes) }), PhantomData, PhantomData)
    }
}

impl<'m, B> BaseMut<'m, B> {
    /// # Safety
    ///
    /// It is the address of such a block, aligned, which stays mapped for writing for `'m`.
    #[inline(always)]
    pub unsafe fn new(address: NonNull<u8>) -> Self {
        Self(address, PhantomData, PhantomData)
    }

    /// For as long as nothing is written.
    #[inline(always)]
    pub fn shared(&self) -> Base<'_, B> {
        Base(Address(self.0), PhantomData, PhantomData)
    }

    /// For as long as this one is not used.
    #[inline(always)]
    pub fn reborrow(&mut self) -> BaseMut<'_, B> {
        BaseMut(self.0, PhantomData, PhantomData)
    }

    /// For a view of another part of the block.
    ///
    /// # Safety
    ///
    /// No two views reach the same register.
    #[inline(always)]
    pub unsafe fn duplicate(&self) -> Self {
        Self(self.0, PhantomData, PhantomData)
    }

    /// The same for its fields, which take whatever is a base.
    #[inline(always)]
    pub fn of_fields(self) -> BaseMut<'m> {
        BaseMut(self.0, PhantomData, PhantomData)
    }

    /// A block that is a field of this one.
    ///
    /// # Safety
    ///
    /// Such a block lies at this offset.
    #[inline(always)]
    pub unsafe fn block<C, const OFFSET: usize>(self) -> BaseMut<'m, C> {
        // SAFETY: it belongs to the block.
        BaseMut(unsafe { self.0.add(OFFSET) }, PhantomData, PhantomData)
    }

    #[inline(always)]
    pub(super) fn address(&self) -> NonNull<u8> {
        self.0
    }

    /// # Safety
    ///
    /// What lies `bytes` further on belongs to the same block.
    #[inline(always)]
    pub(super) unsafe fn add(self, bytes: usize) -> Self {
        // SAFETY: a block is mapped in one piece.
        Self(unsafe { self.0.add(bytes) }, PhantomData, PhantomData)
    }
}

impl<B> fmt::Debug for Base<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

impl<B> fmt::Debug for BaseMut<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
