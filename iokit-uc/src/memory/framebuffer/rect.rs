/// A rectangle of pixels. It may lie outside of what is drawn on, and begin left of it or above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left edge; may be negative.
    pub x: i32,
    /// The upper edge; may be negative.
    pub y: i32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Rect {
    /// The rectangle whose upper left pixel is at `x`, `y`.
    pub const fn new(x: i32, y: i32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }
}
