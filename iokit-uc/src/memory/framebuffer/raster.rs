//! Where the pixels of a framebuffer are.

use super::geometry::{Area, Geometry};
use crate::error::Result;
use crate::memory::{Address, CacheMode};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The addresses of pixels, which lie in memory as [`Geometry::check`] has found.
pub(super) struct Raster<P> {
    base: Address,
    geometry: Geometry,
    cache: CacheMode,
    pixels: PhantomData<fn() -> P>,
}

impl<P> Clone for Raster<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Raster<P> {}

/// Pixels beside each other: where the first is, and how many.
pub(super) type Run = (NonNull<u8>, usize);

impl<P> Raster<P> {
    /// Checks the geometry against `length` bytes at `base`.
    pub(super) fn new(
        base: NonNull<u8>,
        length: usize,
        cache: CacheMode,
        geometry: Geometry,
    ) -> Result<Self> {
        geometry.check(base.addr().get(), length, size_of::<P>())?;
        Ok(Self { base: Address(base), geometry, cache, pixels: PhantomData })
    }

    #[inline]
    pub(super) fn geometry(&self) -> Geometry {
        self.geometry
    }

    #[inline]
    pub(super) fn cache(&self) -> CacheMode {
        self.cache
    }

    /// The address of a pixel.
    ///
    /// # Safety
    ///
    /// The pixel lies within the geometry.
    #[inline(always)]
    pub(super) unsafe fn at(&self, x: usize, y: usize) -> NonNull<u8> {
        // SAFETY: the geometry lies within the memory, so this pixel does.
        unsafe { self.base.0.add(y * self.geometry.stride + x * size_of::<P>()) }
    }

    /// The rows of an area, downwards; if `joined`, all of it as one where there is nothing between its rows.
    ///
    /// # Safety
    ///
    /// The area comes from this geometry.
    #[inline]
    pub(super) unsafe fn runs(&self, area: Area, joined: bool) -> impl Iterator<Item = Run> + use<P> {
        let Area { x, y, width, height } = area;
        let gapless = joined && width * size_of::<P>() == self.geometry.stride;
        let (width, height) = if gapless { (width * height, 1) } else { (width, height) };
        let raster = *self;
        // SAFETY: the first pixel of a row of an area lies within.
        (y..y + height).map(move |y| (unsafe { raster.at(x, y) }, width))
    }

    /// The same pixels with another origin and size.
    ///
    /// # Safety
    ///
    /// The area comes from this geometry.
    pub(super) unsafe fn part(&self, area: Area) -> Self {
        // SAFETY: the first pixel of an area lies within.
        let base = Address(unsafe { self.at(area.x, area.y) });
        let (width, height) = (area.width as u32, area.height as u32);
        Self { base, geometry: Geometry { width, height, ..self.geometry }, ..*self }
    }
}
