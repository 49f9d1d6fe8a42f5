use super::geometry::{Area, Geometry, check_rows};
use super::pixel::Pixel;
use super::raster::Raster;
use super::rect::Rect;
use super::view::FramebufferView;
use crate::error::Result;
use crate::memory::SharedSliceMut;
use crate::memory::shared::{Width, copy_within, fill, store, write};
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

/// Pixels on their way through a conversion.
const CHUNK: usize = 256;

/// Pixels in mapped memory, to draw on.
///
/// The geometry is checked once. What is drawn is then cut to what lies within, row by row and never pixel by pixel: a
/// rectangle may hang over any edge. Rows are written from the top and from the left, without gaps, which is what
/// [`CacheMode::WriteCombine`](super::super::CacheMode::WriteCombine) memory wants; reading that is slow, so whatever reads
/// has [`read_back`](Self::read_back) in its name, or says so.
///
/// How wide an access is, is told at [`SharedSlice`](super::super::SharedSlice), with a pixel for an element.
///
/// ```
/// # use iokit_uc::memory::{CacheMode, MemoryDescriptor};
/// use iokit_uc::Mapping;
/// use iokit_uc::memory::{Framebuffer, Geometry, Rect, Xrgb8888};
///
/// # let mut vram = Mapping::<[u8]>::of(&MemoryDescriptor::new(640 * 480 * 4)?)?;
/// // `vram` is what the driver's `Mapping<[u8]>` method returned.
/// let geometry = Geometry { width: 640, height: 480, stride: 640 * 4 };
/// let mut screen = Framebuffer::<Xrgb8888>::new(vram.slice_mut(), geometry)?;
///
/// let blue = Xrgb8888::rgb(0, 0, 0xff);
/// screen.fill(Rect::new(-10, 470, 20, 20), blue);
/// assert_eq!(screen.read_back().get(9, 470), Some(blue));
/// assert_eq!(screen.read_back().get(10, 470), Some(Xrgb8888::BLACK));
/// # Ok::<(), iokit_uc::Error>(())
/// ```
#[doc(alias = "IOFramebuffer")]
pub struct Framebuffer<'m, P> {
    raster: Raster<P>,
    mapped: PhantomData<&'m mut ()>,
}

impl<'m, P: Pixel> Framebuffer<'m, P> {
    /// Pixels that lie in `slice` as `geometry` says: at its beginning, row after row. The last row may end with its last
    /// pixel, without what separates it from a next one.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument`, with the figures, if the width or the height is zero, if address or stride are no multiple
    /// of a pixel's size, if a row is longer than the stride, or if the rows are longer than the slice.
    pub fn new(slice: SharedSliceMut<'m>, geometry: Geometry) -> Result<Self> {
        let raster = Raster::new(slice.base(), slice.len(), slice.cache_mode(), geometry)?;
        Ok(Self { raster, mapped: PhantomData })
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

    /// All of it, as a rectangle.
    #[inline]
    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width(), self.height())
    }

    /// The same pixels, to read: slow if the memory is
    /// [`CacheMode::WriteCombine`](super::super::CacheMode::WriteCombine).
    #[inline]
    pub fn read_back(&self) -> FramebufferView<'_, P> {
        // SAFETY: the pixels are mapped for reading too, for longer than this is borrowed.
        unsafe { FramebufferView::of_raster(self.raster) }
    }

    /// A part, with an origin of its own.
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if the rectangle does not lie within, or has no pixels.
    pub fn view_mut(&mut self, rect: Rect) -> Result<Framebuffer<'_, P>> {
        let area = self.geometry().within("Framebuffer::view_mut", rect)?;
        // SAFETY: the area comes from this geometry.
        let raster = unsafe { self.raster.part(area) };
        Ok(Framebuffer { raster, mapped: PhantomData })
    }

    /// The rows, downwards.
    #[inline]
    pub fn rows_mut(&mut self) -> RowsMut<'_, P> {
        RowsMut { raster: self.raster, next: 0, end: self.height(), mapped: PhantomData }
    }

    /// Writes one pixel, if it lies within. For many, see [`fill`](Self::fill) and [`blit`](Self::blit).
    #[inline]
    pub fn put(&mut self, x: i32, y: i32, pixel: P) {
        let geometry = self.geometry();
        if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
            && x < geometry.width
            && y < geometry.height
        {
            // SAFETY: the pixel lies within.
            unsafe { store(self.raster.cache(), self.raster.at(x as usize, y as usize).as_ptr(), pixel) }
        }
    }

    /// Fills a rectangle, as far as it lies within.
    #[inline]
    pub fn fill(&mut self, rect: Rect, pixel: P) {
        let Some(area) = self.geometry().clip(rect) else { return };
        let width = Width::of::<P>(self.raster.cache());
        // SAFETY: the area comes from this geometry, so its rows are mapped, and they begin with a pixel.
        unsafe {
            for (base, count) in self.raster.runs(area, true) {
                fill(width, base.as_ptr(), pixel, count);
            }
        }
    }

    /// Copies pixels into a rectangle, as far as it lies within. The rows of `pixels` begin `stride` pixels apart.
    ///
    /// ```
    /// # use iokit_uc::Mapping;
    /// # use iokit_uc::memory::{Framebuffer, Geometry, MemoryDescriptor, Rect, Xrgb1555};
    /// # let mut vram = Mapping::<[u8]>::of(&MemoryDescriptor::new(4096)?)?;
    /// # let geometry = Geometry { width: 64, height: 32, stride: 128 };
    /// # let mut screen = Framebuffer::<Xrgb1555>::new(vram.slice_mut(), geometry)?;
    /// let sprite = [Xrgb1555::WHITE; 16 * 16];
    /// // Its right half, as the rest is left of the screen.
    /// screen.blit(Rect::new(-8, 0, 16, 16), &sprite, 16)?;
    /// # assert_eq!(screen.read_back().get(7, 15), Some(Xrgb1555::WHITE));
    /// # assert_eq!(screen.read_back().get(8, 0), Some(Xrgb1555::BLACK));
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `kIOReturnBadArgument` if `pixels` is too short for the whole rectangle, or its rows for each other. The last row
    /// may end with its last pixel.
    #[inline]
    pub fn blit(&mut self, rect: Rect, pixels: &[P], stride: usize) -> Result<()> {
        check_rows("Framebuffer::blit", rect.width as usize, rect.height as usize, stride, pixels.len())?;
        let Some(area) = self.geometry().clip(rect) else { return Ok(()) };
        let first = source_offset(rect, area, stride);
        let width = Width::of::<P>(self.raster.cache());
        // SAFETY: the area comes from this geometry, so its rows are mapped, and they are whole pixels, which are aligned.
        unsafe {
            for (row, (base, count)) in self.raster.runs(area, stride == area.width).enumerate() {
                let row = &pixels[first + row * stride..][..count];
                write(width, row.as_ptr().cast(), base.as_ptr(), size_of_val(row));
            }
        }
        Ok(())
    }

    /// Copies pixels of another format; else as [`blit`](Self::blit).
    #[inline]
    pub fn blit_from<Q: Copy>(&mut self, rect: Rect, pixels: &[Q], stride: usize) -> Result<()>
    where
        P: From<Q>,
    {
        self.blit_with(rect, pixels, stride, P::from)
    }

    /// Copies what `convert` makes of pixels; else as [`blit`](Self::blit).
    ///
    /// ```
    /// # use iokit_uc::Mapping;
    /// # use iokit_uc::memory::{Framebuffer, Geometry, MemoryDescriptor, Rect};
    /// use iokit_uc::memory::{Indexed8, Palette, Xrgb2101010};
    /// # let mut vram = Mapping::<[u8]>::of(&MemoryDescriptor::new(4096)?)?;
    /// # let geometry = Geometry { width: 32, height: 32, stride: 128 };
    /// # let mut screen = Framebuffer::<Xrgb2101010>::new(vram.slice_mut(), geometry)?;
    /// let (sprite, palette) = ([Indexed8(0xff); 16], Palette::grey());
    /// screen.blit_with(Rect::new(0, 0, 4, 4), &sprite, 4, |index| palette[index].into())?;
    /// # assert_eq!(screen.read_back().get(3, 3), Some(Xrgb2101010::WHITE));
    /// # Ok::<(), iokit_uc::Error>(())
    /// ```
    pub fn blit_with<Q: Copy>(
        &mut self,
        rect: Rect,
        pixels: &[Q],
        stride: usize,
        mut convert: impl FnMut(Q) -> P,
    ) -> Result<()> {
        check_rows(
            "Framebuffer::blit_with",
            rect.width as usize,
            rect.height as usize,
            stride,
            pixels.len(),
        )?;
        let Some(area) = self.geometry().clip(rect) else { return Ok(()) };
        let first = source_offset(rect, area, stride);
        for (y, row) in pixels[first..].chunks(stride).take(area.height).enumerate() {
            let mut converted = row[..area.width].iter().map(|pixel| convert(*pixel));
            // SAFETY: the row is one of the area's.
            unsafe { self.write_row(area.x, area.y + y, area.width, &mut converted) };
        }
        Ok(())
    }

    /// Writes pixels beside each other, as many as there are, `width` at most; takes no more.
    ///
    /// # Safety
    ///
    /// `width` pixels from `x`, `y` on lie within, in this row.
    #[inline]
    pub(super) unsafe fn write_row(
        &mut self,
        x: usize,
        y: usize,
        width: usize,
        pixels: &mut impl Iterator<Item = P>,
    ) {
        let declared = Width::of::<P>(self.raster.cache());
        let mut chunk = [P::zeroed(); CHUNK];
        let mut done = 0;
        while done < width {
            let room = CHUNK.min(width - done);
            let mut count = 0;
            for (slot, pixel) in chunk[..room].iter_mut().zip(&mut *pixels) {
                *slot = pixel;
                count += 1;
            }
            // SAFETY: these pixels lie within the row, which is mapped for writing; they are whole and aligned.
            unsafe {
                let to = self.raster.at(x + done, y).as_ptr();
                write(declared, chunk.as_ptr().cast(), to, count * size_of::<P>());
            }
            done += count;
            if count < room {
                break;
            }
        }
    }

    /// Copies the pixels of a rectangle to another place, whose upper left pixel is at `x`, `y`; the two may overlap. Only
    /// pixels that lie within are copied, and only to where they lie within.
    ///
    /// It reads the pixels back: slow if the memory is
    /// [`CacheMode::WriteCombine`](super::super::CacheMode::WriteCombine).
    pub fn copy_rect(&mut self, from: Rect, x: i32, y: i32) {
        let geometry = self.geometry();
        let Some(source) = geometry.clip(from) else { return };
        let right = i64::from(x) - i64::from(from.x);
        let down = i64::from(y) - i64::from(from.y);
        let (left, top) = (source.x as i64 + right, source.y as i64 + down);
        let Some(target) = geometry.clip_at(left, top, source.width, source.height) else { return };
        let (source_x, source_y) = ((target.x as i64 - right) as usize, (target.y as i64 - down) as usize);
        let width = Width::of::<P>(self.raster.cache());
        let length = target.width * size_of::<P>();
        let copy_row = |row: usize| {
            // SAFETY: the target lies within and so does the source, which is at most as large; whole pixels, aligned.
            unsafe {
                let from = self.raster.at(source_x, source_y + row).as_ptr();
                let to = self.raster.at(target.x, target.y + row).as_ptr();
                copy_within(width, from, to, length);
            }
        };
        if target.y <= source_y {
            (0..target.height).for_each(copy_row);
        } else {
            (0..target.height).rev().for_each(copy_row);
        }
    }
}

/// Where in the source the part begins that lies within.
#[inline]
fn source_offset(rect: Rect, area: Area, stride: usize) -> usize {
    let left = (area.x as i64 - i64::from(rect.x)) as usize;
    let above = (area.y as i64 - i64::from(rect.y)) as usize;
    above * stride + left
}

impl<P> fmt::Debug for Framebuffer<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framebuffer").field("geometry", &self.raster.geometry()).finish_non_exhaustive()
    }
}

/// The rows of a [`Framebuffer`], downwards. Each can go to a thread of its own.
pub struct RowsMut<'m, P> {
    raster: Raster<P>,
    next: u32,
    end: u32,
    mapped: PhantomData<&'m mut ()>,
}

impl<'m, P: Pixel> Iterator for RowsMut<'m, P> {
    type Item = SharedSliceMut<'m, P>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let y = (self.next < self.end).then_some(self.next)?;
        self.next += 1;
        // SAFETY: the row lies within, stays mapped, and begins with a pixel.
        unsafe {
            let base = self.raster.at(0, y as usize);
            Some(SharedSliceMut::new(base, self.raster.geometry().width as usize, self.raster.cache()))
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

impl<P: Pixel> ExactSizeIterator for RowsMut<'_, P> {}
impl<P: Pixel> FusedIterator for RowsMut<'_, P> {}

impl<P> fmt::Debug for RowsMut<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowsMut").field("next", &self.next).field("end", &self.end).finish_non_exhaustive()
    }
}
