//! What is read back is not drawn on.

use iokit_uc::memory::{Framebuffer, FramebufferView, Rect, Xrgb8888};

fn draw(view: FramebufferView<'_, Xrgb8888>) {
    view.fill(Rect::new(0, 0, 1, 1), Xrgb8888::WHITE);
}

fn convert(view: FramebufferView<'_, Xrgb8888>) -> Framebuffer<'_, Xrgb8888> {
    view
}

fn main() {
    let _ = (draw, convert);
}
