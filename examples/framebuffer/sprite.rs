//! What moves on the card: a ball that bounces along its lower edge, and a plot that scrolls.

use super::card;
use super::stopwatch::Stopwatch;
use iokit_uc::Result;
use iokit_uc::memory::{Framebuffer, Rect, Xrgb8888};
use std::f32::consts::PI;

const FRAMES: u32 = 60;
/// One frame in so many leaves its ball where it is.
const LASTING: u32 = 4;
/// The ball's diameter.
const BALL: u32 = 96;
/// How far the plot scrolls with each frame, and the width of what comes in.
const STEP: u32 = 20;

/// Plays all frames.
pub(crate) fn play(screen: &mut Framebuffer<'_, Xrgb8888>, stopwatch: &mut Stopwatch) -> Result<()> {
    let plot = card::plot(screen);
    screen.fill(plot, Xrgb8888::BLACK);
    let mut below = vec![Xrgb8888::BLACK; (BALL * BALL) as usize];
    for frame in 0..FRAMES {
        let newer = Rect { x: plot.x + STEP as i32, width: plot.width - STEP, ..plot };
        stopwatch.time("copy_rect", newer, || screen.copy_rect(newer, plot.x, plot.y));
        let sample = (frame as f32 / FRAMES as f32 * 4.0 * PI).sin();
        let height = ((0.55 + 0.4 * sample) * plot.height as f32) as u32;
        let (right, bottom) = (plot.x + plot.width as i32, plot.y + plot.height as i32);
        let column = Rect::new(right - STEP as i32, plot.y, STEP, plot.height);
        screen.fill(column, Xrgb8888::BLACK);
        let bar = Rect::new(column.x + 2, bottom - height as i32, STEP - 4, height);
        screen.fill(bar, card::hue(frame * 1536 / FRAMES));

        let place = on_its_way(frame, screen.width(), screen.height());
        let stride = BALL as usize;
        stopwatch.time("save", place, || screen.read_back().copy_to_slice(place, &mut below, stride))?;
        let ball = on_top_of(&below);
        stopwatch.time("blit", place, || screen.blit(place, &ball, stride))?;
        if frame % LASTING != LASTING / 2 {
            stopwatch.time("blit", place, || screen.blit(place, &below, stride))?;
        }
    }
    Ok(())
}

/// Where the ball is.
fn on_its_way(frame: u32, width: u32, height: u32) -> Rect {
    let progress = frame as f32 / (FRAMES - 1) as f32;
    let margin = 30.0;
    let x = margin + progress * (width as f32 - BALL as f32 - 2.0 * margin);
    let bounce = (progress * 3.0 * PI).sin().abs() * 50.0;
    Rect::new(x as i32, (height as f32 - BALL as f32 - margin - bounce) as i32, BALL, BALL)
}

/// A ball, lit from the upper left, before what is below it.
fn on_top_of(below: &[Xrgb8888]) -> Vec<Xrgb8888> {
    let radius = BALL as f32 / 2.0;
    let pixel = |(index, &below): (usize, &Xrgb8888)| {
        let [x, y] = [index as u32 % BALL, index as u32 / BALL].map(|at| (at as f32 + 0.5 - radius) / radius);
        let distance = x.hypot(y);
        let light = (1.15 - (x + 0.4).hypot(y + 0.4) * 0.75).clamp(0.0, 1.0);
        // The edge is as soft as a pixel is wide.
        let cover = ((1.0 - distance) * radius).clamp(0.0, 1.0);
        let [red, green, blue] = <[u8; 3]>::from(below).map(f32::from);
        let shine = ((light - 0.8) * 5.0).clamp(0.0, 1.0) * 200.0;
        let mix = |back: f32, front: f32| (back + (front.min(255.0) - back) * cover) as u8;
        Xrgb8888::rgb(
            mix(red, 255.0 * light),
            mix(green, 120.0 * light + shine * 0.7),
            mix(blue, 40.0 * light + shine),
        )
    };
    below.iter().enumerate().map(pixel).collect()
}
