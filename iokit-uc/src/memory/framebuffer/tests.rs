//! Drawing, held against a plain vector of pixels that is drawn on one by one.

use super::*;
use crate::error::{IoReturn, Result};
use crate::memory::CacheMode;
use crate::memory::shared::tests::{CACHE_MODES, Memory};

/// What no drawing may touch: before the first pixel, between rows, and after the last pixel.
const GUARD: u8 = 0xa5;
/// Bytes before the first pixel.
const BEFORE: usize = 8;

/// Memory as if it were mapped, with room for pixels of any format.
pub(super) struct Heap {
    memory: Memory,
    width: u32,
    height: u32,
    cache: CacheMode,
}

impl Heap {
    pub(super) fn new(width: u32, height: u32, cache: CacheMode) -> Self {
        let memory = Memory::new(BEFORE + (width as usize + 3) * height as usize * 4 + 8, GUARD);
        Self { memory, width, height, cache }
    }

    fn geometry<P>(&self) -> Geometry {
        Geometry {
            width: self.width,
            height: self.height,
            stride: (self.width as usize + 3) * size_of::<P>(),
        }
    }

    fn length<P>(&self) -> usize {
        let Geometry { width, height, stride } = self.geometry::<P>();
        stride * (height as usize - 1) + width as usize * size_of::<P>()
    }

    /// All black.
    pub(super) fn framebuffer<P: Pixel>(&mut self) -> Framebuffer<'_, P> {
        let mut framebuffer = self.again();
        framebuffer.fill(framebuffer.bounds(), P::zeroed());
        framebuffer
    }

    fn again<P: Pixel>(&mut self) -> Framebuffer<'_, P> {
        let (geometry, length) = (self.geometry::<P>(), self.length::<P>());
        Framebuffer::new(self.memory.slice(BEFORE, length, self.cache), geometry).expect("it fits exactly")
    }

    /// Whether nothing but pixels was written.
    fn guards_are_whole<P>(&mut self) -> bool {
        let Geometry { width, stride, .. } = self.geometry::<P>();
        let (row, length) = (width as usize * size_of::<P>(), self.length::<P>());
        let is_pixel = |at: usize| at >= BEFORE && at < BEFORE + length && (at - BEFORE) % stride < row;
        let mut bytes = self.memory.bytes().into_iter().enumerate();
        bytes.all(|(at, byte)| is_pixel(at) || byte == GUARD)
    }
}

struct Model<P> {
    width: i64,
    height: i64,
    pixels: Vec<P>,
}

impl<P: Pixel> Model<P> {
    fn index(&self, x: i64, y: i64) -> Option<usize> {
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        inside.then_some((y * self.width + x) as usize)
    }

    fn draw(&mut self, rect: Rect, mut pixel: impl FnMut(usize, usize) -> P) {
        for row in 0..rect.height as usize {
            for column in 0..rect.width as usize {
                let at = self.index(i64::from(rect.x) + column as i64, i64::from(rect.y) + row as i64);
                if let Some(at) = at {
                    self.pixels[at] = pixel(column, row);
                }
            }
        }
    }

    fn copy_rect(&mut self, from: Rect, x: i32, y: i32) {
        let before = Model { pixels: self.pixels.clone(), ..*self };
        for row in 0..i64::from(from.height) {
            for column in 0..i64::from(from.width) {
                let source = before.index(i64::from(from.x) + column, i64::from(from.y) + row);
                let target = self.index(i64::from(x) + column, i64::from(y) + row);
                if let (Some(source), Some(target)) = (source, target) {
                    self.pixels[target] = before.pixels[source];
                }
            }
        }
    }
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u32) -> u32 {
        (self.roll() >> 33) as u32 % limit
    }

    /// Mostly within and at times far outside.
    fn coordinate(&mut self, size: u32) -> i32 {
        match self.below(20) {
            0 => i32::MIN,
            1 => i32::MAX,
            _ => self.below(2 * size) as i32 - size as i32 / 2,
        }
    }

    fn rect(&mut self, width: u32, height: u32) -> Rect {
        let (x, y) = (self.coordinate(width), self.coordinate(height));
        Rect::new(x, y, self.below(width + 4), self.below(height + 4))
    }

    fn pixel<P: Pixel>(&mut self) -> P {
        bytemuck::pod_read_unaligned(&self.roll().to_ne_bytes()[..size_of::<P>()])
    }

    fn pixels<P: Pixel>(&mut self, count: usize) -> Vec<P> {
        (0..count).map(|_| self.pixel()).collect()
    }
}

fn drawn_as_by_the_model<P: Pixel>(cache: CacheMode, width: u32, height: u32) {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ u64::from(width));
    let mut heap = Heap::new(width, height, cache);
    heap.framebuffer::<P>();
    let mut model = Model {
        width: width.into(),
        height: height.into(),
        pixels: vec![P::zeroed(); (width * height) as usize],
    };
    for round in 0..if cfg!(miri) { 12 } else { 300 } {
        let mut framebuffer = heap.again::<P>();
        let rect = dice.rect(width, height);
        let operation = round % 6;
        match operation {
            0 => {
                let pixel = dice.pixel();
                framebuffer.fill(rect, pixel);
                model.draw(rect, |_, _| pixel);
            }
            1 | 2 => {
                let stride = rect.width as usize + dice.below(3) as usize;
                let pixels = dice.pixels(stride * rect.height as usize);
                if operation == 1 {
                    framebuffer.blit(rect, &pixels, stride).expect("long enough");
                } else {
                    framebuffer.blit_with(rect, &pixels, stride, |pixel: P| pixel).expect("long enough");
                }
                model.draw(rect, |column, row| pixels[row * stride + column]);
            }
            3 => {
                let (x, y) = (dice.coordinate(width), dice.coordinate(height));
                framebuffer.copy_rect(rect, x, y);
                model.copy_rect(rect, x, y);
            }
            4 => {
                let (row, pixel) = (dice.below(height), dice.pixel());
                framebuffer.rows_mut().nth(row as usize).expect("one of the rows").fill(pixel);
                model.draw(Rect::new(0, row as i32, width, 1), |_, _| pixel);
            }
            _ => {
                let pixel = dice.pixel();
                framebuffer.put(rect.x, rect.y, pixel);
                model.draw(Rect { width: 1, height: 1, ..rect }, |_, _| pixel);
            }
        }
        let drawn = framebuffer.read_back().to_vec(framebuffer.bounds()).expect("all of it");
        assert_eq!(drawn, model.pixels, "{cache:?}, {width} × {height}, round {round}, {rect:?}");
        let rows: Vec<P> = framebuffer.read_back().rows().flat_map(|row| row.to_vec()).collect();
        assert_eq!(rows, drawn);
        assert!(heap.guards_are_whole::<P>(), "{cache:?}, {width} × {height}, round {round}, {rect:?}");
    }
}

#[test]
fn every_format_is_drawn_as_by_the_model_in_every_cache_mode() {
    let sizes: &[(u32, u32)] = if cfg!(miri) { &[(5, 4)] } else { &[(1, 1), (13, 9), (40, 3)] };
    for cache in CACHE_MODES {
        for &(width, height) in sizes {
            drawn_as_by_the_model::<Xrgb8888>(cache, width, height);
            drawn_as_by_the_model::<Xrgb2101010>(cache, width, height);
            drawn_as_by_the_model::<Xrgb1555>(cache, width, height);
            drawn_as_by_the_model::<Indexed8>(cache, width, height);
        }
    }
}

#[test]
fn rows_without_gaps_are_drawn_as_one() {
    let (width, height) = if cfg!(miri) { (8, 6) } else { (80, 60) };
    let geometry = Geometry { width, height, stride: width as usize * 2 };
    for cache in CACHE_MODES {
        let mut memory = Memory::new(geometry.stride * height as usize, 0);
        let slice = memory.slice(0, geometry.stride * height as usize, cache);
        let mut framebuffer = Framebuffer::<Xrgb1555>::new(slice, geometry).expect("it fits");
        let pixels: Vec<_> = (0..(width * height) as u16).map(Xrgb1555).collect();
        framebuffer.blit(framebuffer.bounds(), &pixels, width as usize).expect("long enough");
        assert_eq!(framebuffer.read_back().to_vec(framebuffer.bounds()), Ok(pixels.clone()));
        framebuffer.fill(Rect::new(-1, 2, width + 2, 2), Xrgb1555::WHITE);
        let mut expected = pixels.clone();
        expected[2 * width as usize..4 * width as usize].fill(Xrgb1555::WHITE);
        assert_eq!(framebuffer.read_back().to_vec(framebuffer.bounds()), Ok(expected));
    }
}

#[test]
fn a_part_has_its_own_origin_and_the_same_memory() {
    let mut heap = Heap::new(10, 8, CacheMode::WriteCombine);
    let mut framebuffer = heap.framebuffer::<Xrgb1555>();
    let mut part = framebuffer.view_mut(Rect::new(2, 3, 4, 2)).expect("within");
    assert_eq!(part.bounds(), Rect::new(0, 0, 4, 2));
    part.fill(Rect::new(-5, 1, 100, 100), Xrgb1555::WHITE);
    part.view_mut(Rect::new(3, 0, 1, 1)).expect("within").put(0, 0, Xrgb1555(7));
    let view = framebuffer.read_back();
    assert_eq!(view.to_vec(Rect::new(1, 3, 6, 3)).expect("within"), {
        let mut expected = [Xrgb1555::BLACK; 18];
        expected[7..11].fill(Xrgb1555::WHITE);
        expected[4] = Xrgb1555(7);
        expected
    });
    let inner = view.view(Rect::new(5, 3, 1, 2)).expect("within");
    assert_eq!(
        [inner.get(0, 0), inner.get(0, 1), inner.get(1, 0)],
        [Some(Xrgb1555(7)), Some(Xrgb1555::WHITE), None]
    );
    let mut pixels = [Xrgb1555::BLACK; 4];
    inner.copy_to_slice(Rect::new(0, 0, 1, 2), &mut pixels, 3).expect("long enough");
    assert_eq!(pixels.map(|pixel| pixel.0), [7, 0, 0, 0x7fff]);
}

#[test]
fn pixels_of_another_format_are_converted() {
    let mut heap = Heap::new(300, 2, CacheMode::Default);
    let mut framebuffer = heap.framebuffer::<Xrgb8888>();
    let pixels: Vec<_> = (0..600).map(Xrgb1555).collect();
    framebuffer.blit_from(framebuffer.bounds(), &pixels, 300).expect("long enough");
    let expected: Vec<_> = pixels.into_iter().map(Xrgb8888::from).collect();
    assert_eq!(framebuffer.read_back().to_vec(framebuffer.bounds()), Ok(expected));
    framebuffer.blit_from(Rect::new(0, 0, 1, 1), &[[1, 2, 3]], 1).expect("long enough");
    assert_eq!(framebuffer.read_back().get(0, 0), Some(Xrgb8888(0x01_0203)));
}

fn figures<T>(result: Result<T>) -> String {
    let error = result.err().expect("it does not fit");
    assert_eq!(error.code(), IoReturn::BAD_ARGUMENT);
    error.to_string().replace("kIOReturnBadArgument (0xe00002c2, -536870206): invalid argument; ", "")
}

#[test]
fn a_geometry_that_does_not_fit_is_an_error_with_the_figures() {
    let mut memory = Memory::new(4096, 0);
    let address = memory.base().addr().get();
    let mut error = |offset, length, width, height, stride| {
        let slice = memory.slice(offset, length, CacheMode::Default);
        figures(Framebuffer::<Xrgb8888>::new(slice, Geometry { width, height, stride }))
    };
    let errors = [
        error(0, 4096, 0, 4, 64),
        error(0, 4096, 4, 0, 64),
        error(2, 4000, 4, 4, 64),
        error(0, 4096, 4, 4, 66),
        error(0, 4096, 17, 4, 64),
        error(0, 4096, 0x4000_0001, 1, 4),
        error(0, 255, 16, 4, 64),
        error(0, 4096, 16, u32::MAX, 64),
        error(0, 4096, 16, u32::MAX, usize::MAX - 3),
    ];
    let misaligned =
        format!("address {:#x} and stride 64 must be multiples of a pixel's 4 bytes", address + 2);
    let odd = format!("address {address:#x} and stride 66 must be multiples of a pixel's 4 bytes");
    let expected = [
        "a framebuffer of 0 × 4 pixels has none",
        "a framebuffer of 4 × 0 pixels has none",
        &misaligned,
        &odd,
        "a row of 17 pixels has 68 bytes, the stride is 64",
        "a row of 1073741825 pixels has 4294967300 bytes, the stride is 4",
        "4 rows, 64 bytes apart, of 16 pixels take 256 bytes, there are 255",
        "4294967295 rows, 64 bytes apart, of 16 pixels take 274877906880 bytes, there are 4096",
        "4294967295 rows, 18446744073709551612 bytes apart, take more bytes than can be told",
    ];
    assert_eq!(errors, expected.map(|figures| format!("Framebuffer::new: {figures}")));
}

#[test]
fn the_last_row_may_end_with_its_last_pixel() {
    let mut memory = Memory::new(64, 0);
    let geometry = Geometry { width: 3, height: 2, stride: 32 };
    let mut new = |length| {
        let slice = memory.slice(0, length, CacheMode::Default);
        Framebuffer::<Xrgb8888>::new(slice, geometry).map(|framebuffer| framebuffer.geometry())
    };
    assert_eq!(new(44), Ok(geometry));
    assert!(new(43).is_err());
}

#[test]
fn a_source_too_short_and_a_part_outside_are_errors_with_the_figures() {
    let mut heap = Heap::new(10, 8, CacheMode::Default);
    let mut framebuffer = heap.framebuffer::<Indexed8>();
    let pixels = [Indexed8(1); 12];
    let outside = Rect::new(100, 100, 4, 3);
    framebuffer.blit(outside, &pixels, 4).expect("long enough, and all clipped");
    framebuffer.blit(Rect::new(0, 0, 2, 3), &pixels, 5).expect("the last row ends with its last pixel");
    framebuffer.blit(Rect::new(0, 0, 0, u32::MAX), &[], 0).expect("nothing");
    framebuffer.blit(Rect::new(0, 0, u32::MAX, 0), &[], usize::MAX).expect("nothing");
    let errors = [
        figures(framebuffer.blit(outside, &pixels[..11], 4)),
        figures(framebuffer.blit(Rect::new(0, 0, 4, 3), &pixels, 3)),
        figures(framebuffer.blit_from(Rect::new(0, 0, 2, 3), &pixels, usize::MAX)),
        figures(framebuffer.view_mut(Rect::new(7, 0, 4, 3))),
        figures(framebuffer.view_mut(Rect::new(7, 0, 0, 3))),
        figures(framebuffer.read_back().view(Rect::new(-1, 0, 4, 3))),
        figures(framebuffer.read_back().to_vec(Rect::new(0, 6, 4, 3))),
        figures(framebuffer.read_back().copy_to_slice(Rect::new(0, 0, 4, 3), &mut [Indexed8(0); 11], 4)),
    ];
    let expected = [
        "Framebuffer::blit: 11 pixels do not hold 3 rows of 4 that are 4 pixels apart",
        "Framebuffer::blit: 12 pixels do not hold 3 rows of 4 that are 3 pixels apart",
        "Framebuffer::blit_with: 12 pixels do not hold 3 rows of 2 that are 18446744073709551615 pixels apart",
        "Framebuffer::view_mut: 4 × 3 pixels at 7, 0 do not lie within 10 × 8, or are none",
        "Framebuffer::view_mut: 0 × 3 pixels at 7, 0 do not lie within 10 × 8, or are none",
        "FramebufferView::view: 4 × 3 pixels at -1, 0 do not lie within 10 × 8, or are none",
        "FramebufferView::to_vec: 4 × 3 pixels at 0, 6 do not lie within 10 × 8, or are none",
        "FramebufferView::copy_to_slice: 11 pixels do not hold 3 rows of 4 that are 4 pixels apart",
    ];
    assert_eq!(errors, expected);
}
