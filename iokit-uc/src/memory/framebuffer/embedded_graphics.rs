//! Shapes and text by `embedded-graphics`.

use super::framebuffer::Framebuffer;
use super::pixel::{Indexed8, Pixel, Xrgb1555, Xrgb8888, Xrgb2101010};
use super::rect::Rect;
use embedded_graphics_core::draw_target::DrawTarget;
use embedded_graphics_core::geometry::{OriginDimensions, Size};
use embedded_graphics_core::pixelcolor::raw::RawU8;
use embedded_graphics_core::pixelcolor::{PixelColor, Rgb555, Rgb888, RgbColor};
use embedded_graphics_core::primitives::Rectangle;
use std::convert::Infallible;

/// A pixel that `embedded-graphics` can draw.
pub trait DrawPixel: Pixel + From<Self::Color> {
    /// The colours to draw with: [`Rgb888`] for [`Xrgb8888`] and, made wider, for [`Xrgb2101010`]; [`Rgb555`] for
    /// [`Xrgb1555`]; and [`Indexed8`] itself.
    type Color: PixelColor;
}

impl DrawPixel for Xrgb8888 {
    type Color = Rgb888;
}

impl DrawPixel for Xrgb2101010 {
    type Color = Rgb888;
}

impl DrawPixel for Xrgb1555 {
    type Color = Rgb555;
}

impl DrawPixel for Indexed8 {
    type Color = Self;
}

impl From<Rgb888> for Xrgb8888 {
    #[inline]
    fn from(colour: Rgb888) -> Self {
        Self::rgb(colour.r(), colour.g(), colour.b())
    }
}

impl From<Rgb888> for Xrgb2101010 {
    #[inline]
    fn from(colour: Rgb888) -> Self {
        Xrgb8888::from(colour).into()
    }
}

impl From<Rgb555> for Xrgb1555 {
    #[inline]
    fn from(colour: Rgb555) -> Self {
        Self::rgb(colour.r(), colour.g(), colour.b())
    }
}

impl PixelColor for Indexed8 {
    type Raw = RawU8;
}

impl From<RawU8> for Indexed8 {
    #[inline]
    fn from(raw: RawU8) -> Self {
        use embedded_graphics_core::prelude::RawData;
        Self(raw.into_inner())
    }
}

impl From<Indexed8> for RawU8 {
    #[inline]
    fn from(pixel: Indexed8) -> Self {
        Self::new(pixel.0)
    }
}

impl From<Rectangle> for Rect {
    #[inline]
    fn from(Rectangle { top_left, size }: Rectangle) -> Self {
        Self::new(top_left.x, top_left.y, size.width, size.height)
    }
}

impl<P: Pixel> OriginDimensions for Framebuffer<'_, P> {
    fn size(&self) -> Size {
        Size::new(self.width(), self.height())
    }
}

/// Draws what lies within. Nothing is ever read.
impl<P: DrawPixel> DrawTarget for Framebuffer<'_, P> {
    type Color = P::Color;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = embedded_graphics_core::Pixel<P::Color>>,
    {
        for embedded_graphics_core::Pixel(point, colour) in pixels {
            self.put(point.x, point.y, colour.into());
        }
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colours: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = P::Color>,
    {
        let rect = Rect::from(*area);
        let Some(visible) = self.geometry().clip(rect) else { return Ok(()) };
        let left = (visible.x as i64 - i64::from(rect.x)) as usize;
        let above = (visible.y as i64 - i64::from(rect.y)) as usize;
        let width = rect.width as usize;
        let mut pixels = colours.into_iter().map(P::from);
        skip(&mut pixels, above * width + left);
        for y in visible.y..visible.y + visible.height {
            // SAFETY: the row is one of the visible area's.
            unsafe { self.write_row(visible.x, y, visible.width, &mut pixels) };
            skip(&mut pixels, width - visible.width);
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: P::Color) -> Result<(), Infallible> {
        self.fill((*area).into(), colour.into());
        Ok(())
    }

    fn clear(&mut self, colour: P::Color) -> Result<(), Infallible> {
        self.fill(self.bounds(), colour.into());
        Ok(())
    }
}

fn skip(iterator: &mut impl Iterator, count: usize) {
    if let Some(last) = count.checked_sub(1) {
        iterator.nth(last);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Heap;
    use super::*;
    use crate::memory::CacheMode;
    use embedded_graphics_core::Pixel as Dot;
    use embedded_graphics_core::geometry::Point;

    fn rectangle(x: i32, y: i32, width: u32, height: u32) -> Rectangle {
        Rectangle::new(Point::new(x, y), Size::new(width, height))
    }

    /// What is drawn is what `embedded-graphics` draws pixel by pixel where a target does not know better.
    #[test]
    fn rectangles_of_colours_are_drawn_as_their_pixels_would_be() {
        for (x, y) in [(1, 1), (-2, -1), (3, 2), (-9, 0), (0, 9)] {
            for colours in [0, 1, 9, 20, 99] {
                let area = rectangle(x, y, 5, 4);
                let mut heaps = [(); 2].map(|()| Heap::new(6, 5, CacheMode::WriteCombine));
                let [mut fast, mut slow] = heaps.each_mut().map(|heap| heap.framebuffer::<Indexed8>());
                let colours = || (0..colours).map(|index| Indexed8(index + 1));
                let (Ok(()), Ok(())) = (fast.fill_contiguous(&area, colours()), {
                    let points =
                        (0..4).flat_map(|row| (0..5).map(move |column| Point::new(x + column, y + row)));
                    slow.draw_iter(points.zip(colours()).map(|(point, colour)| Dot(point, colour)))
                });
                let all = fast.bounds();
                assert_eq!(fast.read_back().to_vec(all), slow.read_back().to_vec(all), "at {x}, {y}");
            }
        }
    }

    #[test]
    fn colours_become_pixels() {
        let colour = Rgb888::new(1, 2, 0xff);
        assert_eq!(Xrgb8888::from(colour), Xrgb8888(0x0001_02ff));
        assert_eq!(Xrgb2101010::from(colour), Xrgb2101010::rgb(4, 8, 0x3ff));
        assert_eq!(Xrgb1555::from(Rgb555::new(1, 2, 31)), Xrgb1555::rgb(1, 2, 31));
        let mut heap = Heap::new(3, 2, CacheMode::Default);
        let mut screen = heap.framebuffer::<Xrgb1555>();
        let Ok(()) = screen.clear(Rgb555::new(0, 31, 0));
        let Ok(()) = screen.fill_solid(&rectangle(2, -1, 5, 2), Rgb555::new(31, 0, 0));
        let pixels = screen.read_back().to_vec(screen.bounds()).expect("all of it");
        assert_eq!(pixels, [0x3e0, 0x3e0, 0x7c00, 0x3e0, 0x3e0, 0x3e0].map(Xrgb1555));
        assert_eq!(screen.size(), Size::new(3, 2));
    }
}
