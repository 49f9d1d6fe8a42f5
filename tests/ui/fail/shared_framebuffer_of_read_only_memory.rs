//! Read-only memory is not drawn on.

use iokit_uc::memory::{Framebuffer, Geometry, Xrgb8888};
use iokit_uc::{Mapping, ReadOnlyAccess, Result};

fn draw(mut mapping: Mapping<[u8], ReadOnlyAccess>, geometry: Geometry) -> Result<()> {
    let mut screen = Framebuffer::<Xrgb8888>::new(mapping.slice_mut(), geometry)?;
    screen.put(0, 0, Xrgb8888::WHITE);
    Ok(())
}

fn main() {
    let _ = draw;
}
