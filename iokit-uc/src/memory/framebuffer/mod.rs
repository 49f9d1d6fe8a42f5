//! Framebuffers: pixels in mapped memory.

#[cfg(feature = "embedded-graphics")]
mod embedded_graphics;
mod format;
#[allow(clippy::module_inception, reason = "the room is named after its main piece")]
mod framebuffer;
mod geometry;
mod palette;
mod pixel;
mod raster;
mod rect;
#[cfg(test)]
mod tests;
mod view;

#[cfg(feature = "embedded-graphics")]
pub use embedded_graphics::DrawPixel;
pub use format::{PixelFormat, PixelInformation};
pub use framebuffer::{Framebuffer, RowsMut};
pub use geometry::Geometry;
pub use palette::Palette;
pub use pixel::{Indexed8, Pixel, Xrgb1555, Xrgb8888, Xrgb2101010};
pub use rect::Rect;
pub use view::{FramebufferView, Rows};
