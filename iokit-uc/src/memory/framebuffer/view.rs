use super::geometry::{Geometry, check_rows};
use super::pixel::Pixel;
use super::raster::Raster;
use super::rect::Rect;
use crate::error::Result;
use crate::memory::SharedSlice;
use crate::memory::shared::{Width, load, read};
use bytemuck::zeroed_vec;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

/// Pixels in mapped memory, to read: of a mapping that is read-only, or [back](super::Framebuffer::read_back) from what is
/// drawn on.
pub struct FramebufferView<'m, P> {
    raster: Raster<P>,
    mapped: PhantomData<&'m ()>,
}

impl<P> Clone for FramebufferView<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for FramebufferView<'_, P> {}

impl<'m, P: Pixel> FramebufferView<'m, P> {
    /// Pixels that lie in `slice` as `geometry` says.
    ///
    /// # Errors
    ///
    /// As for [`Framebuffer::new`](super::Framebuffer::new).
    pub fn new(slice: SharedSlice<'m>, geometry: Geometry) -> Result<Self> {
        let raster = Raster::new(slice.base(), slice.len(), slice.cache_mode(), geometry)?;
        Ok(Self { raster, mapped: PhantomData })
    }

    /// # Safety
    ///
    /// The pixels stay mapped for reading for `'m`.
    #[inline]
    pub(super) unsafe fn of_raster(raster: Raster<P>) -> Self {
        Self { raster, mapped: PhantomData }
    }

    /// Pixels of a row.
    #[inline]
    pub fn width(&self) -> u32 {
        self.raster.geometry().width
    }

    /// Rows.
    #[inline]
    pub fn height(&self) -> u32 {
        self.raster.geometry().height
    }

    /// How the pixels lie in memory.
    #[inline]
    pub fn geometry(&self) -> Geometry {
        self.raster.geometry()
    }

    /// Reads one pixel; `None` outside. For many, see [`rows`](Self::rows) and [`copy_to_slice`](Self::copy_to_slice).
    #[inline]
    pub fn get(&self, x: u32, y: u32) -> Option<P> {
        (x < self.width() && y < self.height()).then(|| {
            // SAFETY: the pixel lies within, which is mapped for reading.
            unsafe { load(self.raster.cache(), self.raster.at(x as usize, y as usize).as_ptr()) }
        })
    }

    /// The rows, downwards.
    #[inline]
    pub fn rows(&self) -> Rows<'m, P> {
        Rows { view: *self, next: 0, end: self.height() }
    }

    /// A part, with an origin of its own.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the rectangle does not lie within, or has no pixels.
    pub fn view(&self, rect: Rect) -> Result<Self> {
        let area = self.geometry().within("FramebufferView::view", rect)?;
        // SAFETY: the area comes from this geometry, and the pixels stay mapped.
        unsafe { Ok(Self::of_raster(self.raster.part(area))) }
    }

    /// Copies the pixels of a rectangle to `to`, whose rows begin `stride` pixels apart.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the rectangle does not lie within or has no pixels, and if `to` is too short: the last
    /// row may end with its last pixel.
    pub fn copy_to_slice(&self, rect: Rect, to: &mut [P], stride: usize) -> Result<()> {
        const FUNCTION: &str = "FramebufferView::copy_to_slice";
        let area = self.geometry().within(FUNCTION, rect)?;
        check_rows(FUNCTION, area.width, area.height, stride, to.len())?;
        let width = Width::of::<P>(self.raster.cache());
        for (y, row) in (area.y..area.y + area.height).zip(to.chunks_mut(stride)) {
            let row = &mut row[..area.width];
            // SAFETY: the area lies within, so its rows are mapped, and they are whole pixels, which are aligned.
            unsafe {
                let from = self.raster.at(area.x, y).as_ptr();
                read(width, from, row.as_mut_ptr().cast(), size_of_val(row));
            }
        }
        Ok(())
    }

    /// Copies the pixels of a rectangle, row after row.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the rectangle does not lie within or has no pixels.
    pub fn to_vec(&self, rect: Rect) -> Result<Vec<P>> {
        let area = self.geometry().within("FramebufferView::to_vec", rect)?;
        let mut pixels = zeroed_vec(area.width * area.height);
        self.copy_to_slice(rect, &mut pixels, area.width)?;
        Ok(pixels)
    }
}

impl<P> fmt::Debug for FramebufferView<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramebufferView").field("geometry", &self.raster.geometry()).finish_non_exhaustive()
    }
}

/// The rows of a [`FramebufferView`], downwards.
#[derive(Clone, Debug)]
pub struct Rows<'m, P> {
    view: FramebufferView<'m, P>,
    next: u32,
    end: u32,
}

impl<'m, P: Pixel> Iterator for Rows<'m, P> {
    type Item = SharedSlice<'m, P>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let y = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        let raster = &self.view.raster;
        // SAFETY: the row lies within, stays mapped for reading, and begins with a pixel.
        unsafe {
            let base = raster.at(0, y as usize);
            Some(SharedSlice::new(base, raster.geometry().width as usize, raster.cache()))
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.end - self.next) as usize;
        (left, Some(left))
    }

    #[inline]
    fn nth(&mut self, count: usize) -> Option<Self::Item> {
        self.next += count.min((self.end - self.next) as usize) as u32;
        self.next()
    }
}

impl<P: Pixel> ExactSizeIterator for Rows<'_, P> {}
impl<P: Pixel> FusedIterator for Rows<'_, P> {}
