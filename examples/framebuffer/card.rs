//! The test card.

use super::stopwatch::Stopwatch;
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_10X20;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::{Circle, Line, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};
use iokit_uc::Result;
use iokit_uc::memory::{Framebuffer, Geometry, Rect, Xrgb8888};

type Screen<'m> = Framebuffer<'m, Xrgb8888>;

/// The side of a square of the grid. All else keeps to it.
const CELL: u32 = 60;
const BACKGROUND: Xrgb8888 = Xrgb8888(0x26_2e3b);
const GRID: Xrgb8888 = Xrgb8888(0x4c_5a6e);

/// The panel amid the screen, 20 × 12 cells, and its parts, of which the last one is for the [plot](super::sprite).
const PANEL: (u32, u32) = (20 * CELL, 12 * CELL);
const BARS: u32 = 4 * CELL;
const RAMPS: u32 = 3 * CELL;
const TITLE: u32 = 2 * CELL;

/// White, yellow, cyan, green, magenta, red, blue, black.
const BAR_COLOURS: [Xrgb8888; 8] = [
    Xrgb8888::WHITE,
    Xrgb8888(0xf5_d90a),
    Xrgb8888(0x1f_c8de),
    Xrgb8888(0x2f_b457),
    Xrgb8888(0xc6_3fc0),
    Xrgb8888(0xd8_3a34),
    Xrgb8888(0x2f_55d4),
    Xrgb8888::BLACK,
];

/// Whether there is room for the card.
pub(crate) fn fits(Geometry { width, height, .. }: Geometry) -> bool {
    width >= PANEL.0 + 12 * CELL && height >= PANEL.1 + 6 * CELL
}

/// Draws the card.
pub(crate) fn draw(screen: &mut Screen<'_>, stopwatch: &mut Stopwatch) -> Result<()> {
    let (width, height) = (screen.width(), screen.height());
    // What nobody has accessed yet, the system has first to find memory for.
    stopwatch.time("first touch", screen.bounds(), || screen.fill(screen.bounds(), Xrgb8888::BLACK));
    stopwatch.time("fill", screen.bounds(), || screen.fill(screen.bounds(), BACKGROUND));
    stopwatch.time("grid", None, || grid(screen));
    stopwatch.time("shapes", None, || shapes(screen));

    let mut panel = screen.view_mut(panel(screen))?;
    stopwatch.time("bars", Rect::new(0, 0, PANEL.0, BARS), || bars(&mut panel));
    let mut ramps = panel.view_mut(Rect::new(0, BARS as i32, PANEL.0, RAMPS))?;
    stopwatch.time("gradients", ramps.bounds(), || gradients(&mut ramps))?;
    let mut title = panel.view_mut(Rect::new(0, (BARS + RAMPS) as i32, PANEL.0, TITLE))?;
    stopwatch.time("text", None, || text(&mut title, &format!("{width} × {height}")));
    Ok(())
}

fn panel(screen: &Screen<'_>) -> Rect {
    let (left, top) = ((screen.width() - PANEL.0) / 2, (screen.height() - PANEL.1) / 2);
    Rect::new(left as i32, top as i32, PANEL.0, PANEL.1)
}

/// The part of the panel in which a plot scrolls.
pub(crate) fn plot(screen: &Screen<'_>) -> Rect {
    let Rect { x, y, width, height } = panel(screen);
    let above = BARS + RAMPS + TITLE;
    Rect::new(x, y + above as i32, width, height - above)
}

/// Lines by rectangles that are as thin, and a frame that tells whether anything is cut off.
fn grid(screen: &mut Screen<'_>) {
    let (width, height) = (screen.width(), screen.height());
    for x in (0..width).step_by(CELL as usize) {
        screen.fill(Rect::new(x as i32 - 1, 0, 2, height), GRID);
    }
    for y in (0..height).step_by(CELL as usize) {
        screen.fill(Rect::new(0, y as i32 - 1, width, 2), GRID);
    }
    let thickness = CELL / 3;
    let colour = |cell| if cell % 2 == 0 { Xrgb8888::WHITE } else { Xrgb8888::BLACK };
    for cell in 0..width.div_ceil(CELL) {
        for y in [0, height - thickness] {
            screen.fill(Rect::new((cell * CELL) as i32, y as i32, CELL, thickness), colour(cell));
        }
    }
    for cell in 0..height.div_ceil(CELL) {
        for x in [0, width - thickness] {
            screen.fill(Rect::new(x as i32, (cell * CELL) as i32, thickness, CELL), colour(cell));
        }
    }
}

/// A large circle behind the panel, and a target in each corner.
fn shapes(screen: &mut Screen<'_>) {
    let cell = CELL as i32;
    let Size { width, height } = screen.size();
    let bright = PrimitiveStyle::with_stroke(Rgb888::new(0xe6, 0xea, 0xf0), 3);
    let Ok(()) =
        Circle::with_center(screen.bounding_box().center(), height - CELL).into_styled(bright).draw(screen);
    for (x, y) in [(3, 4), (-3, 4), (3, -5), (-3, -5)] {
        let centre = Point::new((x * cell).rem_euclid(width as i32), (y * cell).rem_euclid(height as i32));
        for (radius, colour) in [(2 * CELL, 0x3c_4a5f), (CELL * 4 / 3, 0xd8_3a34), (CELL * 2 / 3, 0xf5_d90a)]
        {
            let [red, green, blue] = Xrgb8888(colour).into();
            let style = PrimitiveStyle::with_fill(Rgb888::new(red, green, blue));
            let Ok(()) = Circle::with_center(centre, 2 * radius).into_styled(style).draw(screen);
            let Ok(()) = Circle::with_center(centre, 2 * radius).into_styled(bright).draw(screen);
        }
        for arm in [Point::new(2 * cell, 0), Point::new(0, 2 * cell)] {
            let Ok(()) = Line::new(centre - arm, centre + arm).into_styled(bright).draw(screen);
        }
    }
}

fn bars(panel: &mut Screen<'_>) {
    let width = panel.width() / BAR_COLOURS.len() as u32;
    for (index, colour) in BAR_COLOURS.into_iter().enumerate() {
        panel.fill(Rect::new((index as u32 * width) as i32, 0, width, BARS), colour);
    }
}

/// Grey, red, green, blue, and all hues: a row each, as often as there are rows.
fn gradients(ramps: &mut Screen<'_>) -> Result<()> {
    let width = ramps.width();
    let level = |x: u32| (x * 255 / (width - 1)) as u8;
    let colours: [&dyn Fn(u32) -> Xrgb8888; 5] = [
        &|x| Xrgb8888::rgb(level(x), level(x), level(x)),
        &|x| Xrgb8888::rgb(level(x), 0, 0),
        &|x| Xrgb8888::rgb(0, level(x), 0),
        &|x| Xrgb8888::rgb(0, 0, level(x)),
        &|x| hue(x * 1536 / width),
    ];
    let mut rows = ramps.rows_mut();
    let height = rows.len() / colours.len();
    for colour in colours {
        let ramp: Vec<_> = (0..width).map(colour).collect();
        for mut row in rows.by_ref().take(height) {
            row.copy_from_slice(&ramp)?;
        }
    }
    Ok(())
}

/// The colour at a place on the wheel, which has 1536.
pub(crate) fn hue(place: u32) -> Xrgb8888 {
    let rising = (place % 256) as u8;
    match place / 256 % 6 {
        0 => Xrgb8888::rgb(255, rising, 0),
        1 => Xrgb8888::rgb(255 - rising, 255, 0),
        2 => Xrgb8888::rgb(0, 255, rising),
        3 => Xrgb8888::rgb(0, 255 - rising, 255),
        4 => Xrgb8888::rgb(rising, 0, 255),
        _ => Xrgb8888::rgb(255, 0, 255 - rising),
    }
}

fn text(title: &mut Screen<'_>, size: &str) {
    title.fill(title.bounds(), Xrgb8888::BLACK);
    let white = MonoTextStyle::new(&FONT_10X20, Rgb888::WHITE);
    let grey = MonoTextStyle::new(&FONT_10X20, Rgb888::new(0xa8, 0xb4, 0xc4));
    let (width, middle) = (title.width() as i32, title.height() as i32 / 2);
    let left = TextStyleBuilder::new().baseline(Baseline::Middle).build();
    let right = TextStyleBuilder::new().baseline(Baseline::Middle).alignment(Alignment::Right).build();

    let mut large = Magnified { target: title, scale: 4 };
    let Ok(()) =
        Text::with_text_style("iokit-uc", Point::new(10, middle / 4), white, left).draw(&mut large).map(drop);
    let mut medium = Magnified { target: title, scale: 2 };
    let lines = format!("{size}\nmapped, drawn, read back");
    let place = Point::new(width / 2 - 20, middle / 2);
    let Ok(()) = Text::with_text_style(&lines, place, grey, right).draw(&mut medium).map(drop);
}

/// Something to draw on, with pixels `scale` times as large.
struct Magnified<'a, T> {
    target: &'a mut T,
    scale: u32,
}

impl<T: DrawTarget> Dimensions for Magnified<'_, T> {
    fn bounding_box(&self) -> Rectangle {
        let Rectangle { top_left, size } = self.target.bounding_box();
        Rectangle::new(top_left / self.scale as i32, size / self.scale)
    }
}

impl<T: DrawTarget> DrawTarget for Magnified<'_, T> {
    type Color = T::Color;
    type Error = T::Error;

    fn draw_iter<I: IntoIterator<Item = Pixel<T::Color>>>(&mut self, pixels: I) -> Result<(), T::Error> {
        for Pixel(place, colour) in pixels {
            let square = Rectangle::new(place * self.scale as i32, Size::new_equal(self.scale));
            self.target.fill_solid(&square, colour)?;
        }
        Ok(())
    }
}
