//! A test card, drawn in a display's memory.
//!
//! ```text
//! cargo run --release --example framebuffer              on a simulated kernel, with a display of 1920 × 1080 pixels
//! cargo run --release --example framebuffer -- card.png  into another file than framebuffer.png
//! cargo run --release --example framebuffer -- --host    on this Mac, with such a driver loaded
//! ```
//!
//! The driver says what its pixels look like and maps them; from then on drawing makes no calls. `card.rs` draws: by
//! whole rectangles, by rows, by copying, and, for shapes and text, by the crate `embedded-graphics`, which draws in a
//! [`Framebuffer`] as in any display. Then the picture is read back, written to a file, and compared with what the driver
//! sees.

mod card;
#[path = "../cli.rs"]
mod cli;
pub(crate) mod display;
pub(crate) mod driver;
mod sprite;
mod stopwatch;

use cli::{Failure, Place, Program};
use display::{Display, DisplayClient, checksum};
use iokit_uc::memory::{Framebuffer, PixelFormat, Xrgb8888};
use iokit_uc::{Kernel, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use stopwatch::Stopwatch;

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: framebuffer [--machine | --host] [FILE]

  --machine  draw on a simulated display (default)
  --host     draw on a display of this Mac, whose driver has the same interface
  FILE       the picture to write (default: framebuffer.png)
",
    flags: &[],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let file = match *words {
        [] => Path::new("framebuffer.png"),
        [file] => Path::new(file),
        [_, word, ..] => return Err(Failure::Usage(format!("unexpected argument `{word}`"))),
    };
    match place {
        Place::Host => draw(&Kernel::host()?, file, out)?,
        Place::Machine => {
            let machine = driver::machine()?;
            draw(&machine.task("framebuffer").kernel(), file, out)?;
            machine.assert_clean();
        }
    }
    Ok(())
}

fn draw(kernel: &Kernel, file: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let display = DisplayClient::open_first(kernel)?;
    let pixels = display.pixel_information()?;
    if pixels.format()? != PixelFormat::Xrgb8888 {
        return Err(format!("the display has {} pixels", pixels.format()?.encoding()).into());
    }
    let geometry = pixels.geometry();
    if !card::fits(geometry) {
        return Err(
            format!("{} × {} pixels are too few for the card", geometry.width, geometry.height).into()
        );
    }
    let (width, height) = (geometry.width, geometry.height);
    let mut vram = display.vram()?;
    let (size, cache) = (vram.size(), vram.cache_mode());
    writeln!(
        out,
        "{width} × {height} pixels, {} bytes a row, {size} bytes mapped: {cache:?}",
        geometry.stride
    )?;

    let mut stopwatch = Stopwatch::default();
    let mut screen = Framebuffer::<Xrgb8888>::new(vram.slice_mut(), geometry)?;
    card::draw(&mut screen, &mut stopwatch)?;
    sprite::play(&mut screen, &mut stopwatch)?;

    let seen = screen.read_back();
    let (bounds, stride) = (screen.bounds(), width as usize);
    let mut pixels = vec![Xrgb8888::BLACK; stride * height as usize];
    stopwatch.time("read back", bounds, || seen.copy_to_slice(bounds, &mut pixels, stride))?;
    let bytes = stopwatch.time("PNG", None, || write_png(file, width, height, &pixels))?;
    write!(out, "{stopwatch}")?;

    if display.checksum()? != checksum(seen) {
        return Err("the driver sees another picture".into());
    }
    writeln!(out, "the driver sees the same picture: {} has {bytes} bytes", file.display())?;
    Ok(())
}

/// Writes the pixels to a file, and returns its size.
fn write_png(file: &Path, width: u32, height: u32, pixels: &[Xrgb8888]) -> Result<u64, Failure> {
    let cannot = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let mut to = File::create(file).map_err(|error| cannot(&error))?;
    let mut encoder = png::Encoder::new(BufWriter::new(&mut to), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| <[u8; 3]>::from(*pixel)).collect();
    let mut writer = encoder.write_header().map_err(|error| cannot(&error))?;
    writer.write_image_data(&bytes).and_then(|()| writer.finish()).map_err(|error| cannot(&error))?;
    Ok(to.metadata()?.len())
}
