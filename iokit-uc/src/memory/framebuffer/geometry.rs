//! How pixels lie in memory, and which of a rectangle's are among them.

use super::rect::Rect;
use crate::error::Result;
use crate::memory::shared::bad_argument;

/// How pixels lie in memory: as `IOPixelInformation` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Geometry {
    /// `activeWidth`: pixels of a row.
    #[doc(alias = "activeWidth")]
    pub width: u32,
    /// `activeHeight`: rows.
    #[doc(alias = "activeHeight")]
    pub height: u32,
    /// `bytesPerRow`: bytes from where a row begins to where the next one begins.
    #[doc(alias = "bytesPerRow")]
    pub stride: usize,
}

/// Pixels that lie within a geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Geometry {
    /// Whether `length` bytes at `address` hold such pixels, of `size` bytes each.
    pub(super) fn check(&self, address: usize, length: usize, size: usize) -> Result<()> {
        let &Self { width, height, stride } = self;
        let fail = |figures| Err(bad_argument("Framebuffer::new", figures));
        if width == 0 || height == 0 {
            return fail(format!("a framebuffer of {width} × {height} pixels has none"));
        }
        if !address.is_multiple_of(size) || !stride.is_multiple_of(size) {
            let figures = format!(
                "address {address:#x} and stride {stride} must be multiples of a pixel's {size} bytes"
            );
            return fail(figures);
        }
        let row = u64::from(width) * size as u64;
        if (stride as u64) < row {
            return fail(format!("a row of {width} pixels has {row} bytes, the stride is {stride}"));
        }
        // The last row may end with its last pixel.
        match (stride as u64).checked_mul(u64::from(height) - 1).and_then(|rows| rows.checked_add(row)) {
            Some(needed) if needed <= length as u64 => Ok(()),
            Some(needed) => {
                let figures = format!(
                    "{height} rows, {stride} bytes apart, of {width} pixels take {needed} bytes, there are {length}",
                );
                fail(figures)
            }
            None => {
                let figures =
                    format!("{height} rows, {stride} bytes apart, take more bytes than can be told");
                fail(figures)
            }
        }
    }

    /// The part of a rectangle that lies within.
    #[inline]
    pub(super) fn clip(&self, rect: Rect) -> Option<Area> {
        self.clip_at(i64::from(rect.x), i64::from(rect.y), rect.width as usize, rect.height as usize)
    }

    /// The part of `width` × `height` pixels at `x`, `y` that lies within.
    #[inline]
    pub(super) fn clip_at(&self, x: i64, y: i64, width: usize, height: usize) -> Option<Area> {
        let (x, width) = overlap(x, width, self.width)?;
        let (y, height) = overlap(y, height, self.height)?;
        Some(Area { x, y, width, height })
    }

    /// The rectangle, which must have pixels and lie within.
    pub(super) fn within(&self, function: &'static str, rect: Rect) -> Result<Area> {
        let whole = |area: &Area| area.width == rect.width as usize && area.height == rect.height as usize;
        self.clip(rect).filter(whole).ok_or_else(|| {
            let Rect { x, y, width, height } = rect;
            let within = format!("{} × {}", self.width, self.height);
            let figures =
                format!("{width} × {height} pixels at {x}, {y} do not lie within {within}, or are none");
            bad_argument(function, figures)
        })
    }
}

/// What `length` numbers from `start` on have in common with those below `limit`: the first, and how many.
#[inline]
fn overlap(start: i64, length: usize, limit: u32) -> Option<(usize, usize)> {
    let end = start.saturating_add(length as i64).min(i64::from(limit));
    let start = start.max(0);
    (start < end).then(|| (start as usize, (end - start) as usize))
}

/// Fails unless `length` pixels hold `height` rows of `width`, `stride` apart; the last may end with its last pixel.
#[inline]
pub(super) fn check_rows(
    function: &'static str,
    width: usize,
    height: usize,
    stride: usize,
    length: usize,
) -> Result<()> {
    let needed = match height.checked_sub(1) {
        Some(gaps) if width > 0 => gaps.checked_mul(stride).and_then(|gaps| gaps.checked_add(width)),
        _ => Some(0),
    };
    if stride >= width && needed.is_some_and(|needed| needed <= length) {
        Ok(())
    } else {
        let given = format!("{length} pixels do not hold {height} rows of {width}");
        Err(bad_argument(function, format!("{given} that are {stride} pixels apart")))
    }
}
